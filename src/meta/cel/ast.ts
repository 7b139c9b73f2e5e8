/** The tree of an expression (https://github.com/google/cel-spec/blob/master/proto/cel/expr/syntax.proto). */

import type { Uint } from './values.ts'

/** A constant that stands in an expression. */
export type LiteralValue = null | boolean | bigint | Uint | number | string | Uint8Array

interface Placed {
  /** The code point that faults of the node are told at. */
  readonly at: number
}

export interface Literal extends Placed {
  readonly kind: 'literal'
  readonly value: LiteralValue
}

export interface Ident extends Placed {
  readonly kind: 'ident'
  readonly name: string
}

export interface Select extends Placed {
  readonly kind: 'select'
  readonly operand: Expr
  readonly field: string
  /** `has(operand.field)`: only asks whether it is there. */
  readonly testOnly: boolean
}

export interface Call extends Placed {
  readonly kind: 'call'
  readonly name: string
  readonly target?: Expr
  readonly args: readonly Expr[]
}

export interface ListItem {
  readonly value: Expr
  readonly optional: boolean
}

export interface ListLiteral extends Placed {
  readonly kind: 'list'
  readonly items: readonly ListItem[]
}

export interface MapEntry {
  readonly key: Expr
  readonly value: Expr
  readonly optional: boolean
}

export interface MapLiteral extends Placed {
  readonly kind: 'map'
  readonly entries: readonly MapEntry[]
}

export interface StructField extends Placed {
  readonly name: string
  readonly value: Expr
  readonly optional: boolean
}

export interface StructLiteral extends Placed {
  readonly kind: 'struct'
  readonly name: string
  readonly fields: readonly StructField[]
}

/** What macros become: a loop over a list or map that carries a value along. */
export interface Fold extends Placed {
  readonly kind: 'fold'
  readonly range: Expr
  readonly item: string
  /** With two variables: the index or key is `item`, the value this. */
  readonly item2?: string
  readonly carry: string
  readonly start: Expr
  readonly while: Expr
  readonly step: Expr
  readonly result: Expr
}

export type Expr = Literal | Ident | Select | Call | ListLiteral | MapLiteral | StructLiteral | Fold
/** The value that a macro's loop carries along; no expression can name it. */
export const CARRY = '@result'
