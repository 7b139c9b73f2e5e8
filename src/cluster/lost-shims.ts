/**
 * Shims that containerd has forgotten: it was killed between starting a shim and writing down what it serves. The next
 * containerd cleans up after them as if they were dead, and leaves the process itself running for ever.
 */

import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { type ProcessIdentity, findProcesses, sendSignal } from '../linux/processes.ts'
import type { NodePaths } from './paths.ts'
import { readIdentity } from './record.ts'

/** When to look after containerd has started; the last again and again: containerd may die later, and the kubelet removes what containerd still knows. */
const LOOK_AFTER_MS = [1_000, 2_000, 7_000, 20_000]

export interface LostShimDeps {
  readonly paths: Pick<NodePaths, 'socket' | 'containerdRecord'>
  readonly clock: Clock
  readonly log: Log
  /** The ids of all sandboxes that containerd knows, running or not. */
  readonly sandboxes: (signal: AbortSignal) => Promise<ReadonlySet<string>>
}

/** Ends lost shims until `signal` aborts. */
export async function endLostShims({ paths, clock, log, sandboxes }: LostShimDeps, signal: AbortSignal): Promise<void> {
  for (let look = 0; ; look++) {
    await clock.sleep(LOOK_AFTER_MS[Math.min(look, LOOK_AFTER_MS.length - 1)] ?? 0, signal)
    const containerd = readIdentity(paths.containerdRecord)
    if (containerd === undefined) continue
    try {
      const known = await sandboxes(signal)
      for (const shim of lostShims(paths.socket, known, containerd)) {
        log.info('ending a shim that containerd has forgotten', { pid: shim.pid })
        sendSignal(shim, 'SIGKILL')
      }
    } catch (error) {
      signal.throwIfAborted()
      log.warn('could not look for shims that containerd has forgotten', { error })
    }
  }
}

/** Those that an earlier containerd started and this one does not know. What it starts itself it may not list yet. */
function lostShims(socket: string, known: ReadonlySet<string>, containerd: ProcessIdentity): ProcessIdentity[] {
  const isUnknown = (argument: string, all: readonly string[]) =>
    argument === socket && /(^|\/)containerd-shim/.test(all[0] ?? '') && !known.has(all[all.indexOf('-id') + 1] ?? '')
  return findProcesses(isUnknown).filter(({ startTicks }) => Number(startTicks) < Number(containerd.startTicks))
}
