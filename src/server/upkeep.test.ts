/** What a running server keeps in order by itself. */

import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  EVENTS,
  EVENTS_V1,
  FLOW_SCHEMAS,
  IP_ADDRESSES,
  PRIORITY_LEVEL_CONFIGURATIONS,
  SERVICES,
} from '../client/resources.ts'
import { StorageError } from '../storage/errors.ts'
import { createMemoryStorage } from '../storage/memory/memory-storage.ts'
import { startServer } from './fixtures.ts'

let started: Awaited<ReturnType<typeof startServer>>
let stop: AbortController
let run: Promise<void>

beforeEach(async () => {
  started = await startServer()
  stop = new AbortController()
  run = started.server.run(stop.signal).catch(() => {})
  await started.clock.advance(1_000)
})

afterEach(async () => {
  stop.abort()
  await run
  started.server.close()
})

const LOOK_MS = 3 * 60_000 + 5_000

test('a Service whose address was freed by hand gets it back, and its event says so', async () => {
  const { client, clock } = started
  const made = await client.create(SERVICES, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { ports: [{ port: 80 }] },
  })
  const name = made.spec?.clusterIP ?? ''
  await client.delete(IP_ADDRESSES, { name })
  await clock.advance(LOOK_MS)
  const { spec } = await client.get(IP_ADDRESSES, { name })
  expect(spec?.parentRef).toMatchObject({ resource: 'services', namespace: 'default', name: 'web' })
  const { items } = await client.list(EVENTS_V1, { namespace: 'default' })
  expect(items.map(({ reason, regarding }) => `${regarding?.name} ${reason}`)).toEqual(['web ClusterIPNotAllocated'])
})

test('an address whose Service is gone is freed', async () => {
  const { client, clock } = started
  const parentRef = { group: '', resource: 'services', namespace: 'default', name: 'gone' }
  const labels = {
    'ipaddress.kubernetes.io/ip-family': 'IPv4',
    'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
  }
  await client.create(IP_ADDRESSES, { metadata: { name: '10.96.0.77', labels }, spec: { parentRef } })
  await clock.advance(2 * LOOK_MS)
  const { items } = await client.list(IP_ADDRESSES)
  expect(items.map(({ metadata }) => metadata.name)).not.toContain('10.96.0.77')
})

test('the default flow schemas and levels come back, and get back what is the server’s', async () => {
  const { client, clock } = started
  await client.delete(FLOW_SCHEMAS, { name: 'service-accounts' })
  await client.delete(PRIORITY_LEVEL_CONFIGURATIONS, { name: 'workload-low' })
  await client.patch(FLOW_SCHEMAS, { name: 'catch-all' }, 'merge', { spec: { matchingPrecedence: 5_000 } })
  await clock.advance(61_000)
  const { spec } = await client.get(FLOW_SCHEMAS, { name: 'service-accounts' })
  expect(spec?.priorityLevelConfiguration?.name).toBe('workload-low')
  expect((await client.get(PRIORITY_LEVEL_CONFIGURATIONS, { name: 'workload-low' })).spec?.type).toBe('Limited')
  expect((await client.get(FLOW_SCHEMAS, { name: 'catch-all' })).spec?.matchingPrecedence).toBe(10_000)
})

test('an event goes an hour after it was last heard of, and what it says of the future is not believed', async () => {
  const { client, clock } = started
  const involvedObject = { kind: 'Pod', namespace: 'default', name: 'p' }
  const metadata = { name: 'e', namespace: 'default' }
  await client.create(EVENTS, { metadata, involvedObject, lastTimestamp: '2999-01-01T00:00:00Z' })
  const names = async () =>
    (await client.list(EVENTS, { namespace: 'default' })).items.map((event) => event.metadata.name)
  await clock.advance(60 * 60_000)
  expect(await names()).toEqual(['e'])
  await clock.advance(61_000)
  expect(await names()).toEqual([])
})

test('an old event that a full disk keeps is removed when there is room again', async () => {
  const storage = createMemoryStorage()
  let isFull = false
  const transact = storage.transact.bind(storage)
  storage.transact = (compare, operations) =>
    isFull ? Promise.reject(new StorageError('full', 'no space')) : transact(compare, operations)
  const { client, clock, server } = await startServer({ storage })
  const aborted = new AbortController()
  let hasEnded = false
  const running = server.run(aborted.signal).finally(() => (hasEnded = true))
  running.catch(() => {})
  const involvedObject = { kind: 'Pod', namespace: 'default', name: 'p' }
  await client.create(EVENTS, { metadata: { name: 'e', namespace: 'default' }, involvedObject })
  const names = async () =>
    (await client.list(EVENTS, { namespace: 'default' })).items.map(({ metadata }) => metadata.name)
  isFull = true
  await clock.advance(62 * 60_000)
  expect(hasEnded).toBe(false)
  expect(await names()).toEqual(['e'])
  isFull = false
  await clock.advance(61_000)
  expect(await names()).toEqual([])
  aborted.abort()
  await running.catch(() => {})
  server.close()
})
