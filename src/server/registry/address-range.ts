/** A range of IPv4 addresses to allot from (https://kubernetes.io/docs/reference/networking/virtual-ips/#ip-address-range). */

import type { Random } from '../../base/random.ts'

export interface AddressRange {
  /** So many addresses can be allotted. */
  readonly size: number
  has(address: string): boolean
  /** A free address by chance, from the upper part first: the lower one is for addresses people choose. */
  pick(random: Random, isTaken: (address: string) => boolean): string | undefined
}

const GUESSES = 64

/** `10.96.0.0/16`. */
export function addressRange(cidr: string): AddressRange {
  const [base = '', bits = '32'] = cidr.split('/')
  const size = 2 ** (32 - Number(bits))
  const start = toNumber(base) - (toNumber(base) % size)
  const staticPart = Math.min(Math.max(16, Math.floor(size / 16)), 256)
  // Neither the network's own address nor its last one.
  const low = start + 1
  const high = start + size - 2
  const dynamic = Math.min(start + staticPart + 1, high)
  return {
    size: Math.max(0, high - low + 1),
    has(address) {
      const value = toNumber(address)
      return value >= low && value <= high
    },
    pick(random, isTaken) {
      for (let guess = 0; guess < GUESSES; guess++) {
        const address = toText(dynamic + Math.floor(random.next() * (high - dynamic + 1)))
        if (!isTaken(address)) return address
      }
      for (let value = dynamic; value <= high; value++) if (!isTaken(toText(value))) return toText(value)
      for (let value = low + 1; value < dynamic; value++) if (!isTaken(toText(value))) return toText(value)
      return undefined
    },
  }
}

const toNumber = (address: string) => address.split('.').reduce((value, byte) => value * 256 + Number(byte), 0)
const toText = (value: number) => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
