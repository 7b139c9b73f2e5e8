import { describe, expect, test } from 'vitest'
import { toTime } from '../../base/clock.ts'
import { EVENTS_V1, IP_ADDRESSES, SERVICES } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'
import { addressRepairs } from './address-repairs.ts'
import { addressClaim, type ReadAddress, type ReadService } from './service-address.ts'

const NOW = Date.UTC(2026, 0, 1)
const made = (secondsAgo: number) => toTime(NOW - secondsAgo * 1000)

const service = (name: string, clusterIP: string, spec: ReadService['spec'] = {}): ReadService => ({
  metadata: { name, namespace: 'shop', creationTimestamp: made(900) },
  spec: { type: 'ClusterIP', clusterIP, clusterIPs: [clusterIP], ...spec },
})

/** The address of a Service called `name`. */
const address = (ip: string, name: string, secondsAgo = 900): ReadAddress => {
  const { labels, spec } = addressClaim(ip, { namespace: 'shop', name })
  return { metadata: { name: ip, labels, creationTimestamp: made(secondsAgo) }, spec }
}
const ofGateway = (ip: string): ReadAddress => {
  const parentRef = { group: 'example.com', resource: 'gateways', namespace: 'shop', name: 'g' }
  return { ...address(ip, 'g'), spec: { parentRef } }
}
const unlabelled = (ip: string, name: string): ReadAddress => ({
  ...address(ip, name),
  metadata: { name: ip, labels: {}, creationTimestamp: made(900) },
})

const external = { type: 'ExternalName' as const }
const NOT_ALLOCATED = 'make ClusterIPNotAllocated'

describe('between Services and their addresses', () => {
  const cases: readonly {
    readonly when: string
    readonly services?: readonly ReadService[]
    readonly addresses?: readonly ReadAddress[]
    readonly wrong: readonly string[]
  }[] = [
    { when: 'all is well', services: [service('a', '10.96.0.5')], addresses: [address('10.96.0.5', 'a')], wrong: [] },
    { when: 'a headless Service has none', services: [service('a', 'None')], wrong: [] },
    { when: 'an address is missing', services: [service('a', '10.96.0.5')], wrong: [NOT_ALLOCATED] },
    { when: 'one is out of range', services: [service('a', '10.1.0.5')], wrong: ['tell ClusterIPOutOfRange'] },
    {
      when: 'one is for something else',
      services: [service('a', '10.96.0.5')],
      addresses: [ofGateway('10.96.0.5')],
      wrong: [NOT_ALLOCATED, 'remove IPAddressNotAllocated'],
    },
    {
      when: 'one is for a Service that is gone',
      services: [service('a', '10.96.0.5')],
      addresses: [address('10.96.0.5', 'b', 1)],
      wrong: [NOT_ALLOCATED],
    },
    {
      when: 'two Services have one',
      services: [service('a', '10.96.0.5'), service('b', '10.96.0.5')],
      addresses: [address('10.96.0.5', 'a')],
      wrong: ['tell ClusterIPAlreadyAllocated'],
    },
    {
      when: 'one has lost its labels',
      services: [service('a', '10.96.0.5')],
      addresses: [unlabelled('10.96.0.5', 'a')],
      wrong: ['make nothing'],
    },
    { when: 'one is left over', addresses: [address('10.96.0.5', 'a')], wrong: ['remove IPAddressNotAllocated'] },
    { when: 'the Service of one may still come', addresses: [address('10.96.0.5', 'a', 30)], wrong: [] },
    { when: 'somebody else looks after one', addresses: [unlabelled('10.96.0.5', 'a')], wrong: [] },
    {
      when: 'a Service has another by now',
      services: [service('a', '10.96.0.6')],
      addresses: [address('10.96.0.5', 'a'), address('10.96.0.6', 'a')],
      wrong: ['remove IPAddressWrongReference'],
    },
    {
      when: 'a Service is about to get one',
      services: [service('a', '', external)],
      addresses: [address('10.96.0.5', 'a', 30)],
      wrong: [],
    },
  ]
  for (const { when, services = [], addresses = [], wrong } of cases) {
    test(`it is said when ${when}`, () => {
      const repairs = addressRepairs({ services, addresses, isInRange: (ip) => ip.startsWith('10.96.'), now: NOW })
      expect(repairs.map(({ act = 'tell', notice }) => `${act} ${notice?.reason ?? 'nothing'}`)).toEqual(wrong)
    })
  }
})

test('a server that runs gives Services their addresses back, and takes those that nobody has', async () => {
  const { server, client, clock } = await startServer()
  const stop = new AbortController()
  const running = server.run(stop.signal).catch(() => {})
  const { spec } = await client.create(SERVICES, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { ports: [{ port: 80 }] },
  })
  const name = spec?.clusterIP ?? ''
  await client.delete(IP_ADDRESSES, { name })
  const left = addressClaim('10.96.7.7', { namespace: 'default', name: 'gone' })
  await client.create(IP_ADDRESSES, { metadata: { name: '10.96.7.7', labels: left.labels }, spec: left.spec })
  await clock.advance(190_000)
  for (let turn = 0; turn < 20; turn++) await clock.advance(50)
  const all = (await client.list(IP_ADDRESSES)).items
  expect(all.find(({ metadata }) => metadata.name === name)?.spec).toEqual(
    addressClaim(name, { namespace: 'default', name: 'web' }).spec,
  )
  expect(all.map(({ metadata }) => metadata.name)).not.toContain('10.96.7.7')
  const told = (await client.list(EVENTS_V1)).items.map(({ reason, action, note }) => ({ reason, action, note }))
  expect(told).toContainEqual({
    reason: 'ClusterIPNotAllocated',
    action: 'ClusterIPAllocation',
    note: `Cluster IP [IPv4]: ${name} is not allocated; repairing`,
  })
  expect(new Set(told.map(({ reason }) => reason))).toEqual(new Set(['ClusterIPNotAllocated', 'IPAddressNotAllocated']))
  stop.abort()
  await running
})
