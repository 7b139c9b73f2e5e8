/**
 * Shims that containerd has forgotten: it was killed between starting a shim and writing down what it serves, or was told
 * to stop in the middle by a kubelet that died. It cleans up after them as if they were dead, and leaves the process
 * itself running for ever. Shims that were killed themselves leave their sockets.
 */

import { readFileSync } from 'node:fs'

import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { RuntimeService } from '../../kubelet/cri/runtime.ts'
import { type ProcessIdentity, findProcesses, sendSignal } from '../../linux/processes.ts'
import type { NodePaths } from '../paths.ts'
import { readIdentity } from '../record.ts'
import type { SandboxStarts } from './sandbox-starts.ts'
import type { ShimSockets } from './shim-sockets.ts'

/** When to look after containerd has started; the last again and again: containerd may die later, and the kubelet removes what containerd still knows. */
const LOOK_AFTER_MS = [1_000, 2_000, 7_000, 20_000]
export interface LostShimDeps {
  readonly paths: Pick<NodePaths, 'socket' | 'containerdRecord'>
  readonly sockets: ShimSockets
  readonly starts: SandboxStarts
  readonly clock: Clock
  readonly log: Log
  /** The ids of all sandboxes that containerd knows, running or not. */
  readonly sandboxes: (signal: AbortSignal) => Promise<ReadonlySet<string>>
}

/** Ends lost shims until `signal` aborts. */
export async function endLostShims(deps: LostShimDeps, signal: AbortSignal): Promise<void> {
  const { paths, sockets, starts, clock, log, sandboxes } = deps
  const suspects = new Suspects()
  for (let look = 0; ; look++) {
    await clock.sleep(LOOK_AFTER_MS[Math.min(look, LOOK_AFTER_MS.length - 1)] ?? 0, signal)
    const containerd = readIdentity(paths.containerdRecord)
    if (containerd === undefined) continue
    try {
      const underWay = starts.underWay() // before containerd is asked, which lists what has been started until then
      const known = await sandboxes(signal)
      const shims = shimsOf(paths.socket)
      const unknown = [...shims].flatMap(([id, shim]) => (known.has(id) ? [] : [shim]))
      for (const id of sockets.marked())
        if (!shims.has(id) && !known.has(id) && !sockets.isInUse(id)) sockets.remove(id)
      for (const shim of unknown) {
        // What this containerd starts itself it may not list yet.
        const isItsOwn = Number(shim.startTicks) >= Number(containerd.startTicks)
        if (isItsOwn && !suspects.isLost(shim, underWay)) continue
        log.info('ending a shim that containerd has forgotten', { pid: shim.pid })
        sendSignal(shim, 'SIGKILL')
      }
      if (look >= LOOK_AFTER_MS.length - 1) suspects.note(unknown, underWay)
    } catch (error) {
      signal.throwIfAborted()
      log.warn('could not look for shims that containerd has forgotten', { error })
    }
  }
}

/** Shims that containerd did not list, with the starts that they may belong to: those that were under way. */
export class Suspects {
  #found = new Map<string, ReadonlySet<object>>()

  note(shims: readonly ProcessIdentity[], underWay: ReadonlySet<object>): void {
    this.#found = new Map(shims.map((shim) => [keyOf(shim), this.#found.get(keyOf(shim)) ?? underWay]))
  }

  /** Whether it was found before, and none of those starts goes on: on a slow machine one takes minutes. */
  isLost(shim: ProcessIdentity, underWay: ReadonlySet<object>): boolean {
    const starts = this.#found.get(keyOf(shim))
    return starts !== undefined && [...starts].every((start) => !underWay.has(start))
  }
}

const keyOf = ({ pid, startTicks }: ProcessIdentity) => `${pid} ${startTicks}`

/** The shims of the containerd at `socket`, by the sandboxes that they serve. */
function shimsOf(socket: string): ReadonlyMap<string, ProcessIdentity> {
  const found = new Map<string, ProcessIdentity>()
  const isShim = (argument: string, all: readonly string[]) =>
    argument === socket && /(^|\/)containerd-shim/.test(all[0] ?? '')
  for (const shim of findProcesses(isShim)) {
    const id = idOf(shim)
    if (id !== undefined) found.set(id, shim)
  }
  return found
}

function idOf({ pid }: ProcessIdentity): string | undefined {
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return args[args.indexOf('-id') + 1]
  } catch {
    return undefined // it has just ended
  }
}

/** The runtime, which with a sandbox removes what its shim may have left. */
export function removingSockets(runtime: RuntimeService, sockets: ShimSockets): RuntimeService {
  return {
    ...runtime,
    async removePodSandbox(id, signal) {
      await runtime.removePodSandbox(id, signal)
      sockets.remove(id)
    },
  }
}
