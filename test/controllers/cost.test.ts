/**
 * What controllers look at for one event does not grow with everything else in the cluster. Two look at much by their
 * nature, and do so the less often the more it is: a DaemonSet at every node, a quota at what it counts.
 */

import { beforeAll, describe, expect, test } from 'vitest'
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  JOBS,
  NAMESPACES,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  POD_DISRUPTION_BUDGETS,
  PODS,
  SERVICES,
  STATEFUL_SETS,
} from '../../src/client/resources.ts'
import { running, template, type World, withWorld } from './world.ts'

const SMALL = 10
const LARGE = 150
/** What may differ by chance: lists that are seen once more or less. */
const SLACK = 10

const at = (name: string) => ({ namespace: 'default', name })
const labelled = (app: string) => ({ matchLabels: { app } })
const ready = { conditions: [{ type: 'Ready', status: 'True' as const }] }
const resources = { requests: { storage: '1Gi' } }

async function addNode({ client }: World, name: string): Promise<void> {
  await client.create(NODES, { metadata: { name } })
  await client.patch(NODES, { name }, 'merge', { status: ready }, { subresource: 'status' })
}

async function addVolume({ client }: World, name: string, storageClassName: string): Promise<void> {
  const accessModes = ['ReadWriteOnce' as const]
  const hostPath = { path: '/x' }
  await client.create(PERSISTENT_VOLUMES, {
    metadata: { name },
    spec: { capacity: { storage: '1Gi' }, accessModes, storageClassName, hostPath },
  })
}

async function addClaim({ client }: World, name: string, storageClassName: string): Promise<void> {
  const accessModes = ['ReadWriteOnce' as const]
  await client.create(PERSISTENT_VOLUME_CLAIMS, {
    metadata: at(name),
    spec: { accessModes, storageClassName, resources },
  })
}

/** So many of everything, all in one namespace, that have nothing to do with what is done then. */
async function addOthers(world: World, count: number): Promise<void> {
  const { client } = world
  for (let index = 0; index < count; index++) {
    const app = `other-${index}`
    await addNode(world, app)
    const spec = { nodeName: app, containers: [{ name: 'c', image: 'i' }] }
    const pod = await client.create(PODS, { metadata: { ...at(app), labels: { app } }, spec })
    await world.report(pod, { ...running(world.clock.now()), podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }] })
    await client.create(SERVICES, { metadata: at(app), spec: { selector: { app }, ports: [{ port: 80 }] } })
    const bound = { minAvailable: 0, selector: labelled(app) }
    await client.create(POD_DISRUPTION_BUDGETS, { metadata: at(app), spec: bound })
    const set = { selector: labelled(`${app}-d`), template: template({ app: `${app}-d` }) }
    await client.create(DEPLOYMENTS, { metadata: at(app), spec: { replicas: 0, ...set } })
    await client.create(STATEFUL_SETS, { metadata: at(app), spec: { replicas: 0, serviceName: app, ...set } })
    await addVolume(world, app, app)
    await addClaim(world, app, app)
    await addVolume(world, `${app}-free`, app)
    await client.create(CONFIG_MAPS, { metadata: at(app) })
  }
  await world.settle(3_000)
}

/** What is looked at: something of each kind. */
async function addSubjects(world: World): Promise<void> {
  const { client } = world
  await addNode(world, 'n1')
  const app = 'web'
  const spec = { replicas: 2, selector: labelled(app), template: template({ app }) }
  await client.create(DEPLOYMENTS, { metadata: at(app), spec })
  await client.create(SERVICES, { metadata: at(app), spec: { selector: { app }, ports: [{ port: 80 }] } })
  const budget = { minAvailable: 1, selector: labelled(app) }
  await client.create(POD_DISRUPTION_BUDGETS, { metadata: at(app), spec: budget })
  await client.create(CONFIG_MAPS, { metadata: at(app) })
  await addVolume(world, 'web', 'web')
  await world.settle(3_000)
}

type Event = (world: World) => Promise<unknown>

const events: Readonly<Record<string, Event>> = {
  'a Pod becomes ready': async (world) => {
    const [pod] = await world.list(PODS, 'app=web')
    if (pod === undefined) throw new Error('no Pod')
    return world.report(pod, { ...running(world.clock.now()), podIP: '10.1.0.1', podIPs: [{ ip: '10.1.0.1' }] })
  },
  'a Pod goes': async (world) => {
    const [pod] = await world.list(PODS, 'app=web')
    return world.client.delete(PODS, at(pod?.metadata.name ?? ''), { gracePeriodSeconds: 0 })
  },
  'a Pod that nobody owns comes': ({ client }) =>
    client.create(PODS, { metadata: at('lone'), spec: { containers: [{ name: 'c', image: 'i' }] } }),
  'a Deployment grows': ({ client }) => client.patch(DEPLOYMENTS, at('web'), 'merge', { spec: { replicas: 3 } }),
  'a Deployment gets another image': ({ client }) =>
    client.patch(DEPLOYMENTS, at('web'), 'merge', { spec: { template: template({ app: 'web' }, 'pause:2') } }),
  'a Service selects others': ({ client }) =>
    client.patch(SERVICES, at('web'), 'merge', { spec: { selector: { app: 'none' } } }),
  'an autoscaler comes': ({ client }) =>
    client.create(HORIZONTAL_POD_AUTOSCALERS, {
      metadata: at('web'),
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 5 },
    }),
  'a claim finds its volume': (world) => addClaim(world, 'web', 'web'),
  'a claim goes': ({ client }) => client.delete(PERSISTENT_VOLUME_CLAIMS, at('web')),
  'a Job comes': ({ client }) =>
    client.create(JOBS, { metadata: at('web'), spec: { template: template({ job: 'x' }, 'pause:1', 'Never') } }),
  'a node is not ready': ({ client }) => {
    const conditions = [{ type: 'Ready', status: 'False' }]
    return client.patch(NODES, { name: 'n1' }, 'merge', { status: { conditions } }, { subresource: 'status' })
  },
  'an object goes': ({ client }) => client.delete(CONFIG_MAPS, at('web')),
  'a namespace comes': ({ client }) => client.create(NAMESPACES, { metadata: { name: 'new' } }),
  'a namespace goes': ({ client }) => client.delete(NAMESPACES, { name: 'new' }),
}

/** The objects that are looked at for each event, among so many others. */
async function readsAmong(others: number): Promise<Map<string, number>> {
  const reads = new Map<string, number>()
  await withWorld(async (world) => {
    await addOthers(world, others)
    await addSubjects(world)
    for (const [name, happens] of Object.entries(events)) {
      const before = world.reads
      await happens(world)
      await world.settle(1_000)
      reads.set(name, world.reads - before)
    }
  })
  return reads
}

describe(`what controllers look at among ${LARGE} of everything is no more than among ${SMALL}`, () => {
  let few: Map<string, number>
  let many: Map<string, number>
  beforeAll(async () => {
    few = await readsAmong(SMALL)
    many = await readsAmong(LARGE)
  }, 120_000)
  for (const name of Object.keys(events)) {
    test(`when ${name}`, () => {
      if (process.env['SHOW'] !== undefined) process.stderr.write(`${name}: ${few.get(name)} ${many.get(name)}\n`)
      expect(many.get(name)).toBeLessThanOrEqual((few.get(name) ?? 0) + SLACK)
    })
  }
})
