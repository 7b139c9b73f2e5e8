/** What a benchmark prints: one line of JSON a figure, read by `run.mjs`. */

import { readFileSync } from 'node:fs'

export interface Figure {
  readonly what: string
  readonly value: number
  readonly unit: string
  readonly goal?: number
  readonly goalIs?: 'atMost' | 'atLeast'
  /** Another server that this was measured on, for comparison. */
  readonly server?: string
}

export function tell(figure: Figure): void {
  process.stdout.write(`${JSON.stringify(figure)}\n`)
}

export type Tell = typeof tell

/** Tells the same figures of something else that was measured beside ours; it has no goals to reach. */
export const tellOf =
  (server: string): Tell =>
  ({ what, value, unit }) =>
    tell({ what, value, unit, server })

/** The middle of several measurements. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

/** Memory of this process in MiB after a collection, without the pages of files, which the system takes back at will. */
export function memoryMiB(): number {
  globalThis.gc?.()
  const anonymous = /^RssAnon:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'latin1'))
  return Number(anonymous?.[1] ?? Number.NaN) / 2 ** 10
}
