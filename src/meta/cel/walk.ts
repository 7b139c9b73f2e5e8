/** Every node of a tree, those that hold others first. */

import type { Expr } from './ast.ts'

export function walk(node: Expr, visit: (node: Expr) => void): void {
  visit(node)
  switch (node.kind) {
    case 'literal':
    case 'ident':
      return
    case 'select':
      walk(node.operand, visit)
      return
    case 'call':
      if (node.target !== undefined) walk(node.target, visit)
      for (const arg of node.args) walk(arg, visit)
      return
    case 'list':
      for (const { value } of node.items) walk(value, visit)
      return
    case 'map':
      for (const { key, value } of node.entries) {
        walk(key, visit)
        walk(value, visit)
      }
      return
    case 'struct':
      for (const { value } of node.fields) walk(value, visit)
      return
    case 'fold':
      for (const part of [node.range, node.start, node.while, node.step, node.result]) walk(part, visit)
  }
}
