/** Looks whether this machine can run clusters, by trying things out, and installs what is missing. */

import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { UserError } from '../../base/user-error.ts'
import type { Diagnosis, Finding, Ui } from '../../cli/operations.ts'
import { ipBatchForced } from '../../linux/network.ts'
import { findProgram, runProgram } from '../../linux/program.ts'
import { canLowerOomScore, canOverlay } from '../containerd/containerd.ts'
import { diskFinding, diskOf } from '../machine/disk-finding.ts'
import { OPTIONAL, REQUIREMENTS, type Requirement } from '../machine/machine.ts'
import { goraeHome } from '../paths.ts'

/** Package managers that are known here. */
export type Installer = keyof Requirement['packages']

const INSTALL: Readonly<Record<Installer, { readonly program: string; readonly command: readonly string[] }>> = {
  apt: { program: 'apt-get', command: ['apt-get', 'install', '-y', '--no-install-recommends'] },
  dnf: { program: 'dnf', command: ['dnf', 'install', '-y'] },
  apk: { program: 'apk', command: ['apk', 'add'] },
  pacman: { program: 'pacman', command: ['pacman', '-S', '--noconfirm'] },
}

/** The packages that bring what is missing, and the command that installs them. */
export function installPlan(
  installer: Installer,
  missing: readonly Requirement[],
): { readonly packages: readonly string[]; readonly command: string } {
  const packages = [...new Set(missing.map((each) => each.packages[installer]))]
  return { packages, command: [...INSTALL[installer].command, ...packages].join(' ') }
}

/** Looks at everything. Makes a network namespace for a moment; leaves nothing. */
export async function diagnose(): Promise<Diagnosis> {
  const installer = findInstaller()
  const missing = REQUIREMENTS.filter(({ isThere }) => !isThere())
  const plan = installer === undefined ? undefined : installPlan(installer, missing)
  const isRoot = process.getuid?.() === 0
  return {
    findings: [
      ...basics(isRoot),
      ...REQUIREMENTS.map(programFinding),
      ...(isRoot && process.platform === 'linux' ? await kernelFindings() : []),
    ],
    packages: plan?.packages ?? [],
    ...(plan === undefined ? {} : { install: plan.command }),
  }
}

/** Installs the missing packages with apt; for other systems it says what to type. */
export async function install(diagnosis: Diagnosis, ui: Ui, signal: AbortSignal): Promise<void> {
  const { packages, install: command } = diagnosis
  if (packages.length === 0) return
  if (findInstaller() !== 'apt')
    throw new UserError(
      `missing: ${packages.join(', ')}`,
      command === undefined ? 'install them with the package manager of this system' : `install them with: ${command}`,
    )
  if (process.getuid?.() !== 0)
    throw new UserError('root is needed to install packages', `use sudo, or: sudo ${command}`)
  await ui.step(`Installing ${packages.join(', ')}`, async () => {
    const args = ['install', '-y', '-q', '--no-install-recommends', ...packages]
    try {
      await apt(args, signal)
    } catch {
      // The lists may be old, or an earlier installation was interrupted: mend both, then try once more.
      signal.throwIfAborted()
      await runProgram('dpkg', ['--configure', '-a'], { env: quiet() }).catch(() => {})
      await apt(['update', '-q'], signal)
      await apt(args, signal)
    }
  })
  const left = REQUIREMENTS.filter(({ name, isThere }) => !OPTIONAL.has(name) && !isThere())
  if (left.length > 0)
    throw new UserError(`still missing after installing: ${left.map(({ name }) => name).join(', ')}`, `try: ${command}`)
}

const quiet = () => ({ ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l' })

/** Runs apt in a session of its own: Ctrl-C reaches us, and we let it finish what it is at, so that nothing is half installed. */
function apt(args: readonly string[], signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const options = ['-o', 'DPkg::Lock::Timeout=60', '-o', 'Acquire::Retries=1']
    const child = spawn('apt-get', [...options, ...args], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: quiet(),
    })
    const said: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => said.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
    child.once('error', reject)
    child.once('close', (code) => {
      if (signal.aborted) return reject(signal.reason)
      if (code === 0) return resolve()
      const last = Buffer.concat(said).toString('utf8').trim().split('\n').slice(-6).join('\n')
      reject(new UserError(`apt-get ${args[0] ?? ''} failed:\n${last}`, 'mend this, then try again'))
    })
  })
}

/** The package manager of this machine: the first that is there, for some systems have a foreign one besides. */
export function findInstaller(isThere = (name: string) => findProgram(name) !== undefined): Installer | undefined {
  const order: readonly Installer[] = ['apt', 'dnf', 'apk', 'pacman']
  return order.find((each) => isThere(INSTALL[each].program))
}

function basics(isRoot: boolean): Finding[] {
  const isLinux = process.platform === 'linux'
  return [
    isLinux
      ? { name: 'system', state: 'ok', detail: `Linux ${readOr('/proc/sys/kernel/osrelease', '').trim()}` }
      : { name: 'system', state: 'missing', detail: process.platform, advice: 'real containers need Linux' },
    isRoot
      ? { name: 'user', state: 'ok', detail: 'root' }
      : {
          name: 'user',
          state: 'missing',
          detail: 'not root',
          advice: 'use sudo; without it only simulated nodes work: gorae up --runtime simulated',
        },
  ]
}

function programFinding({ name, why, isThere, packages }: Requirement): Finding {
  if (isThere()) return { name, state: 'ok', detail: 'installed' }
  const installer = findInstaller()
  const advice = installer === undefined ? undefined : `install the package ${packages[installer]}`
  const found = { name, detail: `not installed (${why})`, ...(advice === undefined ? {} : { advice }) }
  return { ...found, state: OPTIONAL.has(name) ? 'warning' : 'missing' }
}

async function kernelFindings(): Promise<Finding[]> {
  const findings: Finding[] = [cgroupFinding(), diskFinding(diskOf(goraeHome()))]
  const tried = async (name: string, good: string, bad: string, advice: string, attempt: () => Promise<boolean>) => {
    const works = await attempt().catch(() => false)
    findings.push(works ? { name, state: 'ok', detail: good } : { name, state: 'missing', detail: bad, advice })
  }
  if (findProgram('ip') !== undefined)
    await tried(
      'network namespaces',
      'bridges and veth pairs can be made',
      'a network namespace with a bridge and a veth pair cannot be made',
      'load the kernel modules bridge and veth, or use a kernel that has them',
      tryNetwork,
    )
  if (findProgram('nft') !== undefined)
    await tried(
      'nftables',
      'address translation works',
      'a table with address translation cannot be made',
      'load the kernel modules nf_tables and nft_nat, or use a kernel that has them',
      tryNat,
    )
  if (!(await tryOverlay()))
    findings.push({
      name: 'overlayfs',
      state: 'warning',
      detail: 'cannot be mounted; images are copied instead, which takes more room and time',
    })
  else findings.push({ name: 'overlayfs', state: 'ok', detail: 'can be mounted' })
  if (!canLowerOomScore())
    findings.push({
      name: 'oom_score_adj',
      state: 'warning',
      detail: 'cannot be lowered here; containers run all the same, without protection when memory runs out',
    })
  return findings
}

/** Which control groups the machine has, by its table of mounts. */
export function cgroupFinding(mounts = readOr('/proc/self/mountinfo', '')): Finding {
  const v1 = / - cgroup \S+ \S*\bmemory\b/.test(mounts)
  const v2 = / - cgroup2 /.test(mounts)
  if (v1) return { name: 'cgroups', state: 'ok', detail: 'version 1' }
  if (v2) return { name: 'cgroups', state: 'ok', detail: 'version 2' }
  return {
    name: 'cgroups',
    state: 'missing',
    detail: 'none mounted',
    advice: 'mount them: mount -t cgroup2 none /sys/fs/cgroup',
  }
}

const scratchNamespace = () => `gorae-doctor-${process.pid}`

async function tryNetwork(): Promise<boolean> {
  const name = scratchNamespace()
  try {
    const inside = [
      'link add b0 type bridge',
      'link add v0 type veth peer name v1',
      'link set v0 master b0',
      'link set b0 up',
    ]
    await runProgram('ip', ['netns', 'add', name])
    await runProgram('ip', ['-n', name, '-batch', '-'], { input: inside.join('\n') })
    return true
  } finally {
    await ipBatchForced([`netns delete ${name}`])
  }
}

async function tryNat(): Promise<boolean> {
  const name = scratchNamespace()
  const rules = [
    'table ip t {',
    'chain in { type nat hook prerouting priority -100',
    'ip daddr 10.0.0.1 tcp dport 80 dnat to 10.0.0.2:80',
    '}',
    'chain out { type nat hook postrouting priority 100',
    'masquerade',
    '}',
    '}',
  ].join('\n')
  try {
    await runProgram('ip', ['netns', 'add', name])
    await runProgram('nsenter', [`--net=/run/netns/${name}`, 'nft', '-f', '-'], { input: rules })
    return true
  } finally {
    await ipBatchForced([`netns delete ${name}`])
  }
}

async function tryOverlay(): Promise<boolean> {
  const dir = mkdtempSync(join(existsSync('/var/tmp') ? '/var/tmp' : tmpdir(), 'gorae-doctor-'))
  try {
    return await canOverlay(dir)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}
