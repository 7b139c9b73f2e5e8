import { expect, test } from 'vitest'

import type { PodSpec } from '../../api/generated/core-v1.ts'
import type { ResourceClaim } from '../../api/generated/resource-v1.ts'
import { createClient } from '../../client/client.ts'
import { FakeApi } from '../../client/fake-api.ts'
import { RESOURCE_CLAIMS } from '../../client/resources.ts'
import type { PodView } from '../pods/pod-view.ts'
import { refuseDevices } from './pod-claims.ts'

const podOf = (spec: Partial<PodSpec>): PodView => ({
  metadata: { name: 'web', namespace: 'shop', uid: '1' },
  spec: { containers: [{ name: 'app' }], ...spec },
})
const takes = podOf({ resourceClaims: [{ name: 'gpu', resourceClaimName: 'mine' }] })
const result = { request: 'r', driver: 'gpu.example.com', pool: 'p', device: 'd' }
const reservedFor = [{ resource: 'pods', name: 'web', uid: '1' }]

async function prepared(pod: PodView, status?: ResourceClaim['status']): Promise<void> {
  const client = createClient(new FakeApi())
  if (status !== undefined) {
    await client.create(RESOURCE_CLAIMS, { metadata: { name: 'mine', namespace: 'shop', uid: '2' }, spec: {}, status })
  }
  await refuseDevices(pod, client, new AbortController().signal)
}

test('a Pod without claims needs nothing, nor one whose claim has no devices', async () => {
  await expect(prepared(podOf({}))).resolves.toBeUndefined()
  await expect(prepared(takes, { reservedFor, allocation: {} })).resolves.toBeUndefined()
})

test.each([
  ['a claim that is not there', undefined, 'fetch ResourceClaim mine: '],
  ['a claim of somebody else', { allocation: {} }, 'pod web (1) is not allowed to use ResourceClaim mine ('],
  [
    'a claim with devices',
    { reservedFor, allocation: { devices: { results: [result] } } },
    'DRA driver gpu.example.com is not registered',
  ],
])('a Pod waits for %s', async (_what, status, words) => {
  await expect(prepared(takes, status)).rejects.toThrow(words)
})

test('a Pod waits for a claim that is not made yet', async () => {
  const early = podOf({ resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 't' }] })
  await expect(prepared(early)).rejects.toThrow('pod "shop/web": ResourceClaim not created yet')
})

test('a Pod waits for the devices behind its extended resources', async () => {
  const extendedResourceClaimStatus = { resourceClaimName: 'mine', requestMappings: [] }
  const extended = { ...podOf({}), status: { extendedResourceClaimStatus } }
  await expect(prepared(extended)).rejects.toThrow('fetch ResourceClaim mine: ')
})
