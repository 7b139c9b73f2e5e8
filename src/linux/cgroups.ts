/**
 * Control groups, versions 1 and 2, behind one interface (cgroups(7)). Paths are below the mounted hierarchy, e.g.
 * `/kubepods/burstable/pod1`.
 */

import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { listMounts, type MountPoint } from './mounts.ts'

/** What one cgroup is set to. Absent: left as the kernel has it. */
export interface CgroupLimits {
  /** Relative weight in version 1's scale: 1024 is one CPU's worth. */
  readonly cpuShares?: number
  readonly cpuQuotaUs?: number
  readonly cpuPeriodUs?: number
  readonly memoryBytes?: number
  readonly pids?: number
  /** Bytes of huge pages by size, e.g. `2MB`. Sizes that are not named may not be used at all. */
  readonly hugepages?: ReadonlyMap<string, number>
  /** Version 1 has none of them. */
  readonly unified?: UnifiedFiles
}

/** Contents of further files of a cgroup of version 2, by name. */
export type UnifiedFiles = Readonly<Record<string, string>>

export interface Cgroups {
  readonly version: 1 | 2
  /** Makes the cgroup, with those above it, and sets its limits. */
  ensure(cgroup: string, limits: CgroupLimits): Promise<void>
  /** Sets further files of a cgroup that is there; when it, or a file, is not there, nothing. Version 1 has none of them. */
  setFiles(cgroup: string, files: UnifiedFiles): Promise<void>
  /** Removes the cgroup and those below it; what is still in use stays and is an error. */
  remove(cgroup: string): Promise<void>
  /** The ids of the processes in the cgroup and below. */
  processes(cgroup: string): Promise<readonly number[]>
  /** The contents of a file of the cgroup, of the controller that has it in version 1; `undefined` when there is none. */
  read(cgroup: string, controller: string, file: string): Promise<string | undefined>
  /** Names of the cgroups right below. */
  children(cgroup: string): Promise<readonly string[]>
}

/** What Kubernetes's runtimes use; others are left alone. */
const CONTROLLERS = ['cpu', 'cpuacct', 'cpuset', 'memory', 'pids', 'hugetlb', 'blkio', 'devices', 'freezer']
const VERSION_2_CONTROLLERS = ['cpu', 'cpuset', 'memory', 'pids', 'io', 'hugetlb']

/** Finds out which version manages resources on this machine, by what is mounted. Throws when none does. */
export async function openCgroups(known?: readonly MountPoint[]): Promise<Cgroups> {
  const mounts = known ?? (await listMounts())
  const first = mounts.filter(({ type }) => type === 'cgroup')
  const controllers = new Map<string, string>()
  for (const mount of first) {
    for (const name of controllersOf(mount)) controllers.set(name, mount.path)
  }
  if (controllers.has('memory') || controllers.has('cpu')) return versionOne(controllers)
  const second = mounts.find(({ type }) => type === 'cgroup2')
  if (second === undefined) throw new Error('no cgroup hierarchy is mounted: mount cgroup2 on /sys/fs/cgroup')
  return versionTwo(second.path)
}

const controllersOf = ({ superOptions }: MountPoint) => superOptions.filter((option) => CONTROLLERS.includes(option))

/** Version 2's weight for version 1's shares: 2 to 262144 becomes 1 to 10000. */
export const weightOf = (shares: number): number => Math.max(1, Math.floor(1 + ((shares - 2) * 9999) / 262_142))

/** Version 1's shares for version 2's weight, as near as whole numbers allow. */
export const sharesOf = (weight: number): number => Math.max(2, Math.ceil(2 + ((weight - 1) * 262_142) / 9999))

function versionOne(controllers: ReadonlyMap<string, string>): Cgroups {
  const roots = [...new Set(controllers.values())]
  const folder = (controller: string, cgroup: string) => {
    const root = controllers.get(controller)
    return root === undefined ? undefined : path.join(root, cgroup)
  }
  const set = async (controller: string, cgroup: string, file: string, value: number | undefined) => {
    const at = folder(controller, cgroup)
    if (at !== undefined && value !== undefined) await writeFile(path.join(at, file), String(value))
  }
  return {
    version: 1,
    async ensure(cgroup, limits) {
      for (const root of roots) await mkdir(path.join(root, cgroup), { recursive: true })
      await inheritCpuset(folder('cpuset', ''), cgroup)
      await set('cpu', cgroup, 'cpu.shares', limits.cpuShares)
      await set('cpu', cgroup, 'cpu.cfs_period_us', limits.cpuPeriodUs)
      await set('cpu', cgroup, 'cpu.cfs_quota_us', limits.cpuQuotaUs)
      await set('memory', cgroup, 'memory.limit_in_bytes', limits.memoryBytes)
      await set('pids', cgroup, 'pids.max', limits.pids)
      await limitHugepages(folder('hugetlb', cgroup), limits.hugepages)
    },
    setFiles: async () => {},
    async remove(cgroup) {
      for (const root of roots) await removeTree(path.join(root, cgroup))
    },
    async processes(cgroup) {
      // One that was killed on its way in is in some hierarchies and not in others.
      const all = await Promise.all(roots.map((root) => processesIn(path.join(root, cgroup))))
      return [...new Set(all.flat())]
    },
    async read(cgroup, controller, file) {
      const at = folder(controller, cgroup)
      return at === undefined ? undefined : readIfThere(path.join(at, file))
    },
    async children(cgroup) {
      const at = folder('memory', cgroup) ?? folder('cpu', cgroup)
      return at === undefined ? [] : foldersIn(at)
    },
  }
}

/** A new cpuset cgroup of version 1 has no CPUs, and nothing can enter it before it has its parent's. */
async function inheritCpuset(root: string | undefined, cgroup: string): Promise<void> {
  if (root === undefined) return
  let parent = root
  for (const step of cgroup.split('/').filter((name) => name !== '')) {
    const child = path.join(parent, step)
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if ((await readFile(path.join(child, file), 'utf8')).trim() !== '') continue
      await writeFile(path.join(child, file), await readFile(path.join(parent, file), 'utf8'))
    }
    parent = child
  }
}

function versionTwo(root: string): Cgroups {
  const at = (cgroup: string) => path.join(root, cgroup)
  const set = async (cgroup: string, file: string, value: string | undefined) => {
    if (value !== undefined) await writeFile(path.join(at(cgroup), file), value)
  }
  return {
    version: 2,
    async ensure(cgroup, limits) {
      let parent = root
      for (const step of cgroup.split('/').filter((name) => name !== '')) {
        await enableControllers(parent)
        parent = path.join(parent, step)
        await mkdir(parent, { recursive: true })
      }
      await enableControllers(parent)
      const { cpuShares, cpuQuotaUs, cpuPeriodUs = 100_000, memoryBytes, pids } = limits
      await set(cgroup, 'cpu.weight', cpuShares === undefined ? undefined : String(weightOf(cpuShares)))
      await set(cgroup, 'cpu.max', cpuQuotaUs === undefined ? undefined : `${cpuQuotaUs} ${cpuPeriodUs}`)
      await set(cgroup, 'memory.max', memoryBytes === undefined ? undefined : String(memoryBytes))
      await set(cgroup, 'pids.max', pids === undefined ? undefined : String(pids))
      for (const [file, value] of Object.entries(limits.unified ?? {})) await set(cgroup, file, value)
      await limitHugepages(at(cgroup), limits.hugepages)
    },
    async setFiles(cgroup, files) {
      for (const [file, value] of Object.entries(files))
        await writeFile(path.join(at(cgroup), file), value, { flag: 'r+' }).catch(unlessMissing)
    },
    remove: (cgroup) => removeTree(at(cgroup)),
    processes: (cgroup) => processesIn(at(cgroup)),
    read: (cgroup, _controller, file) => readIfThere(path.join(at(cgroup), file)),
    children: (cgroup) => foldersIn(at(cgroup)),
  }
}

/** Limits of either version, for what is used and, where the kernel has it, what is reserved: `hugetlb.2MB.rsvd.max`. */
const HUGEPAGE_LIMIT = /^hugetlb\.(\d+[KMG]B)(?:\.rsvd)?\.(?:max|limit_in_bytes)$/

/** The kernel shows a file for each size that it has; none where it has no controller for them. */
async function limitHugepages(folder: string | undefined, limits: ReadonlyMap<string, number> | undefined) {
  if (folder === undefined || limits === undefined) return
  for (const file of await readdir(folder)) {
    const size = HUGEPAGE_LIMIT.exec(file)?.[1]
    if (size !== undefined) await writeFile(path.join(folder, file), String(limits.get(size) ?? 0))
  }
}

async function enableControllers(folder: string): Promise<void> {
  const offered = ((await readIfThere(path.join(folder, 'cgroup.controllers'))) ?? '').trim().split(' ')
  const wanted = VERSION_2_CONTROLLERS.filter((name) => offered.includes(name)).map((name) => `+${name}`)
  if (wanted.length === 0) return
  const file = path.join(folder, 'cgroup.subtree_control')
  try {
    await writeFile(file, wanted.join(' '))
  } catch (error) {
    // All or nothing for the kernel; one that cannot be had here must not take the others away.
    const results = await Promise.allSettled(wanted.map((name) => writeFile(file, name)))
    if (results.every(({ status }) => status === 'rejected')) throw error
  }
}

async function removeTree(folder: string): Promise<void> {
  for (const child of await foldersIn(folder)) await removeTree(path.join(folder, child))
  await rmdir(folder).catch(unlessMissing)
}

async function processesIn(folder: string): Promise<readonly number[]> {
  const own = ((await readIfThere(path.join(folder, 'cgroup.procs'))) ?? '').split('\n').filter((line) => line !== '')
  const below = await Promise.all((await foldersIn(folder)).map((child) => processesIn(path.join(folder, child))))
  return [...own.map(Number), ...below.flat()]
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(unlessMissing)
  return (entries ?? []).filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

const readIfThere = (file: string) => readFile(file, 'utf8').catch(unlessMissing)

function unlessMissing(error: unknown): undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'ENOENT' && code !== 'ENODEV') throw error
}
