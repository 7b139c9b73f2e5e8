/**
 * Mounts of this machine: making them, taking them down, and what is mounted where
 * (https://man7.org/linux/man-pages/man8/mount.8.html, https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html).
 */

import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

import { runProgram } from './program.ts'

/** One line of mountinfo. */
export interface MountPoint {
  readonly root: string
  readonly path: string
  readonly options: readonly string[]
  readonly type: string
  readonly source: string
  readonly superOptions: readonly string[]
  /** Whether mounts below it are told to other mount namespaces. */
  readonly isShared: boolean
}

/** mountinfo writes blanks and backslashes as octal. */
const unescape = (text: string) =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

/** The text of /proc/PID/mountinfo as mounts, in the order they were made. */
export function parseMountInfo(text: string): readonly MountPoint[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [before = '', after = ''] = line.split(' - ')
      const [, , , root = '', path = '', options = '', ...tags] = before.split(' ')
      const [type = '', source = '', superOptions = ''] = after.split(' ')
      return {
        root: unescape(root),
        path: unescape(path),
        options: options.split(','),
        type,
        source: unescape(source),
        superOptions: superOptions.split(','),
        isShared: tags.some((tag) => tag.startsWith('shared:')),
      }
    })
}

/** Every mount that this process sees. */
export async function listMounts(): Promise<readonly MountPoint[]> {
  return parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8'))
}

/** A file system in memory that is never swapped to a disk, where the kernel can promise that. `sizeBytes` absent: half of the machine's memory, the kernel's own limit. `mode` absent: as any /tmp. */
export async function mountTmpfs(path: string, sizeBytes?: number, mode?: string): Promise<void> {
  const options = [
    'rw',
    ...(mode === undefined ? [] : [`mode=${mode}`]),
    ...(sizeBytes === undefined ? [] : [`size=${sizeBytes}`]),
  ].join(',')
  const mount = (more: string) => runProgram('mount', ['-t', 'tmpfs', '-o', `${options}${more}`, 'tmpfs', path])
  // Kernels before 6.4, and those without swap, do not know the word.
  await mount(',noswap').catch(() => mount(''))
}

/** A file system of huge pages of one size, e.g. `2M`. */
export async function mountHugePages(path: string, pageSize: string): Promise<void> {
  await runProgram('mount', ['-t', 'hugetlbfs', '-o', `pagesize=${pageSize}`, 'nodev', path])
}

/** Mounts what somebody else has described, as a container runtime describes an image's layers. */
export async function mountAs(
  { type, source, options }: { readonly type: string; readonly source: string; readonly options: readonly string[] },
  target: string,
): Promise<void> {
  const bind = options.find((option) => option === 'bind' || option === 'rbind')
  const kind = bind === undefined ? ['-t', type] : []
  await runProgram('mount', ['--no-canonicalize', ...kind, '-o', options.join(','), source, target])
}

/**
 * Makes `path` the root of mounts that are told to others: what is mounted below it shows in containers that ask for it,
 * and the other way round. Done before, it is done.
 */
export async function shareMounts(path: string): Promise<void> {
  const mount = (await listMounts()).findLast((each) => each.path === path)
  if (mount?.isShared === true) return
  const own = mount === undefined ? ['--rbind', path] : []
  await runProgram('mount', ['--no-canonicalize', '--make-rshared', ...own, path])
}

/** Shows `source` at `target` too. Neither path is resolved again: a link given as source is followed by the kernel. */
export async function bindMount(source: string, target: string): Promise<void> {
  await runProgram('mount', ['--no-canonicalize', '--bind', source, target])
}

/** Takes a mount down, now or as soon as nobody uses it. Nothing mounted there is a success. */
export async function unmount(path: string): Promise<void> {
  try {
    await runProgram('umount', ['--no-canonicalize', '--lazy', path])
  } catch (error) {
    const still = (await listMounts()).some((mount) => mount.path === path)
    if (still) throw error
  }
}

/**
 * Mount points at or below `dir`, the deepest and latest first: the order to unmount in. The kernel knows them by their
 * real paths only.
 */
export function mountPointsUnder(dir: string, table = '/proc/self/mountinfo'): string[] {
  if (!existsSync(table)) return [] // nothing was ever mounted by us on such a system
  const real = existsSync(dir) ? realpathSync(dir) : dir
  return parseMountInfo(readFileSync(table, 'utf8'))
    .map((mount) => mount.path)
    .filter((path) => path === real || path.startsWith(`${real}/`))
    .toReversed()
}

/** Unmounts everything at or below `dir`, lazily, so that one busy file holds nothing up. */
export async function unmountUnder(dir: string): Promise<void> {
  for (let round = 0; round < 8; round++) {
    const points = mountPointsUnder(dir)
    if (points.length === 0) return
    // One that cannot be unmounted must not keep the others; what is left shows in the next round.
    for (let start = 0; start < points.length; start += 200)
      await runProgram('umount', ['--lazy', '--', ...points.slice(start, start + 200)]).catch(() => {})
  }
  const left = mountPointsUnder(dir)
  if (left.length > 0) throw new Error(`could not unmount ${left.join(', ')}`)
}
