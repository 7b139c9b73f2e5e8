/** Chance, injected: the same seed gives the same history. */

import { randomBytes, randomUUID } from 'node:crypto'

/** The letters Kubernetes makes names of: no vowels, no look-alikes. */
const NAME_LETTERS = 'bcdfghjklmnpqrstvwxz2456789'

export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** A version 4 UUID. */
  uuid(): string
}

/** The machine's own randomness. */
export const systemRandom: Random = {
  next: () => randomBytes(4).readUInt32LE() / 2 ** 32,
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
  const hex = (digits: number) => Array.from({ length: digits }, () => Math.floor(next() * 16).toString(16)).join('')
  return {
    next,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'.charAt(Math.floor(next() * 4))}${hex(3)}-${hex(12)}`,
  }
}

/** `length` letters as `generateName` appends them. */
export function nameSuffix(random: Random, length = 5): string {
  return Array.from({ length }, () => NAME_LETTERS.charAt(Math.floor(random.next() * NAME_LETTERS.length))).join('')
}
