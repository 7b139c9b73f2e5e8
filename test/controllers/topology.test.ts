/** Topology aware routing: the answers are those that a real kube-controller-manager 1.36 gave. */

import { describe, expect, test } from 'vitest'
import { ENDPOINT_SLICES, NODES, PODS, SERVICES } from '../../src/client/resources.ts'
import { running, type World, withWorld } from './world.ts'

const MODE = 'service.kubernetes.io/topology-mode'
const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane'

type Zones = Readonly<Record<string, { readonly cpu: string; readonly pods: number }>>

const readiness = (status: 'True' | 'False', cpu: string) => ({
  allocatable: { cpu },
  conditions: [{ type: 'Ready', status }],
})

const report = (world: World, name: string, status: object) =>
  world.client.patch(NODES, { name }, 'merge', { status }, { subresource: 'status' })

async function addNode(world: World, name: string, cpu: string, labels: Record<string, string>): Promise<void> {
  await world.client.create(NODES, { metadata: { name, labels } })
  await report(world, name, readiness('True', cpu))
}

let made = 0
async function addPod(world: World, nodeName: string): Promise<void> {
  const ip = `10.244.0.${++made % 250}`
  const pod = await world.client.create(PODS, {
    metadata: { name: `p${made}`, namespace: 'default', labels: { app: 'web' } },
    spec: { nodeName, containers: [{ name: 'c', image: 'i' }] },
  })
  await world.report(pod, { ...running(world.clock.now()), podIP: ip, podIPs: [{ ip }] })
}

/** A node for every zone, called like it, Pods on each, and a Service that wants its hints. */
async function addZones(world: World, zones: Zones): Promise<void> {
  await addNode(world, 'head', '64', { [CONTROL_PLANE]: '' })
  for (const [zone, { cpu }] of Object.entries(zones)) {
    await addNode(world, zone, cpu, { 'topology.kubernetes.io/zone': zone })
  }
  for (const [zone, { pods }] of Object.entries(zones)) {
    for (let at = 0; at < pods; at++) await addPod(world, zone)
  }
  await world.settle(2_000)
  await world.client.create(SERVICES, {
    metadata: { name: 'web', namespace: 'default', annotations: { [MODE]: 'Auto' } },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  })
  await world.settle(2_000)
}

/** How many endpoints each zone was given. */
async function hints(world: World): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { endpoints } of await world.list(ENDPOINT_SLICES)) {
    for (const { hints: told } of endpoints ?? []) {
      const zone = told?.forZones?.map(({ name }) => name).join() ?? 'none'
      counts[zone] = (counts[zone] ?? 0) + 1
    }
  }
  return counts
}

const events = ({ told }: World) =>
  told.filter(({ about }) => about === 'Service/web').map(({ reason, message }) => `${reason} ${message}`)

const ENABLED = 'TopologyAwareHintsEnabled Topology Aware Hints has been enabled, addressType: IPv4'
const disabled = (why: string) => `TopologyAwareHintsDisabled ${why}, addressType: IPv4`
const UNKNOWN_NODES = disabled(
  'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes',
)

describe('a Service with the topology mode Auto', () => {
  const cases: readonly { when: string; zones: Zones; hints: Record<string, number>; event: string }[] = [
    {
      when: 'zones and Pods are even',
      zones: { a: { cpu: '4', pods: 3 }, b: { cpu: '4', pods: 3 } },
      hints: { a: 3, b: 3 },
      event: ENABLED,
    },
    {
      when: 'one zone has more Pods than CPU',
      zones: { a: { cpu: '4', pods: 4 }, b: { cpu: '4', pods: 2 } },
      hints: { a: 3, b: 3 },
      event: ENABLED,
    },
    {
      when: 'one zone has all the Pods',
      zones: { a: { cpu: '4', pods: 6 }, b: { cpu: '4', pods: 0 } },
      hints: { a: 3, b: 3 },
      event: ENABLED,
    },
    {
      when: 'one zone has more CPU',
      zones: { a: { cpu: '6', pods: 4 }, b: { cpu: '2', pods: 4 } },
      hints: { a: 6, b: 2 },
      event: ENABLED,
    },
    {
      when: 'there are fewer endpoints than zones',
      zones: { a: { cpu: '4', pods: 1 }, b: { cpu: '4', pods: 0 } },
      hints: { none: 1 },
      event: disabled('Insufficient number of endpoints (1 endpoints, 2 zones)'),
    },
    {
      when: 'some zone would be overloaded',
      zones: { a: { cpu: '40', pods: 1 }, b: { cpu: '1', pods: 1 }, c: { cpu: '1', pods: 1 } },
      hints: { none: 3 },
      event: disabled(
        'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (3 endpoints, 3 zones)',
      ),
    },
    {
      when: 'there is one zone',
      zones: { a: { cpu: '4', pods: 3 } },
      hints: { none: 3 },
      event: UNKNOWN_NODES,
    },
    {
      when: 'a node does not tell its CPU',
      zones: { a: { cpu: '4', pods: 3 }, b: { cpu: '0', pods: 3 } },
      hints: { none: 6 },
      event: UNKNOWN_NODES,
    },
  ]
  for (const c of cases) {
    test(`gets hints ${JSON.stringify(c.hints)} when ${c.when}`, () =>
      withWorld(async (world) => {
        await addZones(world, c.zones)
        expect(await hints(world)).toEqual(c.hints)
        expect([...new Set(events(world))]).toEqual([c.event])
      }))
  }

  test('loses its hints with the annotation', () =>
    withWorld(async (world) => {
      await addZones(world, { a: { cpu: '4', pods: 3 }, b: { cpu: '4', pods: 3 } })
      const at = { namespace: 'default', name: 'web' }
      await world.client.patch(SERVICES, at, 'merge', { metadata: { annotations: { [MODE]: null } } })
      await world.settle(2_000)
      expect(await hints(world)).toEqual({ none: 6 })
      expect(events(world)).toEqual([ENABLED, disabled('Topology Aware Hints has been disabled')])
    }))

  test('divides its endpoints anew when a zone comes, and when it goes, each with one write', () =>
    withWorld(async (world) => {
      await addZones(world, { a: { cpu: '4', pods: 5 }, b: { cpu: '4', pods: 4 } })
      await addNode(world, 'c', '4', { 'topology.kubernetes.io/zone': 'c' })
      await world.settle(5_000)
      expect(await hints(world)).toEqual({ a: 3, b: 3, c: 3 })
      const { writes } = world
      await report(world, 'c', readiness('False', '4'))
      await world.settle(5_000)
      expect(await hints(world)).toEqual({ a: 5, b: 4 })
      const versions = (await world.list(ENDPOINT_SLICES)).map(({ metadata }) => metadata.generation)
      expect([world.writes - writes, versions]).toEqual([2, [3]]) // the node's taint, and the slice
    }))
})
