import { beforeEach, describe, expect, test } from 'vitest'

import type { Pod } from '../../api/generated/core-v1.ts'
import type { PodDisruptionBudget } from '../../api/generated/policy-v1.ts'
import type { Client } from '../../client/client.ts'
import { POD_DISRUPTION_BUDGETS, PODS } from '../../client/resources.ts'
import type { KubeObject, Status } from '../../meta/types.ts'
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
  await expect(evict({ preconditions: { uid: 'another' } })).rejects.toThrow(
    /the UID in the precondition \(another\) does not match/,
  )
  expect(await conditions()).not.toContainEqual(expect.objectContaining(EVICTED))
  const { uid, resourceVersion } = (await client.get(PODS, AT)).metadata
  await evict({ preconditions: { uid, resourceVersion } })
  expect(await conditions()).toContainEqual(expect.objectContaining(EVICTED))
})

describe('a budget', () => {
  const BUDGET = { namespace: 'default', name: 'b' }
  const labels = { app: 'web' }
  const why = async () => {
    const { status } = (await evict().catch((error: unknown) => error)) as { status?: Status }
    return status?.details?.causes?.[0]?.message
  }

  /** A running Pod, and a budget that allows one disruption of it. */
  beforeEach(async () => {
    await client.patch(PODS, AT, 'merge', { metadata: { labels } })
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
    await client.updateStatus(PODS, { ...(await client.get(PODS, AT)), status } as Pod & KubeObject)
    await client.create(POD_DISRUPTION_BUDGETS, { metadata: BUDGET, spec: { selector: { matchLabels: labels } } })
  })
  const allow = async (status: object) => {
    const budget = await client.get(POD_DISRUPTION_BUDGETS, BUDGET)
    const told = { observedGeneration: 1, expectedPods: 2, ...status }
    await client.updateStatus(POD_DISRUPTION_BUDGETS, { ...budget, status: told } as PodDisruptionBudget & KubeObject)
  }

  test('says when its last disruption is taken, and that the server took it', async () => {
    await allow({ disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1 })
    await evict()
    const { metadata, status } = await client.get(POD_DISRUPTION_BUDGETS, BUDGET)
    expect(status).toMatchObject({
      disruptionsAllowed: 0,
      conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' }],
    })
    expect(metadata.managedFields).toContainEqual(
      expect.objectContaining({ manager: 'kube-apiserver', subresource: 'status' }),
    )
  })

  test.each([
    [{ currentHealthy: 1, desiredHealthy: 1 }, 'needs 1 healthy pods and has 1 currently'],
    [{ currentHealthy: 2, desiredHealthy: 1 }, 'does not allow evicting pods currently'],
  ])('says why it allows nothing: %j', async (status, words) => {
    await allow({ disruptionsAllowed: 0, ...status })
    expect(await why()).toBe(`The disruption budget b ${words}`)
  })

  test('that cannot be judged says why', async () => {
    const conditions = [
      {
        type: 'DisruptionAllowed',
        status: 'False',
        reason: 'SyncFailed',
        message: 'no scale',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ]
    await allow({ disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, conditions })
    expect(await why()).toBe(
      'The disruption budget b does not allow evicting pods currently because it failed sync: no scale',
    )
  })
})
