import { describe, expect, test } from 'vitest'
import { contains, mayGo, type ReadAddress, type ReadRange } from './decide.ts'

const range = (name: string, ...cidrs: string[]): ReadRange => ({ metadata: { name }, spec: { cidrs } })
const address = (name: string, manager = 'ipallocator.k8s.io'): ReadAddress => ({
  metadata: { name, labels: { 'ipaddress.kubernetes.io/managed-by': manager } },
  spec: { parentRef: { resource: 'services', namespace: 'default', name: 'web' } },
})

describe('contains()', () => {
  const cases = [
    { outer: '10.0.0.0/8', inner: '10.96.0.0/16', is: true },
    { outer: '10.96.0.0/16', inner: '10.96.0.0/16', is: true },
    { outer: '10.96.0.0/16', inner: '10.0.0.0/8', is: false },
    { outer: '10.96.0.0/16', inner: '10.97.0.0/24', is: false },
    { outer: 'fd00::/64', inner: 'fd00::1:0/112', is: true },
    { outer: '0.0.0.0/0', inner: 'fd00::/64', is: false },
  ]
  for (const { outer, inner, is } of cases) {
    test(`says that ${outer} ${is ? 'has' : 'has not'} ${inner}`, () => expect(contains(outer, inner)).toBe(is))
  }
})

describe('mayGo()', () => {
  const more = range('more', '10.200.0.0/28')
  const own = range('kubernetes', '10.96.0.0/16')
  const cases = [
    { when: 'nothing is in use', ranges: [], addresses: [], may: true },
    { when: 'an address of it is in use', ranges: [], addresses: [address('10.200.0.3')], may: false },
    { when: 'an address of another is in use', ranges: [], addresses: [address('10.96.0.3')], may: true },
    { when: 'somebody else wrote the address', ranges: [], addresses: [address('10.200.0.3', 'me')], may: true },
    {
      when: 'a wider one is there',
      ranges: [range('wide', '10.200.0.0/16')],
      addresses: [address('10.200.0.3')],
      may: true,
    },
    {
      when: 'another holds the address',
      ranges: [range('part', '10.200.0.0/29')],
      addresses: [address('10.200.0.3')],
      may: true,
    },
    {
      when: 'another holds some addresses',
      ranges: [range('part', '10.200.0.0/29')],
      addresses: [address('10.200.0.12')],
      may: false,
    },
  ]
  for (const { when, ranges, addresses, may } of cases) {
    test(`${may ? 'lets a range go' : 'keeps a range'} when ${when}`, () => {
      expect(mayGo(more, [own, more, ...ranges], addresses)).toBe(may)
    })
  }
})
