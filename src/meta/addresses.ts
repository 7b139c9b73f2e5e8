/**
 * Addresses and ranges of addresses in fields: what is wrong with them, and what to warn of
 * (https://kubernetes.io/docs/reference/access-authn-authz/ip-validation/).
 */

import { isIPv4, isIPv6 } from 'node:net'

import { goQuote } from '../base/go-quote.ts'
import type { FieldError, FieldPath } from './field-path.ts'
import { invalidValue } from './validation.ts'

const NO_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const NO_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

/** An address as it was read. */
export interface Address {
  readonly family: 4 | 6
  readonly value: bigint
  /** An IPv4 address as one of IPv6: `::ffff:1.2.3.4`. */
  readonly isMapped: boolean
  /** The one form that everybody writes. */
  readonly canonical: string
  readonly hasLeadingZeros: boolean
}

/** A range of addresses. */
export interface Cidr {
  readonly address: Address
  readonly bits: number
  readonly hasLeadingZeros: boolean
}

/** An address, read as Go once did: as if leading zeros were not there. */
export function readAddress(text: string): Address | undefined {
  if (text !== lastRead.text) lastRead = { text, address: addressOf(text) }
  return lastRead.address
}

/** Several rules look at one address after the other. */
let lastRead: { readonly text: string; readonly address: Address | undefined } = { text: '', address: undefined }

function addressOf(text: string): Address | undefined {
  // Leading zeros have a digit behind them.
  const plain = /\b0\d/.test(text) && !isIPv6(text) ? text.replaceAll(/\b0+(?=\d)/g, '') : text
  if (isIPv4(plain)) {
    const value = BigInt(plain.split('.').reduce((all, part) => all * 256 + Number(part), 0))
    return { family: 4, value, isMapped: false, canonical: plain, hasLeadingZeros: plain !== text }
  }
  if (!isIPv6(text) || text.includes('%')) return undefined
  const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1)
  const value = valueOf(canonical)
  return { family: 6, value, isMapped: value >> 32n === 0xffffn, canonical, hasLeadingZeros: false }
}

function valueOf(canonical: string): bigint {
  const [front = '', back] = canonical.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':'))
  const [before, after] = [groups(front), back === undefined ? [] : groups(back)]
  const between = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...between, ...after].reduce((all, group) => all * 0x10000n + BigInt(`0x${group}`), 0n)
}

/** A range, read as leniently. */
export function readCidr(text: string): Cidr | undefined {
  const [address = '', length = '', ...more] = text.split('/')
  const read = readAddress(address)
  if (read === undefined || more.length > 0 || !/^\d{1,5}$/.test(length)) return undefined
  const bits = Number(length)
  if (bits > widthOf(read)) return undefined
  return { address: read, bits, hasLeadingZeros: read.hasLeadingZeros || String(bits) !== length }
}

const widthOf = ({ family }: Address) => (family === 4 ? 32 : 128)

/** The bits of an address up to a length. */
export const prefixOf = ({ address }: Cidr, bits: number): bigint => address.value >> BigInt(widthOf(address) - bits)

const hasBitsBeyond = (cidr: Cidr) =>
  prefixOf(cidr, cidr.bits) << BigInt(widthOf(cidr.address) - cidr.bits) !== cidr.address.value

/** What is wrong with an address. */
export function ipFault(text: string): string | undefined {
  const address = readAddress(text)
  if (address === undefined) return NO_IP
  if (address.hasLeadingZeros) return 'must not have leading 0s'
  return address.isMapped ? 'must not be an IPv4-mapped IPv6 address' : undefined
}

/** The same where it must be written in its one form. */
export function canonicalIpFault(text: string): string | undefined {
  const fault = ipFault(text)
  if (fault !== undefined) return fault
  const { canonical } = readAddress(text)!
  return canonical === text ? undefined : `must be in canonical form (${goQuote(canonical)})`
}

/** What is wrong with a range. */
export const cidrFault = (text: string): string | undefined => faultOf(readCidr(text))

function faultOf(cidr: Cidr | undefined): string | undefined {
  if (cidr === undefined) return NO_CIDR
  if (cidr.hasLeadingZeros) return 'must not have leading 0s in IP or prefix length'
  if (cidr.address.isMapped) return 'must not have an IPv4-mapped IPv6 address'
  return hasBitsBeyond(cidr) ? 'must not have bits set beyond the prefix length' : undefined
}

/** The same where it must be written in its one form. */
export function canonicalCidrFault(text: string): string | undefined {
  const fault = cidrFault(text)
  if (fault !== undefined) return fault
  const { address, bits } = readCidr(text)!
  const canonical = `${address.canonical}/${bits}`
  return canonical === text ? undefined : `must be in canonical form (${goQuote(canonical)})`
}

/** The fault of a field that holds an address. */
export function validateIp(text: string, path: FieldPath): FieldError[] {
  const fault = ipFault(text)
  return fault === undefined ? [] : [invalidValue(path, text, fault)]
}

/** The fault of a field that holds a range; `cidr` is what was read of it. */
export function validateCidr(text: string, path: FieldPath, cidr = readCidr(text)): FieldError[] {
  const fault = faultOf(cidr)
  return fault === undefined ? [] : [invalidValue(path, text, fault)]
}

/** What to warn of an address that is not refused. */
export function ipWarnings(text: string, path: FieldPath): string[] {
  const address = readAddress(text)
  if (address === undefined || address.canonical === text) return []
  if (address.hasLeadingZeros || address.isMapped) {
    const plain = address.isMapped ? mappedText(address.value) : address.canonical
    return [`${path.toString()}: non-standard IP address ${goQuote(text)} is invalid: use ${goQuote(plain)}`]
  }
  const canonical = goQuote(address.canonical)
  return [`${path.toString()}: IPv6 address ${goQuote(text)} should be in RFC 5952 canonical format (${canonical})`]
}

/** The IPv4 address in one of IPv6. */
const mappedText = (value: bigint) => [24n, 16n, 8n, 0n].map((bits) => (value >> bits) & 0xffn).join('.')

/** What to warn of a range that is not refused. */
export function cidrWarnings(text: string, path: FieldPath): string[] {
  const cidr = readCidr(text)
  if (cidr === undefined || cidr.address.family === 4 || cidr.address.isMapped || hasBitsBeyond(cidr)) return []
  const canonical = `${cidr.address.canonical}/${cidr.bits}`
  if (canonical === text) return []
  return [
    `${path.toString()}: IPv6 CIDR value ${goQuote(text)} should be in RFC 5952 canonical format (${goQuote(canonical)})`,
  ]
}
