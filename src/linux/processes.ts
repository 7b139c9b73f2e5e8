/**
 * Processes of this machine, named so that a number used again by somebody else is never mistaken for ours: a pid
 * counts only with its start time and the boot it belongs to.
 */

import type { Clock } from '../base/clock.ts'
import { systemTable } from './process-table.ts'

/** One process, for as long as it lives and never after. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks from boot to the start of the process; where there is no /proc, when it started. */
  readonly startTicks: string
  readonly bootId: string
}

const table = systemTable()

/** Names this boot of the machine; empty where nothing needs that. */
export const bootId = (): string => table.bootId()

/** The identity of a running process; undefined when there is none, or only its remains. */
export function identify(pid: number): ProcessIdentity | undefined {
  const startTicks = table.startOf(pid)
  return startTicks === undefined ? undefined : { pid, startTicks, bootId: bootId() }
}

/** Whether this very process still runs. */
export function isAlive(identity: ProcessIdentity | undefined): identity is ProcessIdentity {
  if (identity === undefined) return false
  const now = identify(identity.pid)
  return now !== undefined && now.startTicks === identity.startTicks && now.bootId === identity.bootId
}

/** What a process was started with; empty when it is gone. */
export const argumentsOf = ({ pid }: ProcessIdentity): readonly string[] => table.wordsOf(pid)

/** Every running process one of whose arguments satisfies `matches`. */
export function findProcesses(matches: (argument: string, all: readonly string[]) => boolean): ProcessIdentity[] {
  return table.all().flatMap(({ pid, words }) => {
    if (pid === process.pid || !words.some((argument) => matches(argument, words))) return []
    return identify(pid) ?? []
  })
}

/** Sends a signal; false when the process is gone already. */
export function sendSignal(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false
  try {
    process.kill(identity.pid, signal)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

/**
 * Asks processes to end, waits, then ends them by force. The kernel tells a parent only, and these are nobody's
 * children, so this looks at short intervals until they are gone.
 */
export async function stopProcesses(
  targets: readonly ProcessIdentity[],
  { clock, graceMs }: { readonly clock: Clock; readonly graceMs: number },
): Promise<void> {
  let left = targets.filter((target) => sendSignal(target, graceMs > 0 ? 'SIGTERM' : 'SIGKILL'))
  const deadline = clock.monotonic() + graceMs
  for (let pause = 2; left.length > 0 && clock.monotonic() < deadline; pause = Math.min(pause * 2, 50)) {
    await clock.sleep(pause)
    left = left.filter(isAlive)
  }
  for (const target of left) sendSignal(target, 'SIGKILL')
  const killDeadline = clock.monotonic() + 5_000
  for (let pause = 1; left.length > 0 && clock.monotonic() < killDeadline; pause = Math.min(pause * 2, 50)) {
    await clock.sleep(pause)
    left = left.filter(isAlive)
  }
}
