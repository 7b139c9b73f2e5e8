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
  /** Of a list only the first fault is told. */
  const judge = (count: number, nodeAt: (at: number) => Expr, isOptional: (at: number) => boolean, isList: boolean) => {
    let wanted: CelType | undefined
    for (let at = 0; at < count; at++) {
      const node = nodeAt(at)
      const found = isOptional(at) ? unwrapOptional(typeOf(node)).type : typeOf(node)
      wanted ??= found
      if (wanted === found || sameType(wanted, found)) continue
      const message = `expected type '${showType(wanted)}' but found '${showType(found)}'`
      issues.push({ at: node.at, message })
      if (isList) return
    }
  }
  const never = () => false
  walk(tree, (node) => {
    if (printed.has(node)) return
    if (node.kind === 'list') {
      const { items } = node
      judge(
        items.length,
        (at) => items[at]!.value,
        (at) => items[at]!.optional,
        true,
      )
    } else if (node.kind === 'map') {
      const { entries } = node
      judge(entries.length, (at) => entries[at]!.key, never, false)
      judge(
        entries.length,
        (at) => entries[at]!.value,
        (at) => entries[at]!.optional,
        false,
      )
    }
  })
  return issues
}

export const constants: Library = {
  validators: [
    sameTypes,
    constantArgument('duration', (text) => typeof text === 'string' && readDuration(text) !== undefined),
    constantArgument('timestamp', (text) => typeof text !== 'string' || readTimestamp(text) !== undefined),
    constantArgument('matches', (text) => typeof text !== 'string' || isPattern(text)),
  ],
}
