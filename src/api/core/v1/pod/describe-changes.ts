/** Shows what an update changed, one line a value, for texts that people read. */

import { toJson } from '../../../../wire/json/stringify.ts'

const MAX_LINES = 20

/** `- name: old` and `+ name: new` for each value that differs, by path. */
export function describeChanges(before: unknown, after: unknown): string {
  const lines: string[] = []
  compare(before, after, '', lines)
  const shown = lines.slice(0, MAX_LINES)
  if (lines.length > MAX_LINES) shown.push(`  … ${lines.length - MAX_LINES} more`)
  return shown.join('\n')
}

function compare(before: unknown, after: unknown, path: string, lines: string[]): void {
  if (before === after || lines.length > 10 * MAX_LINES) return
  if (isPlain(before) && isPlain(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)])
    for (const key of keys) compare(before[key], after[key], path === '' ? key : `${path}.${key}`, lines)
  } else if (Array.isArray(before) && Array.isArray(after)) {
    for (let at = 0; at < Math.max(before.length, after.length); at++) {
      compare(before[at], after[at], `${path}[${at}]`, lines)
    }
  } else {
    if (before !== undefined) lines.push(`- ${path}: ${textOf(before)}`)
    if (after !== undefined) lines.push(`+ ${path}: ${textOf(after)}`)
  }
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string {
  const text = toJson(value)
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
