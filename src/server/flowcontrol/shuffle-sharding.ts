/**
 * Which queues a flow may use: a hand of cards, dealt by the flow's hash, so that hardly two flows share all of theirs
 * (https://aws.amazon.com/builders-library/workload-isolation-using-shuffle-sharding/). Pure.
 */

import { createHash } from 'node:crypto'

/** A number of 64 bits that stands for a flow. */
export function flowHash(schema: string, distinguisher: string): bigint {
  return createHash('sha256').update(`${schema}\0${distinguisher}`).digest().readBigUInt64LE(0)
}

/** `size` different cards of a deck of `deck`, decided by the hash. */
export function dealHand(hash: bigint, deck: number, size: number): readonly number[] {
  const dealt: number[] = []
  let rest = hash
  for (let left = deck; left > deck - size; left--) {
    // One of those that are left, counted without those that are dealt.
    let card = Number(rest % BigInt(left))
    rest /= BigInt(left)
    for (const gone of dealt.toSorted((a, b) => a - b)) if (card >= gone) card++
    dealt.push(card)
  }
  return dealt
}
