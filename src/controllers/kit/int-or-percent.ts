/** Numbers that may be given as a percentage of something (`maxSurge`, `minAvailable`, …). */

import type { IntOrString } from '../../meta/types.ts'

/** The number, or the percentage of `total`. Anything unreadable counts as zero: validation refuses it earlier. */
export function scaledValue(value: IntOrString, total: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value
  const match = /^([0-9]{1,9})%$/.exec(value)
  if (match === null) return 0
  const exact = (Number(match[1]) * total) / 100
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact)
}
