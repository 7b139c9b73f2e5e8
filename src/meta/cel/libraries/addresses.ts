/** IP addresses and ranges of them (https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-ip-address-library). */

import { isIP } from 'node:net'

import { declare, type Library } from '../environment.ts'
import { EvaluationError, type OpaqueValue } from '../values.ts'

/** An address: its bits as a number. */
class IpAddress implements OpaqueValue {
  readonly celType = 'net.IP'
  readonly family: 4 | 6
  readonly bits: bigint

  constructor(family: 4 | 6, bits: bigint) {
    this.family = family
    this.bits = bits
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof IpAddress && other.family === this.family && other.bits === this.bits
  }
}

/** An address and how many of its bits name the range. */
class IpRange implements OpaqueValue {
  readonly celType = 'net.CIDR'
  readonly address: IpAddress
  readonly length: number

  constructor(address: IpAddress, length: number) {
    this.address = address
    this.length = length
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof IpRange && other.length === this.length && other.address.equals(this.address)
  }

  /** What is not of the range's own bits. */
  get hostBits(): bigint {
    return BigInt(widthOf(this.address) - this.length)
  }
}

const widthOf = ({ family }: IpAddress): number => (family === 4 ? 32 : 128)

/** An address; `undefined` for what is none, or has a zone, or is an IPv4 address in IPv6's clothes. */
function readIp(text: string): IpAddress | undefined {
  const family = text.includes('%') ? 0 : isIP(text)
  if (family === 4) return new IpAddress(4, octets(text))
  if (family !== 6) return undefined
  const bits = readV6(text)
  return bits >> 32n === 0xffffn ? undefined : new IpAddress(6, bits)
}

const octets = (text: string): bigint => text.split('.').reduce((bits, octet) => (bits << 8n) | BigInt(octet), 0n)

function readV6(text: string): bigint {
  const tail = /[\d.]+\.\d+$/.exec(text)?.[0]
  const last = tail === undefined ? 0n : octets(tail)
  const groups =
    tail === undefined
      ? text
      : text.slice(0, -tail.length) + `${(last >> 16n).toString(16)}:${(last & 0xffffn).toString(16)}`
  const [left = '', right] = groups.split('::')
  const parts = (half: string) => (half === '' ? [] : half.split(':'))
  const before = parts(left)
  const after = right === undefined ? [] : parts(right)
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n)
}

function readRange(text: string): IpRange | undefined {
  const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text)
  const address = readIp(match?.[1] ?? '')
  const length = Number(match?.[2])
  return address === undefined || length > widthOf(address) ? undefined : new IpRange(address, length)
}

function toIp(text: string): IpAddress {
  const address = readIp(text)
  if (address === undefined) throw new EvaluationError(`IP Address "${text}" parse error during conversion from string`)
  return address
}

function toRange(text: string): IpRange {
  const range = readRange(text)
  if (range === undefined)
    throw new EvaluationError(`network address parse error during conversion from string: "${text}"`)
  return range
}

function showIp({ family, bits }: IpAddress): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.')
  const groups = Array.from({ length: 8 }, (_, at) => ((bits >> BigInt(112 - at * 16)) & 0xffffn).toString(16))
  const runs = [
    ...groups
      .map((group) => (group === '0' ? '0' : 'x'))
      .join('')
      .matchAll(/00+/g),
  ]
  const longest = runs.reduce<RegExpExecArray | undefined>(
    (best, run) => (best === undefined || run[0].length > best[0].length ? run : best),
    undefined,
  )
  if (longest === undefined) return groups.join(':')
  const end = longest.index + longest[0].length
  return `${groups.slice(0, longest.index).join(':')}::${groups.slice(end).join(':')}`
}

const showRange = ({ address, length }: IpRange): string => `${showIp(address)}/${length}`

const startsWith = ({ family, bits }: IpAddress, start: bigint, length: number, of: 4 | 6): boolean =>
  family === of && bits >> BigInt((of === 4 ? 32 : 128) - length) === start

const isUnspecified = ({ bits }: IpAddress): boolean => bits === 0n
const isLoopback = (ip: IpAddress): boolean => startsWith(ip, 127n, 8, 4) || (ip.family === 6 && ip.bits === 1n)
const isMulticast = (ip: IpAddress): boolean => startsWith(ip, 0xen, 4, 4) || startsWith(ip, 0xffn, 8, 6)
const isLinkLocalMulticast = (ip: IpAddress): boolean =>
  startsWith(ip, 0xe00000n, 24, 4) || (startsWith(ip, 0xffn, 8, 6) && ((ip.bits >> 112n) & 0xfn) === 2n)
const isLinkLocalUnicast = (ip: IpAddress): boolean => startsWith(ip, 0xa9fen, 16, 4) || startsWith(ip, 0x3fan, 10, 6)

function isGlobalUnicast(ip: IpAddress): boolean {
  const isBroadcast = ip.family === 4 && ip.bits === 0xffff_ffffn
  return !(isBroadcast || isUnspecified(ip) || isLoopback(ip) || isMulticast(ip) || isLinkLocalUnicast(ip))
}

function containsIp(range: IpRange, ip: IpAddress): boolean {
  return ip.family === range.address.family && ip.bits >> range.hostBits === range.address.bits >> range.hostBits
}

function containsRange(range: IpRange, other: IpRange): boolean {
  return containsIp(range, other.address) && other.length >= range.length
}

function masked({ address, length, hostBits }: IpRange): IpRange {
  return new IpRange(new IpAddress(address.family, (address.bits >> hostBits) << hostBits), length)
}

export const addresses: Library = {
  functions: [
    declare('ip(string): net.IP', toIp),
    declare('isIP(string): bool', (text: string) => readIp(text) !== undefined),
    declare('ip.isCanonical(string): bool', (text: string) => showIp(toIp(text)) === text),
    declare('net.IP->family(): int', ({ family }: IpAddress) => BigInt(family)),
    declare('net.IP->isUnspecified(): bool', isUnspecified),
    declare('net.IP->isLoopback(): bool', isLoopback),
    declare('net.IP->isLinkLocalMulticast(): bool', isLinkLocalMulticast),
    declare('net.IP->isLinkLocalUnicast(): bool', isLinkLocalUnicast),
    declare('net.IP->isGlobalUnicast(): bool', isGlobalUnicast),
    declare('string(net.IP): string', showIp),
    declare('cidr(string): net.CIDR', toRange),
    declare('isCIDR(string): bool', (text: string) => readRange(text) !== undefined),
    declare('net.CIDR->containsIP(string): bool', (range: IpRange, ip: string) => containsIp(range, toIp(ip))),
    declare('net.CIDR->containsIP(net.IP): bool', containsIp),
    declare('net.CIDR->containsCIDR(string): bool', (range: IpRange, other: string) =>
      containsRange(range, toRange(other)),
    ),
    declare('net.CIDR->containsCIDR(net.CIDR): bool', containsRange),
    declare('net.CIDR->ip(): net.IP', ({ address }: IpRange) => address),
    declare('net.CIDR->prefixLength(): int', ({ length }: IpRange) => BigInt(length)),
    declare('net.CIDR->masked(): net.CIDR', masked),
    declare('string(net.CIDR): string', showRange),
  ],
}
