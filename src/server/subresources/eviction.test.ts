import { beforeEach, expect, test } from 'vitest'

import type { Client } from '../../client/client.ts'
import { PODS } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'

const AT = { namespace: 'default', name: 'web' }
const EVICTED = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }

let client: Client
beforeEach(async () => {
  ;({ client } = await startServer())
  await client.create(PODS, {
    metadata: { ...AT, finalizers: ['example.com/stay'] },
    spec: { containers: [{ name: 'c', image: 'busybox' }] },
  })
})

const evict = (deleteOptions: object = {}) =>
  client.createSubresource(
    PODS,
    { ...AT, subresource: 'eviction' },
    {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: AT,
      deleteOptions,
    },
  )
const conditions = async () => (await client.get(PODS, AT)).status?.conditions ?? []

test('an evicted Pod says why it goes, once', async () => {
  await evict()
  await evict()
  expect((await conditions()).filter(({ type }) => type === EVICTED.type)).toMatchObject([
    { ...EVICTED, message: 'Eviction API: evicting' },
  ])
  expect((await client.get(PODS, AT)).metadata.deletionTimestamp).toBeDefined()
})

test('an eviction that only tries changes nothing', async () => {
  await evict({ dryRun: ['All'] })
  expect((await client.get(PODS, AT)).metadata.deletionTimestamp).toBeUndefined()
  expect(await conditions()).not.toContainEqual(expect.objectContaining(EVICTED))
})

test('an eviction of another state of the Pod changes nothing', async () => {
  await expect(evict({ preconditions: { resourceVersion: '1' } })).rejects.toThrow(/modified/)
  await expect(evict({ preconditions: { uid: 'another' } })).rejects.toThrow(/UID in precondition: another/)
  expect(await conditions()).not.toContainEqual(expect.objectContaining(EVICTED))
  const { uid, resourceVersion } = (await client.get(PODS, AT)).metadata
  await evict({ preconditions: { uid, resourceVersion } })
  expect(await conditions()).toContainEqual(expect.objectContaining(EVICTED))
})
