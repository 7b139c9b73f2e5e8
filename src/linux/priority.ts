/**
 * How much of the processor a process gets when several want it. https://man7.org/linux/man-pages/man7/sched.7.html
 *
 * Where the kernel groups processes by session (autogroup), the nice value of a process that leads one says nothing
 * against other sessions, and the session's own value counts; so both are set.
 */

import { readdirSync, writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'

/** The nice value everything starts with. */
export const USUAL = 0

/**
 * Sets the nice value of a process, all its threads, and of the session it leads: -20 (first) to 19 (last). Says
 * whether it was allowed; less than the usual takes a privilege that not every root has.
 */
export function setNice(pid: number, nice: number): boolean {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(nice))
  } catch {
    // a kernel without session groups, or no privilege: the next call tells
  }
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), nice)
    return true
  } catch {
    return false
  }
}
