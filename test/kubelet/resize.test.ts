import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { Container } from '../../src/api/generated/core-v1.ts'
import { PODS } from '../../src/client/resources.ts'
import { type Cluster, createCluster } from '../../src/testing/cluster.ts'

let cluster: Cluster
beforeEach(async () => {
  cluster = await createCluster({ clock: 'virtual', nodes: [{ capacity: { cpu: '4', memory: '4Gi' } }] })
})
afterEach(() => cluster.stop())

const at = (name: string) => ({ namespace: 'default', name })
const look = (name = 'app') => cluster.client.get(PODS, at(name))
const resources = (cpu: string, memory = '100Mi') => ({ requests: { cpu, memory }, limits: { cpu, memory } })

async function start(name: string, cpu: string, more: Partial<Container> = {}) {
  const containers = [{ name: 'app', image: 'busybox', resources: resources(cpu), ...more }]
  await cluster.client.create(PODS, { metadata: { name, namespace: 'default' }, spec: { containers } })
  await cluster.until(async () => (await look(name)).status?.phase === 'Running')
}

const resize = (cpu: string, memory?: string) =>
  cluster.client.patch(
    PODS,
    at('app'),
    'strategic',
    { spec: { containers: [{ name: 'app', resources: resources(cpu, memory) }] } },
    { subresource: 'resize' },
  )

const shown = async () => {
  const { status } = await look()
  const [container] = status?.containerStatuses ?? []
  const conditions = (status?.conditions ?? []).filter(({ type }) => type.startsWith('PodResize'))
  return {
    given: container?.allocatedResources?.['cpu'],
    has: container?.resources?.limits?.['cpu'],
    restarts: container?.restartCount,
    conditions: conditions.map(({ type, reason }) => (reason === undefined ? type : `${type}/${reason}`)),
  }
}

describe('Resizing a running Pod', () => {
  test('gives it what it asks for, without a restart', async () => {
    await start('app', '1')
    await resize('2')
    await cluster.advance(3_000)
    expect(await shown()).toEqual({ given: '2', has: '2', restarts: 0, conditions: [] })
  })

  test('restarts the container that cannot bear it otherwise', async () => {
    await start('app', '1', { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] })
    await resize('2')
    await cluster.advance(30_000)
    expect(await shown()).toEqual({ given: '2', has: '2', restarts: 1, conditions: [] })
  })

  test('beyond the node is refused for good, and the Pod stays as it is', async () => {
    await start('app', '1')
    await resize('5')
    await cluster.advance(3_000)
    expect(await shown()).toEqual({ given: '1', has: '1', restarts: 0, conditions: ['PodResizePending/Infeasible'] })
    await resize('1')
    await cluster.advance(3_000)
    expect((await shown()).conditions).toEqual([])
  })

  test('beyond what others leave waits for them to go', async () => {
    await start('other', '2')
    await start('app', '1')
    await resize('3')
    await cluster.advance(3_000)
    expect(await shown()).toEqual({ given: '1', has: '1', restarts: 0, conditions: ['PodResizePending/Deferred'] })
    await cluster.client.delete(PODS, at('other'), { gracePeriodSeconds: 1 })
    await cluster.advance(20_000)
    expect(await shown()).toEqual({ given: '3', has: '3', restarts: 0, conditions: [] })
  })
})
