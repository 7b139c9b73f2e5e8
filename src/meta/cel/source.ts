/**
 * The text of an expression, and its faults as CEL's own implementation prints them: place, message, the line and a
 * mark under the place. API servers put these texts into their answers
 * (https://github.com/google/cel-spec/blob/master/doc/langdef.md).
 */

/** A fault of an expression, `at` the code point where it is. */
export interface Issue {
  readonly at: number
  readonly message: string
}

/** Thrown where an expression cannot be compiled; `message` tells every fault. */
export class CompileError extends Error {
  override name = 'CompileError'
  readonly issues: readonly Issue[]

  constructor(text: string, issues: readonly Issue[]) {
    super(describeIssues(text, issues))
    this.issues = issues
  }
}

const MAX_ISSUES = 100
const MAX_SNIPPET = 16_384

/** All faults, in the order of their places. */
function describeIssues(text: string, issues: readonly Issue[]): string {
  // CEL tells of nothing at no place.
  if (text === '') return issues.map(({ message }) => `ERROR: <input>:1:0: ${message}`).join('\n')
  const lines = text.split('\n').map((line) => Array.from(line))
  const placed = issues.slice(0, MAX_ISSUES).map((issue) => ({ ...placeOf(lines, issue.at), message: issue.message }))
  placed.sort((a, b) => a.line - b.line || a.column - b.column)
  const told = placed.map(({ line, column, message }) => {
    const where = `ERROR: <input>:${line + 1}:${column + 1}: ${message}`
    const snippet = lines[line] ?? []
    return snippet.length > MAX_SNIPPET
      ? where
      : `${where}\n | ${snippet.join('').replaceAll('\t', ' ')}\n | ${markUnder(snippet, column)}`
  })
  if (issues.length > MAX_ISSUES) told.push(`${issues.length - MAX_ISSUES} more errors were truncated`)
  return told.join('\n')
}

function placeOf(lines: readonly string[][], at: number): { line: number; column: number } {
  let left = at
  for (const [line, points] of lines.entries()) {
    if (left <= points.length) return { line, column: left }
    left -= points.length + 1
  }
  return { line: Math.max(0, lines.length - 1), column: 0 }
}

/** Wide characters get wide dots, so that the mark stands where it should. */
function markUnder(snippet: readonly string[], column: number): string {
  const isWide = (point: string | undefined) => (point?.codePointAt(0) ?? 0) > 0x7f
  const dots = snippet.slice(0, column).map((point) => (isWide(point) ? '\uff0e' : '.'))
  return dots.join('') + (isWide(snippet[column]) ? '\uff3e' : '^')
}
