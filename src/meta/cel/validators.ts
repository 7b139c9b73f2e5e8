/** What is wrong with constants, told before an expression is ever evaluated (https://kubernetes.io/docs/reference/using-api/cel/#type-checking). */

import type { Expr, LiteralValue } from './ast.ts'
import type { Library, Validator } from './environment.ts'
import { isPattern } from './patterns.ts'
import type { Issue } from './source.ts'
import { readDuration, readTimestamp } from './times.ts'
import { type CelType, sameType, showType, unwrapOptional } from './types.ts'
import { walk } from './walk.ts'

/** Judges the last constant argument of every call of a function. */
function constantArgument(name: string, isRight: (value: LiteralValue) => boolean): Validator {
  return (tree) => {
    const issues: Issue[] = []
    walk(tree, (node) => {
      const argument = argumentOf(node, name)
      if (argument?.kind !== 'literal' || isRight(argument.value)) return
      issues.push({ at: argument.at, message: `invalid ${name} argument` })
    })
    return issues
  }
}

function argumentOf(node: Expr, name: string): Expr | undefined {
  const isMeant = node.kind === 'call' && node.name === name && node.args.length === 1
  return isMeant ? node.args[0] : undefined
}

/** All items of a list, all keys and all values of a map are of one type; but for what is only printed. */
const sameTypes: Validator = (tree, typeOf) => {
  const issues: Issue[] = []
  const printed = new Set<Expr>()
  walk(tree, (node) => {
    if (node.kind === 'call' && node.name === 'format')
      for (const arg of node.args) walk(arg, (part) => printed.add(part))
  })
  const judge = (parts: readonly Part[]): void => {
    const [first] = parts
    const wanted = first === undefined ? undefined : typeIn(first, typeOf)
    for (const part of parts) {
      const found = typeIn(part, typeOf)
      if (wanted === undefined || sameType(wanted, found)) continue
      const message = `expected type '${showType(wanted)}' but found '${showType(found)}'`
      issues.push({ at: part.value.at, message })
      if (part.isLast) return
    }
  }
  walk(tree, (node) => {
    if (printed.has(node)) return
    if (node.kind === 'list') judge(node.items.map((item) => ({ ...item, isLast: true })))
    if (node.kind !== 'map') return
    judge(node.entries.map(({ key }) => ({ value: key, optional: false, isLast: false })))
    judge(node.entries.map(({ value, optional }) => ({ value, optional, isLast: false })))
  })
  return issues
}

/** A part of a literal; of a list only the first fault is told. */
interface Part {
  readonly value: Expr
  readonly optional: boolean
  readonly isLast: boolean
}

const typeIn = ({ value, optional }: Part, typeOf: (node: Expr) => CelType): CelType =>
  optional ? unwrapOptional(typeOf(value)).type : typeOf(value)

export const constants: Library = {
  validators: [
    sameTypes,
    constantArgument('duration', (text) => typeof text === 'string' && readDuration(text) !== undefined),
    constantArgument('timestamp', (text) => typeof text !== 'string' || readTimestamp(text) !== undefined),
    constantArgument('matches', (text) => typeof text !== 'string' || isPattern(text)),
  ],
}
