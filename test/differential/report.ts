/** Differences in few words: what is the same fault of ours is shown once, with how often it was met. */

import type { Difference } from './compare.ts'

interface Cause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

export class Report {
  /** Every difference by itself, for programs that group them further. */
  readonly all: { readonly id: string; readonly lines: readonly string[] }[] = []
  readonly #seen = new Map<string, { readonly example: string; count: number }>()

  add(
    request: { readonly id: string; readonly body?: string | Uint8Array },
    real: unknown,
    ours: unknown,
    found: readonly Difference[],
  ): void {
    const lines =
      causesApart(real, ours) ??
      outcomesApart(real, ours) ??
      found.slice(0, 8).map(({ path, real, ours }) => `${path}\n        real ${text(real)}\n        ours ${text(ours)}`)
    this.all.push({ id: short(request.id), lines: lines.map((line) => short(line)) })
    const shown = lines.map((line) => short(line)).join('\n      ')
    const signature = lines
      .map((line) =>
        short(line)
          .replace(/\[\d+\]/g, '[]')
          .replace(/"[^"\n]*"/g, '"…"'),
      )
      .join('\n')
    const before = this.#seen.get(signature)
    if (before !== undefined) before.count++
    else this.#seen.set(signature, { example: `${short(request.id)}\n      ${shown}`, count: 1 })
  }

  print(limit: number): void {
    const all = [...this.#seen.values()].sort((a, b) => b.count - a.count)
    for (const { example, count } of all.slice(0, limit)) console.log(`✗ ${count}× ${example}`)
    if (all.length > limit) console.log(`… and ${all.length - limit} sorts more`)
  }
}

/** Where one allows what the other refuses, or they refuse for different reasons. */
function outcomesApart(real: unknown, ours: unknown): string[] | undefined {
  const [a, b] = [real, ours].map((answer) => {
    const { status, body } = answer as { status: number; body?: { message?: string; reason?: string } }
    return `${status} ${status < 300 ? '' : `${body?.reason}: ${body?.message ?? text(body)}`}`
  })
  return a === b || (a!.startsWith('2') && b!.startsWith('2')) ? undefined : [`real ${a}`, `ours ${b}`]
}

/** For two refusals: what only one of them names. */
function causesApart(real: unknown, ours: unknown): string[] | undefined {
  const a = causesOf(real)
  const b = causesOf(ours)
  if (a === undefined || b === undefined) return undefined
  const missing = a.filter((cause) => !b.includes(cause))
  const extra = b.filter((cause) => !a.includes(cause))
  if (missing.length + extra.length > 0)
    return [...missing.map((cause) => `- ${cause}`), ...extra.map((cause) => `+ ${cause}`)]
  if (a.join('\n') !== b.join('\n')) return [`order`, ...a.map((c) => `real ${c}`), ...b.map((c) => `ours ${c}`)]
  return undefined
}

function causesOf(answer: unknown): string[] | undefined {
  const { status, body } = answer as { status: number; body?: { details?: { causes?: Cause[] } } }
  if (status !== 422) return undefined
  return body?.details?.causes?.map(({ reason, field, message }) => `${reason} ${field}: ${message}`)
}

function short(line: string): string {
  return line.replace(/(a|b){40,}/g, (run) => `${run[0]}×${run.length}`)
}

function text(value: unknown): string {
  const written = value === undefined ? '-' : JSON.stringify(value)
  return written.length > 900 ? `${written.slice(0, 900)}…` : written
}
