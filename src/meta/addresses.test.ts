import { describe, expect, test } from 'vitest'
import { canonicalCidrFault, canonicalIpFault, cidrFault, cidrWarnings, ipFault, ipWarnings } from './addresses.ts'
import { fieldPath } from './field-path.ts'

const NO_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const NO_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

describe('an address', () => {
  const cases: readonly (readonly [string, string | undefined, string | undefined])[] = [
    ['10.0.0.1', undefined, undefined],
    ['fd00::1', undefined, undefined],
    ['FD00::1', undefined, 'must be in canonical form ("fd00::1")'],
    ['fd00:0::1', undefined, 'must be in canonical form ("fd00::1")'],
    ['010.1.1.1', 'must not have leading 0s', 'must not have leading 0s'],
    ['::ffff:1.2.3.4', 'must not be an IPv4-mapped IPv6 address', 'must not be an IPv4-mapped IPv6 address'],
    ['300.1.1.1', NO_IP, NO_IP],
    ['1.2.3', NO_IP, NO_IP],
    ['fe80::1%eth0', NO_IP, NO_IP],
    ['', NO_IP, NO_IP],
  ]
  test.each(cases)('%j', (text, fault, canonical) =>
    expect([ipFault(text), canonicalIpFault(text)]).toEqual([fault, canonical]),
  )
})

describe('a range of addresses', () => {
  const zeros = 'must not have leading 0s in IP or prefix length'
  const beyond = 'must not have bits set beyond the prefix length'
  const cases: readonly (readonly [string, string | undefined, string | undefined])[] = [
    ['10.0.0.0/8', undefined, undefined],
    ['0.0.0.0/0', undefined, undefined],
    ['fd00::/64', undefined, undefined],
    ['FD00::/64', undefined, 'must be in canonical form ("fd00::/64")'],
    ['010.0.0.0/8', zeros, zeros],
    ['10.0.0.0/08', zeros, zeros],
    ['10.0.0.1/8', beyond, beyond],
    ['fd00::1/64', beyond, beyond],
    ['::ffff:1.2.3.0/120', 'must not have an IPv4-mapped IPv6 address', 'must not have an IPv4-mapped IPv6 address'],
    ['10.0.0.0', NO_CIDR, NO_CIDR],
    ['10.0.0.0/33', NO_CIDR, NO_CIDR],
    ['10.0.0.0/8/8', NO_CIDR, NO_CIDR],
    ['x', NO_CIDR, NO_CIDR],
  ]
  test.each(cases)('%j', (text, fault, canonical) =>
    expect([cidrFault(text), canonicalCidrFault(text)]).toEqual([fault, canonical]),
  )
})

test('other forms of IPv6 are warned of', () => {
  const path = fieldPath('spec', 'x')
  expect([...ipWarnings('FD00::1', path), ...ipWarnings('fd00::1', path), ...ipWarnings('10.0.0.1', path)]).toEqual([
    'spec.x: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")',
  ])
  expect([...cidrWarnings('FD00::/64', path), ...cidrWarnings('10.0.0.0/8', path)]).toEqual([
    'spec.x: IPv6 CIDR value "FD00::/64" should be in RFC 5952 canonical format ("fd00::/64")',
  ])
})
