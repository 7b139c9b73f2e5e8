/** From the text of an expression to something that is known to make sense. */

import { atOnce, type Steps } from '../../base/async/steps.ts'
import { type Checked, checkExpression } from './checker.ts'
import type { Environment } from './environment.ts'
import { parseExpression } from './parser.ts'
import { compilePattern } from './patterns.ts'
import { CompileError, type Issue } from './source.ts'
import { ERROR } from './types.ts'
import { walk } from './walk.ts'

/** Reads and checks an expression. Throws `CompileError`, whose message is CEL's. */
export const compile = (text: string, environment: Environment): Checked => atOnce(compileInSteps(text, environment))

/** Of so many characters it takes a noticeable time. */
const LONG = 10_000

/** The same; others have their turn between the passes over a long text. */
export function* compileInSteps(text: string, environment: Environment): Steps<Checked> {
  const tree = parseExpression(text, environment.macros)
  const issues: Issue[] = []
  if (text.length > LONG) yield
  const checked = checkExpression(tree, environment, issues)
  if (text.length > LONG) yield
  if (issues.length === 0) {
    for (const validate of environment.validators)
      issues.push(...validate(tree, (node) => checked.types.get(node) ?? ERROR))
  }
  if (issues.length > 0) throw new CompileError(text, issues)
  foldConstants(checked)
  return checked
}

/** The expression is right by its types, but a call of constants in it can only fail. */
export class ProgramError extends Error {
  override name = 'ProgramError'
}

const CONVERSIONS: ReadonlySet<string> = new Set(['bool', 'bytes', 'double', 'int', 'string', 'uint'])
const PATTERNS: ReadonlySet<string> = new Set(['find', 'findAll', 'matches'])

/** Tries what is certain to be evaluated to the same every time: conversions of constants, constant patterns. */
function foldConstants({ tree, overloads }: Checked): void {
  walk(tree, (node) => {
    if (node.kind !== 'call') return
    const [first, second] = node.args
    try {
      if (CONVERSIONS.has(node.name) && first?.kind === 'literal') overloads.get(node)?.[0]?.apply?.(first.value)
      const pattern = node.target === undefined ? second : first
      if (!PATTERNS.has(node.name) || pattern?.kind !== 'literal') return
      if (typeof pattern.value === 'string') compilePattern(pattern.value)
    } catch (error) {
      throw new ProgramError(`program instantiation failed: ${(error as Error).message}`)
    }
  })
}
