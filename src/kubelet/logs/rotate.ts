/** Keeps containers' logs from growing without end (https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-rotation). */

import type { Clock } from '../../base/clock.ts'
import { toTime } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { RuntimeService } from '../cri/runtime.ts'
import type { LogFiles } from '../host/host.ts'

export interface RotateDeps {
  readonly runtime: Pick<RuntimeService, 'reopenContainerLog'>
  readonly files: LogFiles
  readonly clock: Clock
  readonly log: Log
  readonly limits: { readonly maxBytes: number; readonly maxFiles: number; readonly everyMs: number }
  /** The containers that write now. */
  readonly running: () => readonly { readonly id: string; readonly logPath: string }[]
}

/** Looks at all logs now and then, until `signal` aborts. */
export async function rotateLogs(deps: RotateDeps, signal: AbortSignal): Promise<void> {
  for (;;) {
    await deps.clock.sleep(deps.limits.everyMs, signal)
    for (const container of deps.running()) {
      try {
        await rotateOne(deps, container, signal)
      } catch (error) {
        signal.throwIfAborted()
        deps.log.warn('could not rotate a log', { path: container.logPath, error })
      }
    }
  }
}

async function rotateOne(
  { runtime, files, clock, limits }: RotateDeps,
  { id, logPath }: { readonly id: string; readonly logPath: string },
  signal: AbortSignal,
): Promise<void> {
  const { maxBytes, maxFiles } = limits
  const facts = await files.facts(logPath)
  if (facts === undefined || facts.size <= maxBytes) return
  const stamp = toTime(clock.now()).replaceAll(/[-:Z]/g, '').replace('T', '-')
  if ((await files.rotated(logPath)).some((path) => path.includes(`.${stamp}`))) return
  const moved = await files.rotate(logPath, stamp)
  try {
    await runtime.reopenContainerLog(id, signal)
  } catch (error) {
    // It goes on writing where it wrote: under the old name that is seen, and tried again.
    await files.restore(moved, logPath).catch(() => {})
    throw error
  }
  const old = await files.rotated(logPath)
  const surplus = Math.max(0, old.length - (maxFiles - 1))
  await Promise.all(old.slice(0, surplus).map((file) => files.delete(file)))
  // Who reads along is in the newest piece, and what collects logs is seldom further back.
  for (const file of old.slice(surplus, -1)) await files.compress(file, signal)
}
