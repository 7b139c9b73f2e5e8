import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { Container, PodSpec } from '../../src/api/generated/core-v1.ts'
import { EVENTS, PODS } from '../../src/client/resources.ts'
import { type Cluster, createCluster } from '../../src/testing/cluster.ts'

/** What each container uses. */
const USED = 50 * 2 ** 20

let cluster: Cluster
let drift = 0
beforeEach(async () => {
  const capacity = { cpu: '4', memory: '4Gi' }
  drift = 0
  const usage = {
    nanoCores: 0,
    get memoryBytes() {
      return USED + drift
    },
  }
  const behaviour = () => ({ usage })
  cluster = await createCluster({ clock: 'virtual', nodes: [{ capacity, behaviour }] })
})
afterEach(() => cluster.stop())

const at = (name: string) => ({ namespace: 'default', name })
const look = (name = 'app') => cluster.client.get(PODS, at(name))
const resources = (cpu: string, memory = '100Mi') => ({ requests: { cpu, memory }, limits: { cpu, memory } })

async function start(name: string, cpu: string, more: Partial<Container> = {}, spec: Partial<PodSpec> = {}) {
  const containers = [{ name: 'app', image: 'busybox', resources: resources(cpu), ...more }]
  await cluster.client.create(PODS, { metadata: { name, namespace: 'default' }, spec: { containers, ...spec } })
  await cluster.until(async () => (await look(name)).status?.phase === 'Running')
}

const resizeBy = (spec: object, name = 'app') =>
  cluster.client.patch(PODS, at(name), 'strategic', { spec }, { subresource: 'resize' })
const resize = (cpu: string, memory?: string, name?: string) =>
  resizeBy({ containers: [{ name: 'app', resources: resources(cpu, memory) }] }, name)

const conditions = async (name?: string) =>
  ((await look(name)).status?.conditions ?? []).filter(({ type }) => type.startsWith('PodResize'))

const shown = async (name?: string) => {
  const { status } = await look(name)
  const [container] = status?.containerStatuses ?? []
  return {
    given: container?.allocatedResources?.['cpu'],
    has: container?.resources?.limits?.['cpu'],
    restarts: container?.restartCount,
    conditions: (await conditions(name)).map(({ type, reason }) => (reason === undefined ? type : `${type}/${reason}`)),
  }
}

/** The events about the Pod's resizes, by the alphabet: many happen at once. */
const told = async (name = 'app') => {
  const { items } = await cluster.client.list(EVENTS, { namespace: 'default' })
  return items
    .filter(({ involvedObject, reason }) => involvedObject?.name === name && reason?.startsWith('Resize'))
    .map(({ type, reason, message }) => `${type} ${reason} ${message}`)
    .toSorted()
}

describe('Resizing a running Pod', () => {
  test('gives it what it asks for, without a restart, and tells so', async () => {
    await start('app', '1')
    const { generation = 0 } = (await look()).metadata
    await resize('2')
    await cluster.advance(3_000)
    expect(await shown()).toEqual({ given: '2', has: '2', restarts: 0, conditions: [] })
    const asked = `{"containers":[{"name":"app","resources":{"limits":{"cpu":"2","memory":"100Mi"},"requests":{"cpu":"2","memory":"100Mi"}}}],"generation":${generation + 1}}`
    expect(await told()).toEqual([
      `Normal ResizeCompleted Pod resize completed: ${asked}`,
      `Normal ResizeStarted Pod resize started: ${asked}`,
    ])
  })

  test('restarts the container that cannot bear it otherwise', async () => {
    await start('app', '1', { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] })
    await resize('2')
    await cluster.advance(30_000)
    expect(await shown()).toEqual({ given: '2', has: '2', restarts: 1, conditions: [] })
  })

  test('beyond the node is refused at once', async () => {
    await start('app', '1')
    await expect(resize('5')).rejects.toThrow(/cpu, requested: 5000, allocatable: 4000/)
  })

  test('beyond what others leave waits for them to go, and is told as long', async () => {
    await start('other', '2')
    await start('app', '1')
    await resize('3')
    await cluster.advance(3_000)
    expect(await shown()).toEqual({ given: '1', has: '1', restarts: 0, conditions: ['PodResizePending/Deferred'] })
    const message = "Node didn't have enough resource: cpu, requested: 3000, used: 2000, capacity: 4000"
    const { generation } = (await look()).metadata
    const [pending] = await conditions()
    expect(pending).toMatchObject({ status: 'True', message, observedGeneration: generation })
    expect(await told()).toEqual([
      expect.stringMatching(/^Warning ResizeDeferred Pod resize Deferred: \{.*"error":"Node didn't have enough/),
    ])
    await cluster.advance(60_000)
    expect(await conditions()).toEqual([pending])
    await cluster.client.delete(PODS, at('other'), { gracePeriodSeconds: 1 })
    await cluster.until(async () => (await shown()).has === '3', 5_000)
    expect(await shown()).toEqual({ given: '3', has: '3', restarts: 0, conditions: [] })
  })

  test('that waits can be taken back', async () => {
    await start('other', '2')
    await start('app', '1')
    await resize('3')
    await cluster.until(async () => (await conditions()).length > 0)
    await resize('1')
    await cluster.advance(3_000)
    expect(await shown()).toEqual({ given: '1', has: '1', restarts: 0, conditions: [] })
  })

  test('goes to whoever is most urgent when there is room, and to all that still fit', async () => {
    await start('other', '1')
    for (const [name, priority] of [
      ['late', 0],
      ['urgent', 0],
    ] as const)
      await start(name, '1', { resources: { requests: resources('1').requests } }, { priority })
    await start('guaranteed', '1')
    await resizeBy({ containers: [{ name: 'app', resources: { requests: { cpu: '2' } } }] }, 'late')
    await cluster.until(async () => (await conditions('late')).length > 0)
    await resize('2', '100Mi', 'guaranteed')
    await cluster.until(async () => (await conditions('guaranteed')).length > 0)
    await cluster.client.delete(PODS, at('other'), { gracePeriodSeconds: 1 })
    await cluster.until(async () => (await shown('guaranteed')).has === '2', 5_000)
    expect((await shown('late')).conditions).toEqual(['PodResizePending/Deferred'])
    // Who gives room lets others have it at once.
    await resizeBy({ containers: [{ name: 'app', resources: { requests: { cpu: '10m' } } }] }, 'urgent')
    await cluster.advance(1_000)
    expect((await shown('late')).given).toBe('1')
    await resize('1', '100Mi', 'guaranteed')
    await cluster.until(async () => (await shown('late')).given === '2', 5_000)
  })

  test('to less memory than it uses fails, and is tried again', async () => {
    await start('app', '1')
    await resize('1', '40Mi')
    await cluster.advance(3_000)
    const [progress] = await conditions()
    expect(progress).toMatchObject({
      type: 'PodResizeInProgress',
      reason: 'Error',
      message: `cannot decrease memory limits: [attempting to set pod memory limit (41943040) below current usage (${USED}), attempting to set container "app" memory limit (41943040) below current usage (${USED})]`,
    })
    expect((await look()).status?.containerStatuses?.[0]?.resources?.limits?.['memory']).toBe('100Mi')
    drift = 4_096
    await cluster.advance(120_000)
    expect((await told()).map((text) => text.split(':')[0])).toEqual([
      'Normal ResizeStarted Pod resize started',
      'Warning ResizeError Pod resize error',
    ])
    await resize('1', '60Mi')
    await cluster.advance(10_000)
    expect((await look()).status?.containerStatuses?.[0]?.resources?.limits?.['memory']).toBe('60Mi')
    expect(await conditions()).toEqual([])
  })

  test('as a whole changes the Pod’s own share, and that of containers without limits', async () => {
    const whole = (cpu: string) => ({ resources: { requests: { cpu: '500m' }, limits: { cpu, memory: '200Mi' } } })
    await start('app', '1', { resources: { requests: { cpu: '100m' } } }, whole('1'))
    expect((await look()).status).toMatchObject({
      allocatedResources: { cpu: '500m' },
      resources: { requests: { cpu: '500m' }, limits: { cpu: '1', memory: '200Mi' } },
    })
    await resizeBy(whole('2'))
    await cluster.advance(3_000)
    expect((await look()).status).toMatchObject({ resources: { limits: { cpu: '2', memory: '200Mi' } } })
    expect((await told()).map((text) => text.split(':')[0])).toEqual([
      'Normal ResizeCompleted Pod resize completed',
      'Normal ResizeStarted Pod resize started',
    ])
    expect((await shown()).restarts).toBe(0)
  })
})
