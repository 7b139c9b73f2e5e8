/** What macros become: loops over lists and maps, at once or in turns, and what they make. */

import { CARRY, type Expr } from './ast.ts'
import type { Frame, Later, Program } from './frame.ts'
import type { Pace, Progress } from './pace.ts'
import { type CelValue, EvaluationError, isList, isMap, type LiteralMap } from './values.ts'

export const isCarry = (node: Expr | undefined): boolean => node?.kind === 'ident' && node.name === CARRY

/**
 * What a loop makes is seen by nobody else before it ends, so that it may grow in place: if it were made anew for each
 * item, a loop would take the square of its items.
 */
export function longer(carry: Program, added: Program): Program {
  return (frame) => {
    const list = carry(frame) as CelValue[]
    const more = added(frame) as readonly CelValue[]
    frame.pay(1)
    for (const item of more) list.push(item)
    return list
  }
}

/** The same of a map: a key and its value, or the entries of another map. */
export function inserted([carry, ...added]: readonly Program[]): Program {
  return (frame) => {
    const map = (carry as Program)(frame) as LiteralMap
    const [first = null, second] = added.map((part) => part(frame))
    if (second !== undefined) map.insert(first, second)
    else if (isMap(first)) for (const key of first.keys()) map.insert(key, first.get(key) ?? null)
    else throw new EvaluationError('no such overload')
    frame.pay(1)
    return map
  }
}

export interface Loop {
  readonly carry: number
  readonly item: number
  readonly item2: number | undefined
  readonly goesOn: Program
  readonly step: Program
}

/** Goes over all items, or keys. */
export function goOver(loop: Loop, over: CelValue, frame: Frame): void {
  let at = 0
  for (const each of eachOf(over)) {
    place(loop, { over, at, each }, frame)
    at++
    if (loop.goesOn(frame) !== true) return
    frame.slots[loop.carry] = stepped(loop.step, frame)
  }
}

function eachOf(over: CelValue): Iterable<CelValue> {
  if (isList(over)) return over
  if (isMap(over)) return over.keys()
  throw new EvaluationError('no such overload')
}

/** One variable stands for an item, or a key; two for an index and an item, or a key and its value. */
function place(
  { item, item2 }: Loop,
  { over, at, each }: { readonly over: CelValue; readonly at: number; readonly each: CelValue },
  { slots }: Frame,
): void {
  slots[item] = item2 !== undefined && isList(over) ? BigInt(at) : each
  if (item2 !== undefined) slots[item2] = isMap(over) ? (over.get(each) ?? null) : each
}

/** One run of a loop, as far as it has come. */
export interface Round {
  readonly over: CelValue
  readonly items: Iterator<CelValue>
  at: number
  /** The item it is at, or the end. */
  current: IteratorResult<CelValue>
  /** What was reached within this item. */
  readonly inner: Progress
}

export function roundOver(over: CelValue): Round {
  const items = eachOf(over)[Symbol.iterator]()
  return { over, items, at: 0, current: items.next(), inner: new Map() }
}

/** The same as `goOver` from where it was broken off, and until others have their turn. */
export function goOverInTurns(loop: Loop, round: Round, frame: Frame, pace: Pace): void {
  pace.reach(round)
  while (round.current.done !== true) {
    place(loop, { over: round.over, at: round.at, each: round.current.value }, frame)
    if (loop.goesOn(frame) !== true) return
    frame.slots[loop.carry] = stepped(loop.step, frame)
    round.inner.clear()
    round.at++
    round.current = round.items.next()
    pace.pauseAfter(round, frame)
  }
}

/** What is bound, when it is needed: one that fails costs as much each time, and is not evaluated again. */
export function failingOnce(start: Program, frame: Frame): Later {
  let before: number | undefined
  let failure: { readonly error: EvaluationError; readonly cost: number } | undefined
  return () => {
    if (failure !== undefined) {
      frame.pay(failure.cost)
      throw failure.error
    }
    before ??= frame.cost
    try {
      return start(frame)
    } catch (error) {
      if (error instanceof EvaluationError) failure = { error, cost: frame.cost - before }
      throw error
    }
  }
}

/** A step that failed is carried as a failure: a later one may make up for it. */
function stepped(step: Program, frame: Frame): CelValue | Later {
  try {
    return step(frame)
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error
    return () => {
      throw error
    }
  }
}
