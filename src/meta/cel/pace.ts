/**
 * How a long evaluation lets others have their turn. An expression has no effects, so it is broken off between two items
 * of a loop, or after a costly call, and evaluated again later: what it had reached is remembered, and what comes before
 * that place is not paid for a second time.
 */

/** After so much cost an evaluation is broken off: a few milliseconds, also where its code never ran before. */
const SHARE = 50_000
/** A call that costs as much is not done twice. */
export const COSTLY_CALL = 1_000

/** Breaks an evaluation off. No part of an expression makes up for it, as it would for a failure. */
export class Pause extends Error {
  override name = 'Pause'
}

/** What counts the cost of one evaluation. */
export interface Counted {
  /** So far. */
  cost: number
  /** What it was when this turn began. */
  began: number
}

/** The turns of evaluations that need each other: an expression, and the variables that it names. */
export class Pace {
  readonly #share: number
  /** By evaluations that ended in this turn. */
  #spent = 0
  /** Where the last turn broke off. */
  #place: object | undefined
  /** Those that were broken off, with what they had cost. */
  #paused: { readonly counted: Counted; readonly cost: number }[] = []

  /** `share`: the most that a turn costs before it is broken off. */
  constructor(share = SHARE) {
    this.#share = share
  }

  /** Breaks off at this place, which the next turn is to `reach`, when this turn has had its share. */
  pauseAfter(place: object, { cost, began }: Counted): void {
    if (this.#spent + cost - began <= this.#share) return
    this.#place = place
    throw new Pause()
  }

  /** An evaluation comes by a place. If it was broken off here, it is paid for again from now on. */
  reach(place: object): void {
    if (this.#place !== place) return
    this.#place = undefined
    for (const { counted, cost } of this.#paused) counted.cost = counted.began = cost
    this.#paused = []
    this.#spent = 0
  }

  /** An evaluation was broken off: until its place is reached again, nothing that it does costs anything. */
  paused(counted: Counted): void {
    this.#paused.push({ counted, cost: counted.cost })
    counted.cost = Number.NEGATIVE_INFINITY
  }

  ended({ cost, began }: Counted): void {
    this.#spent += cost - began
  }
}

/** What parts of an expression have come to, by their numbers: for one evaluation, or one item of a loop. */
export type Progress = Map<number, unknown>
