/** The mounts of this machine, and taking down all of a folder's. https://man7.org/linux/man-pages/man5/proc.5.html */

import { readFileSync } from 'node:fs'

import { runProgram } from './program.ts'

/** Mount points at or below `dir`, the deepest and latest first: the order to unmount in. */
export function mountPointsUnder(dir: string, table = '/proc/self/mountinfo'): string[] {
  return readFileSync(table, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const point = unescape(line.split(' ')[4] ?? '')
      return point === dir || point.startsWith(`${dir}/`) ? [point] : []
    })
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

/** The kernel writes space, tab, newline and backslash as octal. */
const unescape = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
