/** Chance, injected: the same seed gives the same history. */

import { randomFillSync, randomUUID } from 'node:crypto'

/** The letters Kubernetes makes names of: no vowels, no look-alikes. */
const NAME_LETTERS = 'bcdfghjklmnpqrstvwxz2456789'

const HEX_DIGITS = '0123456789abcdef'

export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** A version 4 UUID. */
  uuid(): string
}

/** Asking the machine is slow, however little is asked for: what it gives is kept here until it is used. */
const pool = Buffer.alloc(4_096)
let used = pool.length

/** The machine's own randomness. */
export const systemRandom: Random = {
  next() {
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    const value = pool.readUInt32LE(used) / 2 ** 32
    // What was given out is not kept.
    pool.fill(0, used, (used += 4))
    return value
  },
  uuid: () => randomUUID(),
}

/** A reproducible source of 32 bits of state: good for jitter, names and simulated uids; never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const hex = (digits: number) => {
    let text = ''
    for (let i = 0; i < digits; i++) text += HEX_DIGITS.charAt(Math.floor(next() * 16))
    return text
  }
  return {
    next,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'.charAt(Math.floor(next() * 4))}${hex(3)}-${hex(12)}`,
  }
}

/** `length` letters as `generateName` appends them. */
export function nameSuffix(random: Random, length = 5): string {
  let suffix = ''
  for (let i = 0; i < length; i++) suffix += NAME_LETTERS.charAt(Math.floor(random.next() * NAME_LETTERS.length))
  return suffix
}
