/** Gives the addresses of a node's Pod range to its sandboxes, as the host-local network plugin does. */

import { isIPv4 } from 'node:net'

/** Hands out one address after another, so that one that was given back rests as long as possible. */
export class AddressPool {
  readonly #cidr: string
  readonly #first: number
  readonly #count: number
  readonly #taken = new Set<number>()
  #next = 0

  /** `cidr` is IPv4. Its first two addresses (network, gateway) and its last (broadcast) are not given out. */
  constructor(cidr: string) {
    const [base = '', bits = ''] = cidr.split('/')
    const length = Number(bits)
    if (!isIPv4(base) || !/^\d{1,2}$/.test(bits) || length > 29)
      throw new Error(`"${cidr}" is no IPv4 range that Pods could be in: state one like 10.244.1.0/24`)
    const size = 2 ** (32 - length)
    const number = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
    this.#cidr = cidr
    this.#first = Math.floor(number / size) * size + 2
    this.#count = size - 3
  }

  /** `undefined` when all are taken. */
  take(): string | undefined {
    for (let tried = 0; tried < this.#count; tried++) {
      const offset = (this.#next + tried) % this.#count
      if (this.#taken.has(offset)) continue
      this.#taken.add(offset)
      this.#next = offset + 1
      return textOf(this.#first + offset)
    }
    return undefined
  }

  giveBack(address: string): void {
    const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
    this.#taken.delete(number - this.#first)
  }

  get cidr(): string {
    return this.#cidr
  }
}

const textOf = (number: number) => [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
