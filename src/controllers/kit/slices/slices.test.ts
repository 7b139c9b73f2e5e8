import { describe, expect, test } from 'vitest'
import type { EndpointSlice } from '../../../api/generated/discovery-v1.ts'
import { type EndpointGroup, planSlices } from './slices.ts'

const MARKS = { labels: { app: 'web' } }
const PORTS = [{ name: '', port: 80, protocol: 'TCP' as const }]

const endpoints = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => ({ addresses: [`10.0.${(from + at) >> 8}.${(from + at) & 255}`] }))

const group = (from: number, to: number): EndpointGroup => ({
  addressType: 'IPv4',
  ports: PORTS,
  endpoints: endpoints(from, to),
})

const slice = (name: string, content: Partial<EndpointSlice>): EndpointSlice => ({
  metadata: { name, namespace: 'default', labels: MARKS.labels },
  addressType: 'IPv4',
  ports: [],
  endpoints: [],
  ...content,
})

const sizes = (contents: readonly { readonly endpoints: readonly unknown[] }[]) =>
  contents.map((content) => content.endpoints.length)

describe('planSlices()', () => {
  test('makes slices of at most a hundred endpoints', () => {
    expect(sizes(planSlices([group(0, 250)], [], MARKS).create)).toEqual([100, 100, 50])
  })

  test('makes as large slices as it is told to', () => {
    expect(sizes(planSlices([group(0, 250)], [], { ...MARKS, limit: 1000 }).create)).toEqual([250])
  })

  test('gives an empty slice its first endpoints instead of making another', () => {
    const plan = planSlices([group(0, 2)], [slice('a', {})], MARKS)
    expect(plan).toMatchObject({ create: [], remove: [], update: [{ slice: { metadata: { name: 'a' } } }] })
    expect(plan.update[0]?.content.ports).toEqual(PORTS)
  })

  test('gives a slice of other ports away only within its kind of address', () => {
    const old = slice('a', { addressType: 'IPv6', endpoints: [{ addresses: ['fd00::1'] }] })
    const plan = planSlices([group(0, 2)], [old], MARKS)
    expect(sizes(plan.create)).toEqual([2])
    expect(plan.remove).toEqual([old])
  })
})
