/** A node's own containerd: started, found again after a restart of ours, started anew when it dies. */

import { spawn } from 'node:child_process'
import { type NetConnectOpts, connect } from 'node:net'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { UserError } from '../../base/user-error.ts'
import { hasAppArmor } from '../../linux/app-armor.ts'
import { findProgram, runProgram } from '../../linux/program.ts'
import { type ProcessIdentity, identify, isAlive } from '../../linux/processes.ts'
import { hasSeLinux } from '../../linux/selinux.ts'
import { type ContainerdFeatures, cniConfig, containerdConfig, registryConfig } from './config.ts'
import type { NodePaths } from '../paths.ts'
import { runningContainerd } from '../parts.ts'
import { writeFileAtomic, writeJson } from '../record.ts'
import { ShimSockets } from './shim-sockets.ts'

/** Where distributions put the CNI plugins. */
const CNI_DIRS = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni', '/usr/lib/cni/bin']

export const findCniPlugins = (): string | undefined => CNI_DIRS.find((dir) => existsSync(join(dir, 'bridge')))

/** Finds out what the machine offers by trying it in `scratch`. */
async function detectFeatures(scratch: string): Promise<ContainerdFeatures> {
  const cniPlugins = findCniPlugins()
  if (cniPlugins === undefined) throw new UserError('the CNI plugins are not installed', 'run: gorae doctor --fix')
  const crun = findProgram('runc') === undefined ? findProgram('crun') : undefined
  return {
    snapshotter: (await canOverlay(scratch)) ? 'overlayfs' : 'native',
    restrictOomScore: !canLowerOomScore(),
    apparmor: hasAppArmor(),
    selinux: hasSeLinux(),
    unprivilegedPorts: existsSync('/proc/sys/net/ipv4/ip_unprivileged_port_start'),
    cniPlugins,
    ...(crun === undefined ? {} : { runtimeProgram: crun }),
  }
}

/** Tries on this very process, and puts things back. */
export function canLowerOomScore(): boolean {
  const file = '/proc/self/oom_score_adj'
  const before = readOr(file, '0').trim()
  try {
    writeFileSync(file, String(Math.max(-1000, Number(before) - 1)))
    writeFileSync(file, before)
    return true
  } catch {
    return false
  }
}

/** Mounts a small overlay in `scratch` and takes it away again. */
export async function canOverlay(scratch: string): Promise<boolean> {
  mkdirSync(scratch, { recursive: true })
  const dir = mkdtempSync(join(scratch, '.overlay-'))
  const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
    string,
  ]
  for (const path of [lower, upper, work, merged]) mkdirSync(path)
  try {
    const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`
    await runProgram('mount', ['-t', 'overlay', 'overlay', '-o', options, merged])
    await runProgram('umount', [merged])
    return true
  } catch {
    return false
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

export interface ContainerdDeps {
  readonly paths: NodePaths
  readonly clock: Clock
  readonly log: Log
  /** The node's image mirror and its way out, as URLs inside the node's namespace. */
  readonly mirror: string
  readonly proxy: string
  /** Ranges that are never reached through the way out. */
  readonly noProxy: readonly string[]
  readonly pauseImage: string
  readonly networkName: string
  readonly podRange: string
}

/** Writes every configuration file of the node's containerd. */
export async function configureContainerd(deps: ContainerdDeps): Promise<void> {
  const { paths } = deps
  for (const dir of [paths.run, paths.containerdRoot, paths.cniConfig, paths.cdi])
    mkdirSync(dir, { recursive: true, mode: 0o711 })
  const features = await detectFeatures(paths.containerdRoot)
  const config = containerdConfig({
    root: paths.containerdRoot,
    run: paths.run,
    socket: paths.socket,
    cniConfig: paths.cniConfig,
    registryConfig: paths.registryConfig,
    pauseImage: deps.pauseImage,
    cdi: paths.cdi,
    features,
  })
  writeFileAtomic(paths.config, config)
  writeFileAtomic(join(paths.registryConfig, '_default', 'hosts.toml'), registryConfig(deps.mirror))
  const network = cniConfig({
    name: deps.networkName,
    podRange: deps.podRange,
    dataDir: join(paths.run, 'cni'),
    hostPorts: findProgram('iptables') !== undefined && existsSync(join(features.cniPlugins, 'portmap')),
  })
  writeFileAtomic(join(paths.cniConfig, '10-gorae.conflist'), network)
}

/**
 * Keeps the node's containerd running until `signal` aborts, and leaves it running then: containers outlive us.
 * `onServing` is called whenever its socket answers.
 */
export async function runContainerd(deps: ContainerdDeps, onServing: () => void, signal: AbortSignal): Promise<void> {
  const { paths, clock, log } = deps
  for (let failures = 0; ;) {
    signal.throwIfAborted()
    const startedAt = clock.monotonic()
    const found = runningContainerd(paths)
    const running = found === undefined ? await start(deps) : adopt(found, clock, signal)
    const serving = whenServing(paths.socket, clock, AbortSignal.any([signal, running.gone]))
    serving.then(onServing, () => {}) // gone before it served: the loop has it
    await ended(running.gone, signal)
    failures = clock.monotonic() - startedAt > 60_000 ? 0 : failures + 1
    log.warn('containerd ended; starting it again', { failures, log: paths.containerdLog })
    await clock.sleep(Math.min(30_000, 200 * 2 ** failures), signal)
  }
}

interface Running {
  /** Aborts when the process has ended. */
  readonly gone: AbortSignal
}

async function start({ paths, proxy, noProxy, log }: ContainerdDeps): Promise<Running> {
  const program = findProgram('containerd')
  if (program === undefined) throw new UserError('containerd is not installed', 'run: gorae doctor --fix')
  rmSync(paths.socket, { force: true })
  const output = openSync(paths.containerdLog, 'a', 0o600)
  const marking = new ShimSockets(paths).markingPath(join(paths.dir, 'shim'), program)
  const env = {
    ...process.env,
    ...(marking !== undefined && { PATH: `${marking}:${process.env['PATH'] ?? ''}` }),
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    NO_PROXY: ['127.0.0.1', 'localhost', ...noProxy].join(','),
  }
  const child = spawn(program, ['--config', paths.config], { detached: true, stdio: ['ignore', output, output], env })
  closeSync(output)
  const gone = new AbortController()
  child.once('error', (error) => gone.abort(error))
  child.once('exit', () => gone.abort(new Error('containerd ended')))
  child.unref()
  const identity = child.pid === undefined ? undefined : identify(child.pid)
  if (identity !== undefined) writeJson(paths.containerdRecord, identity)
  log.info('started containerd', { pid: child.pid })
  return { gone: gone.signal }
}

/** One that an earlier life of ours started: not our child, so nobody tells us of its end but a look now and then. */
function adopt(identity: ProcessIdentity, clock: Clock, signal: AbortSignal): Running {
  const gone = new AbortController()
  const look = async () => {
    while (isAlive(identity)) await clock.sleep(1_000, signal)
    gone.abort(new Error('containerd ended'))
  }
  look().catch(() => {}) // aborted: we are stopping
  return { gone: gone.signal }
}

/** Resolves when somebody accepts on the socket. The folder's own events tell when to try. */
async function whenServing(socket: string, clock: Clock, signal: AbortSignal): Promise<void> {
  mkdirSync(dirname(socket), { recursive: true })
  let wake = () => {}
  const watcher = watch(dirname(socket), () => wake())
  try {
    for (;;) {
      signal.throwIfAborted()
      const changed = new Promise<void>((resolve) => (wake = resolve))
      if (await accepts({ path: socket })) return
      const pause = new AbortController()
      const stop = AbortSignal.any([signal, pause.signal])
      await Promise.race([changed, clock.sleep(200, stop).catch(() => {})])
      pause.abort()
    }
  } finally {
    watcher.close()
  }
}

/** Whether somebody accepts connections there at this moment. */
export function accepts(target: NetConnectOpts): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(target)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

function ended(gone: AbortSignal, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    if (gone.aborted) return resolve()
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    gone.addEventListener(
      'abort',
      () => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      },
      { once: true },
    )
  })
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}
