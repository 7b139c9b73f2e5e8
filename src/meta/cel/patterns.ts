/** Patterns of users: only RE2 ever runs them, whose time grows with the text and no faster (https://github.com/google/re2/wiki/Syntax). */

import { RE2JS } from 're2js'

import { EvaluationError } from './values.ts'

const MAX_KEPT = 200
const kept = new Map<string, RE2JS>()

/** The pattern, ready to run. Throws `EvaluationError`. */
export function compilePattern(pattern: string): RE2JS {
  const before = kept.get(pattern)
  if (before !== undefined) return before
  try {
    const compiled = RE2JS.compile(pattern)
    if (kept.size >= MAX_KEPT) kept.clear()
    kept.set(pattern, compiled)
    return compiled
  } catch (error) {
    throw new EvaluationError((error as Error).message)
  }
}

/** Whether a text is a pattern at all. */
export function isPattern(pattern: string): boolean {
  try {
    compilePattern(pattern)
    return true
  } catch {
    return false
  }
}
