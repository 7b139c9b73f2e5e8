/** What a benchmark prints: one line of JSON a figure, read by `run.mjs`. */

export interface Figure {
  readonly what: string
  readonly value: number
  readonly unit: string
  readonly goal?: number
  readonly goalIs?: 'atMost' | 'atLeast'
}

export function tell(figure: Figure): void {
  process.stdout.write(`${JSON.stringify(figure)}\n`)
}

/** The middle of several measurements. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

/** Resident memory in MiB after a collection. */
export function residentMiB(): number {
  globalThis.gc?.()
  return process.memoryUsage.rss() / 2 ** 20
}
