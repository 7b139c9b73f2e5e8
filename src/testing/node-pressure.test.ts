import { describe, expect, test } from 'vitest'

import type { Node, Pod, PodSpec } from '../api/generated/core-v1.ts'
import { EVENTS, NODES, PODS } from '../client/resources.ts'
import type { DeepReadonly } from '../meta/deep-readonly.ts'
import { type Cluster, createCluster } from './cluster.ts'
import type { NodeWish } from './nodes.ts'

const Gi = 2 ** 30
const Mi = 2 ** 20

/** A Pod whose container uses as much memory as the annotation says. */
const pod = (name: string, memory = '0', more: Partial<PodSpec> = {}): Pod => ({
  metadata: { name, namespace: 'default', annotations: { memory } },
  spec: { containers: [{ name: 'app', image: 'nginx' }], ...more },
})

const node = (more: NodeWish = {}): NodeWish => ({
  machine: { memoryBytes: 4 * Gi, ephemeralStorageBytes: 100 * Gi },
  behaviour: ({ sandbox }) => ({
    usage: { nanoCores: 0, memoryBytes: Number(sandbox.annotations['memory'] ?? 0) * Mi },
  }),
  ...more,
})

const open = (more: NodeWish = {}) => createCluster({ clock: 'virtual', nodes: [node(more)] })
const at = (name: string) => ({ namespace: 'default', name })
const read = (cluster: Cluster, name: string) => cluster.client.get(PODS, at(name))
const isRunning = (cluster: Cluster, name: string) => async () =>
  (await read(cluster, name)).status?.phase === 'Running'
const hasFailed = (cluster: Cluster, name: string) => async () => {
  const found = await read(cluster, name)
  return found.status?.phase === 'Failed' && found
}
const start = async (cluster: Cluster, ...pods: readonly Pod[]) => {
  for (const each of pods) await cluster.client.create(PODS, each)
  for (const each of pods) await cluster.until(isRunning(cluster, each.metadata.name ?? ''))
}
const condition = (of: DeepReadonly<Node> | DeepReadonly<Pod>, type: string) => {
  const all: readonly { readonly type: string; readonly status: string; readonly reason?: string }[] =
    of.status?.conditions ?? []
  return all.find((one) => one.type === type)
}
const nodeHas = (cluster: Cluster, type: string, status: string) => async () => {
  const [found] = (await cluster.client.list(NODES)).items
  return found !== undefined && condition(found, type)?.status === status
}
const eventsOf = async ({ client }: Cluster, name: string) =>
  (await client.list(EVENTS)).items
    .filter(({ involvedObject }) => involvedObject.name === name)
    .map(({ reason, message }) => `${reason}: ${message}`)
const load = (cluster: Cluster, change: Parameters<Cluster['nodes'][number]['load']>[0]) =>
  cluster.nodes[0]?.load(change)

describe('A node that is short of memory', () => {
  test('ends the Pod that uses most beyond its request, and says so', async () => {
    await using cluster = await open()
    await start(cluster, pod('small', '10'), pod('large', '1000'))
    load(cluster, { memoryBytes: 3 * Gi })
    const evicted = await cluster.until(hasFailed(cluster, 'large'))
    expect(evicted.status).toMatchObject({
      reason: 'Evicted',
      message:
        'The node was low on resource: memory. Threshold quantity: 100Mi, available: 14Mi. ' +
        'Container app was using 1000Mi, request is 0, has larger consumption of memory. ',
    })
    expect(condition(evicted, 'DisruptionTarget')).toMatchObject({ status: 'True', reason: 'TerminationByKubelet' })
    await cluster.advance(60_000)
    expect(await isRunning(cluster, 'small')()).toBe(true)
    expect(await eventsOf(cluster, 'large')).toContainEqual(expect.stringMatching(/^Evicted: The node was low on/))
    expect(await eventsOf(cluster, 'node-1')).toEqual(
      expect.arrayContaining([
        'EvictionThresholdMet: Attempting to reclaim memory',
        'NodeHasInsufficientMemory: Node node-1 status is now: NodeHasInsufficientMemory',
      ]),
    )
  })

  test('tells its condition, is tainted, lets in only who may, and recovers after five minutes', async () => {
    await using cluster = await open()
    load(cluster, { memoryBytes: 4 * Gi })
    await cluster.until(nodeHas(cluster, 'MemoryPressure', 'True'))
    await cluster.until(async () => {
      const { spec } = await cluster.client.get(NODES, { name: 'node-1' })
      return spec?.taints?.some(({ key }) => key === 'node.kubernetes.io/memory-pressure')
    })
    load(cluster, { memoryBytes: 0 })
    await cluster.advance(20_000)
    const bound = { nodeName: 'node-1' }
    await cluster.client.create(PODS, pod('best-effort', '1', bound))
    const rejected = await cluster.until(hasFailed(cluster, 'best-effort'))
    expect(rejected.status).toMatchObject({
      reason: 'Evicted',
      message: 'Pod was rejected: The node had condition: [MemoryPressure]. ',
    })
    expect(Object.keys(rejected.status ?? {}).toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      'message',
      'observedGeneration',
      'phase',
      'qosClass',
      'reason',
      'startTime',
    ])
    const containers = [{ name: 'app', image: 'nginx', resources: { requests: { memory: '1Mi' } } }]
    await start(cluster, pod('burstable', '1', { ...bound, containers }))
    await cluster.until(nodeHas(cluster, 'MemoryPressure', 'False'), 400_000)
    await start(cluster, pod('later', '1'))
  })

  test('tells its condition as soon as it knows, not when it reports next', async () => {
    const kubelet = { nodeStatusUpdateFrequency: '10m', evictionPressureTransitionPeriod: '1s' }
    await using cluster = await open({ kubelet })
    load(cluster, { memoryBytes: 4 * Gi })
    await cluster.advance(11_000)
    expect(await nodeHas(cluster, 'MemoryPressure', 'True')()).toBe(true)
    load(cluster, { memoryBytes: 0 })
    await cluster.advance(11_000)
    expect(await nodeHas(cluster, 'MemoryPressure', 'False')()).toBe(true)
  })

  test('waits for a soft threshold, and gives Pods the time that it may', async () => {
    const kubelet = {
      evictionSoft: { 'memory.available': '1Gi' },
      evictionSoftGracePeriod: { 'memory.available': '1m' },
      evictionMaxPodGracePeriod: 5,
    }
    await using cluster = await open({ kubelet })
    await start(cluster, pod('app', '100'))
    load(cluster, { memoryBytes: 3 * Gi })
    await cluster.advance(55_000)
    expect(await isRunning(cluster, 'app')()).toBe(true)
    await cluster.until(hasFailed(cluster, 'app'), 60_000)
  })

  test('spares Pods that hold the cluster together', async () => {
    await using cluster = await open()
    await start(cluster, pod('critical', '1000', { priorityClassName: 'system-node-critical' }))
    load(cluster, { memoryBytes: 4 * Gi })
    await cluster.advance(120_000)
    expect(await isRunning(cluster, 'critical')()).toBe(true)
  })
})

describe('A node whose disk is full', () => {
  test('takes unused images away before it ends Pods', async () => {
    const images = { sizeOf: (name: string) => (name.includes('huge') ? 60 * Gi : Mi) }
    await using cluster = await open({ images })
    const huge = [{ name: 'app', image: 'huge' }]
    await start(cluster, pod('once', '0', { containers: huge }), pod('stays'))
    await cluster.client.delete(PODS, at('once'))
    await cluster.advance(430_000)
    load(cluster, { diskBytes: 35 * Gi })
    await cluster.until(nodeHas(cluster, 'DiskPressure', 'True'))
    await cluster.until(async () => {
      const { status } = await cluster.client.get(NODES, { name: 'node-1' })
      return status?.images?.every(({ names }) => !names?.some((name) => name.includes('huge')))
    })
    expect(await isRunning(cluster, 'stays')()).toBe(true)
    await cluster.until(nodeHas(cluster, 'DiskPressure', 'False'), 400_000)
  })

  test('takes unused images away at the mark, without any pressure', async () => {
    const images = { sizeOf: (name: string) => (name.includes('huge') ? 30 * Gi : Mi) }
    const kubelet = { imageGCHighThresholdPercent: 40, imageGCLowThresholdPercent: 30 }
    await using cluster = await open({ images, kubelet })
    await start(cluster, pod('once', '0', { containers: [{ name: 'app', image: 'huge' }] }))
    load(cluster, { diskBytes: 20 * Gi })
    await cluster.advance(700_000)
    expect(await eventsOf(cluster, 'node-1')).toContainEqual(
      expect.stringMatching(/^FreeDiskSpaceFailed: Failed to garbage collect required amount of images\. Attempted to/),
    )
    await cluster.client.delete(PODS, at('once'))
    await cluster.until(async () => {
      const { status } = await cluster.client.get(NODES, { name: 'node-1' })
      return (status?.images ?? []).length === 0
    }, 700_000)
  })
})

test('A node that is short of processes says so', async () => {
  await using cluster = await open({ kubelet: { evictionHard: { 'pid.available': '1000' } } })
  load(cluster, { processes: 32_000 })
  await cluster.until(nodeHas(cluster, 'PIDPressure', 'True'))
  expect(await eventsOf(cluster, 'node-1')).toContainEqual(expect.stringMatching(/^NodeHasInsufficientPID/))
})

describe('A node that goes down', () => {
  const kubelet = { shutdownGracePeriod: '30s', shutdownGracePeriodCriticalPods: '10s' }
  const slow = (seconds: number) => ({ 'gorae.dev/sim-stop-seconds': String(seconds) })

  test('ends its Pods in order, tells what became of them, and takes no more', async () => {
    await using cluster = await createCluster({ clock: 'virtual', nodes: [{ kubelet }] })
    const plain = pod('plain')
    const critical = pod('critical', '0', { priorityClassName: 'system-cluster-critical' })
    await start(
      cluster,
      { ...plain, metadata: { ...plain.metadata, annotations: slow(5) } },
      { ...critical, metadata: { ...critical.metadata, annotations: slow(5) } },
    )
    const [node] = cluster.nodes
    let isDown = false
    const down = node?.shutDown().then(() => (isDown = true))
    await cluster.until(nodeHas(cluster, 'Ready', 'False'))
    await cluster.advance(2_000)
    await cluster.client.create(PODS, pod('late', '0', { nodeName: 'node-1' }))
    const late = await cluster.until(hasFailed(cluster, 'late'))
    expect(late.status).toMatchObject({
      reason: 'NodeShutdown',
      message: 'Pod was rejected: Pod was rejected as the node is shutting down.',
    })
    const ended = await cluster.until(hasFailed(cluster, 'plain'))
    expect(ended.status).toMatchObject({
      reason: 'Terminated',
      message: 'Pod was terminated in response to imminent node shutdown.',
    })
    expect(condition(ended, 'DisruptionTarget')).toMatchObject({ reason: 'TerminationByKubelet' })
    expect(await isRunning(cluster, 'critical')()).toBe(true)
    await cluster.until(() => isDown)
    await down
    expect((await read(cluster, 'critical')).status?.phase).toBe('Failed')
    const { status } = await cluster.client.get(NODES, { name: 'node-1' })
    expect(status?.conditions?.find(({ type }) => type === 'Ready')?.message).toBe('node is shutting down')
    expect(await eventsOf(cluster, 'node-1')).toContain('Shutdown: Shutdown manager detected shutdown event')
  })

  test('leaves Pods that are ending already no more time than others', async () => {
    await using cluster = await createCluster({ clock: 'virtual', nodes: [{ kubelet }] })
    const patient = pod('patient', '0', { terminationGracePeriodSeconds: 3_600 })
    await start(cluster, { ...patient, metadata: { ...patient.metadata, annotations: slow(3_000) } })
    await cluster.client.delete(PODS, { namespace: 'default', name: 'patient' })
    await cluster.advance(1_000)
    let isDown = false
    const down = cluster.nodes[0]?.shutDown().then(() => (isDown = true))
    await cluster.until(async () => (await cluster.client.list(PODS)).items.length === 0, 25_000)
    await cluster.until(() => isDown)
    await down
    expect(isDown).toBe(true)
  })
})

describe('A critical Pod that does not fit', () => {
  test('makes others end, and starts when they are over', async () => {
    await using cluster = await open({ machine: { cpus: 1 } })
    const asking = (cpu: string) => ({
      containers: [{ name: 'app', image: 'nginx', resources: { requests: { cpu } } }],
    })
    const before = pod('before', '0', asking('600m'))
    const annotations = { 'gorae.dev/sim-stop-seconds': '3' }
    await start(cluster, { ...before, metadata: { ...before.metadata, annotations } })
    const more = { ...asking('600m'), nodeName: 'node-1', priorityClassName: 'system-node-critical' }
    await cluster.client.create(PODS, pod('critical', '0', more))
    const victim = await cluster.until(hasFailed(cluster, 'before'))
    expect(victim.status).toMatchObject({ reason: 'Preempting', message: 'Preempted in order to admit critical pod' })
    expect(victim.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')?.message).toBe(
      'Pod was preempted by Kubelet to accommodate a critical pod.',
    )
    await cluster.until(isRunning(cluster, 'critical'))
  })
})

test('A node says what happens to it, and what its Pods may have', async () => {
  const kubelet = { systemReserved: { cpu: '500m', memory: '1Gi' }, maxPods: 7 }
  await using cluster = await open({
    kubelet,
    machine: { cpus: 2, memoryBytes: 4 * Gi, ephemeralStorageBytes: 10 * Gi },
  })
  await cluster.until(nodeHas(cluster, 'Ready', 'True'))
  const { status } = await cluster.client.get(NODES, { name: 'node-1' })
  expect(status?.allocatable).toMatchObject({
    cpu: '1500m',
    memory: '2972Mi',
    'ephemeral-storage': '9Gi',
    pods: '7',
  })
  await cluster.advance(1_000)
  const wanted = ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID', 'NodeReady']
  expect(await eventsOf(cluster, 'node-1')).toEqual(
    expect.arrayContaining([
      'Starting: Starting kubelet.',
      'NodeAllocatableEnforced: Updated Node Allocatable limit across pods',
      ...wanted.map((reason) => `${reason}: Node node-1 status is now: ${reason}`),
    ]),
  )
})
