import { beforeEach, describe, expect, test } from 'vitest'

import type { ResourceClaim, ResourceSlice } from '../../../api/generated/resource-v1.ts'
import { ManualClock } from '../../../base/manual-clock.ts'
import { seededRandom } from '../../../base/random.ts'
import { type Client, createClient } from '../../../client/client.ts'
import { FakeApi } from '../../../client/fake-api.ts'
import { RESOURCE_CLAIMS } from '../../../client/resources.ts'
import { aCache, aNode, aPod, listerOf, outcome, place } from '../../fixtures.ts'
import { Cycle } from '../../framework/cycle.ts'
import { noClass } from '../../framework/extended-resources.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { podInfoOf } from '../../snapshot/pod-info.ts'
import { aClaim, aSlice, asks, gpuClass } from './fixtures.ts'
import { dynamicResources } from './plugin.ts'

let client: Client
let told: string[]
const clock = new ManualClock()
const signal = new AbortController().signal

beforeEach(() => {
  client = createClient(new FakeApi())
  told = []
})

const using = (...names: readonly string[]) => ({
  spec: { resourceClaims: names.map((name) => ({ name, resourceClaimName: name })) },
})

function pluginFor(claims: readonly ResourceClaim[], slices: readonly ResourceSlice[]): SchedulerPlugin {
  return dynamicResources({
    client,
    clock,
    random: seededRandom(1),
    claims: listerOf(claims),
    classes: listerOf([gpuClass]),
    slices: listerOf(slices),
    classFor: noClass,
    tell: (_pod, note) => told.push(note),
  })
}

/** Decides for a Pod, up to what it takes. */
function decide(plugin: SchedulerPlugin, pod = podInfoOf(aPod('p', using('d')))) {
  const cycle = new Cycle()
  const cache = aCache([aNode('n1')])
  const [info] = cache.nodes
  plugin.preFilter?.(cycle, pod, cache)
  const verdict = info === undefined ? undefined : plugin.filter?.(cycle, pod, info)
  plugin.reserve?.(cycle, pod, 'n1')
  return { cycle, pod, verdict }
}

const device = { name: 'a' }

describe('where a Pod with claims goes', () => {
  const slices = [aSlice('s', [device], { nodeName: 'n2' })]
  const cache = aCache([aNode('n1'), aNode('n2')])

  test('to the node of a device that nobody has', () => {
    expect(outcome(place(cache, aPod('p', using('d')), [pluginFor([aClaim('d', [asks()])], slices)]))).toBe('n2')
  })

  test('nowhere without devices', () => {
    const plugin = pluginFor([aClaim('d', [asks()])], [])
    const none = ['cannot allocate all claims']
    expect(outcome(place(cache, aPod('p', using('d')), [plugin]))).toEqual({ n1: none, n2: none })
  })
})

describe('what is decided', () => {
  test('is kept for the Pod before it is written, and given back where binding fails', () => {
    const plugin = pluginFor([aClaim('d', [asks()]), aClaim('e', [asks()])], [aSlice('s', [device])])
    const { cycle, pod } = decide(plugin)
    const other = podInfoOf(aPod('q', using('e')))
    expect(decide(plugin, other).verdict).toMatchObject({ kind: 'rejected', reasons: ['cannot allocate all claims'] })
    const same = plugin.preFilter?.(new Cycle(), podInfoOf(aPod('r', using('d'))), aCache([]))
    const words = 'resource claim default/d is in the process of being allocated'
    expect(same?.verdict).toMatchObject({ kind: 'rejected', reasons: [words] })
    plugin.unreserve?.(cycle, pod, 'n1')
    expect(decide(plugin, other).verdict).toEqual({ kind: 'fits' })
  })

  test('is written into the claim, which is reserved and protected', async () => {
    const claim = await client.create(RESOURCE_CLAIMS, aClaim('d', [asks()]))
    const plugin = pluginFor([claim as ResourceClaim], [aSlice('s', [device])])
    const { cycle, pod } = decide(plugin)
    await plugin.preBind?.(cycle, pod, 'n1', signal)
    const { metadata, status } = await client.get(RESOURCE_CLAIMS, { namespace: 'default', name: 'd' })
    expect(metadata.finalizers).toEqual(['resource.kubernetes.io/delete-protection'])
    expect(status?.reservedFor).toEqual([{ resource: 'pods', name: 'p', uid: pod.uid }])
    expect(status?.allocation?.devices?.results).toMatchObject([{ request: 'r', pool: 's', device: 'a' }])
    // The lister is behind; the next Pod sees what was written all the same.
    expect(decide(plugin, podInfoOf(aPod('q', using('d')))).verdict).toEqual({ kind: 'fits' })
  })

  test('is written over what somebody else changed meanwhile, once it was read again', async () => {
    const claim = await client.create(RESOURCE_CLAIMS, aClaim('d', [asks()]))
    const plugin = pluginFor([claim as ResourceClaim], [aSlice('s', [device])])
    const { cycle, pod } = decide(plugin)
    const { metadata: before, ...rest } = aClaim('d', [asks()])
    await client.update(RESOURCE_CLAIMS, { ...rest, metadata: { ...before, labels: { a: 'b' } } })
    await plugin.preBind?.(cycle, pod, 'n1', signal)
    const { metadata, status } = await client.get(RESOURCE_CLAIMS, { namespace: 'default', name: 'd' })
    expect([metadata.labels, status?.reservedFor?.length]).toEqual([{ a: 'b' }, 1])
  })
})

test('devices are free when their claim is, though nobody looked while it had them', async () => {
  const claims = [await client.create(RESOURCE_CLAIMS, aClaim('d', [asks()])), aClaim('e', [asks()])]
  const plugin = pluginFor(claims as ResourceClaim[], [aSlice('s', [device])])
  const { cycle, pod } = decide(plugin)
  await plugin.preBind?.(cycle, pod, 'n1', signal)
  const other = () => decide(plugin, podInfoOf(aPod('q', using('e')))).verdict
  expect(other()).toMatchObject({ kind: 'rejected', reasons: ['cannot allocate all claims'] })
  const { status: _, ...written } = await client.get(RESOURCE_CLAIMS, { namespace: 'default', name: 'd' })
  claims[0] = await client.updateStatus(RESOURCE_CLAIMS, written as ResourceClaim)
  expect(other()).toEqual({ kind: 'fits' })
})

describe('devices that have to be bound first', () => {
  const bound = { ...device, bindingConditions: ['Ready'], bindingFailureConditions: ['Failed'] }
  const state = (type: string) => ({
    devices: [
      {
        driver: 'gpu.example.com',
        pool: 's',
        device: 'a',
        conditions: [{ type, status: 'True' as const, reason: 'Why', message: 'broken', lastTransitionTime: '' }],
      },
    ],
  })

  /** What becomes of a Pod whose device is told to be in a condition. */
  async function boundWith(type: string): Promise<unknown> {
    const claim = await client.create(RESOURCE_CLAIMS, { ...aClaim('d', [asks()]), status: state(type) })
    const plugin = pluginFor([claim as ResourceClaim], [aSlice('s', [bound])])
    const { cycle, pod } = decide(plugin)
    return plugin.preBind?.(cycle, pod, 'n1', signal)
  }

  test('are waited for', async () => {
    await expect(boundWith('Ready')).resolves.toBeUndefined()
    expect(told).toEqual(['waiting for binding conditions for device on node n1'])
  })

  test('may fail', async () => {
    const words = 'device binding failed: claim=d, reason=Why, message="broken"'
    await expect(boundWith('Failed')).rejects.toThrow(words)
  })
})

test('devices are taken back from a claim whose node the Pod cannot reach', async () => {
  const selector = {
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: ['n9'] }] }],
  }
  const status = { allocation: { nodeSelector: selector, devices: { results: [] } } }
  const claim = await client.create(RESOURCE_CLAIMS, { ...aClaim('d', [asks()]), status })
  const plugin = pluginFor([claim as ResourceClaim], [])
  const { cycle, pod, verdict } = decide(plugin)
  expect(verdict).toMatchObject({ reasons: ['resourceclaim not available on the node'] })
  const request = { cycle, pod } as Parameters<NonNullable<SchedulerPlugin['postFilter']>>[0]
  expect(await plugin.postFilter?.(request, signal)).toEqual({ message: 'deallocation of ResourceClaim completed' })
  const freed = await client.get(RESOURCE_CLAIMS, { namespace: 'default', name: 'd' })
  expect(freed.status?.allocation).toBeUndefined()
})

test('a Pod is woken by devices that are free again, and by what happens to its own claims', () => {
  const plugin = pluginFor([aClaim('d', [asks()]), aClaim('e', [asks()])], [])
  const pod = aPod('p', using('d'))
  const allocated = { ...aClaim('e', [asks()]), status: { allocation: {} } }
  const helps = (old: ResourceClaim | undefined, now: ResourceClaim) =>
    plugin.mayHelp?.('ResourceClaim/update', pod, { now, ...(old !== undefined && { old }) })
  expect(helps(allocated, aClaim('e', [asks()]))).toBe(true)
  expect(helps(aClaim('e', [asks()]), allocated)).toBe(false)
  expect(helps(aClaim('d', [asks()]), aClaim('d', [asks()]))).toBe(false)
  expect(helps(undefined, aClaim('d', [asks()]))).toBe(true)
})
