/** Contradictory wishes: each ends in the state Kubernetes defines, says why, and never becomes a hot loop. */

import { describe, expect, test } from 'vitest'
import type { Client } from '../../src/client/client.ts'
import type { KubeObject } from '../../src/meta/types.ts'
import type { DeepReadonly } from '../../src/meta/deep-readonly.ts'
import {
  CONFIG_MAPS,
  DAEMON_SETS,
  DEPLOYMENTS,
  HORIZONTAL_POD_AUTOSCALERS,
  JOBS,
  LIMIT_RANGES,
  NAMESPACES,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  POD_DISRUPTION_BUDGETS,
  PODS,
  REPLICA_SETS,
  RESOURCE_QUOTAS,
  SERVICES,
  STATEFUL_SETS,
} from '../../src/client/resources.ts'
import { template, type World, withWorld } from './world.ts'

const MINUTE = 60_000
const at = (name: string) => ({ name, namespace: 'default' })
const labels = { app: 'web' }
const selector = { matchLabels: labels }
const setOf = (name: string, replicas: number) => ({
  metadata: at(name),
  spec: { replicas, selector, template: template(labels) },
})
const ownerOf = ({ metadata }: DeepReadonly<KubeObject>) => metadata.ownerReferences?.[0]?.name

/** Writes of all controllers in one minute, after things had ten minutes to calm down. */
async function writesAMinute(world: World, turn: () => Promise<void> = () => world.settle()): Promise<number> {
  for (let minute = 0; minute < 10; minute++) {
    await turn()
    await world.clock.advance(MINUTE)
  }
  const before = world.writes
  await turn()
  await world.clock.advance(MINUTE)
  return world.writes - before
}

/** For five minutes kubelets refuse every Pod as soon as they see it; answers the controllers' writes in the last one. */
async function refuseAll(world: World): Promise<number> {
  let before = 0
  for (let tick = 0; tick < 5 * 120; tick++) {
    if (tick === 4 * 120) before = world.writes
    await world.clock.advance(500)
    for (const pod of (await world.client.list(PODS)).items) {
      if (pod.metadata.deletionTimestamp !== undefined) {
        await world.client.delete(PODS, at(pod.metadata.name ?? ''), { gracePeriodSeconds: 0 }).catch(() => {})
      } else if (pod.status?.phase !== 'Failed') await world.report(pod, { phase: 'Failed', reason: 'OutOfcpu' })
    }
  }
  return world.writes - before
}

describe('owners that contradict each other', () => {
  test('two ReplicaSets of one selector keep to their own Pods, and share out the orphans', () =>
    withWorld(async (world) => {
      for (let index = 0; index < 3; index++) {
        const pod = template(labels)
        await world.client.create(PODS, { metadata: { ...at(`orphan-${index}`), labels }, spec: pod.spec })
      }
      await world.client.create(REPLICA_SETS, setOf('a', 2))
      await world.client.create(REPLICA_SETS, setOf('b', 2))
      await world.kubelets()
      await world.kubelets()
      expect(await writesAMinute(world)).toBe(0)
      const owners = (await world.list(PODS)).map((pod) => ownerOf(pod) ?? '')
      expect(owners.toSorted()).toEqual(['a', 'a', 'b', 'b'])
    }))

  test('owners in a circle stay while nobody deletes one, and then go in the foreground too', () =>
    withWorld(async (world) => {
      const made = new Map<string, string>()
      for (const name of ['a', 'b', 'c']) {
        made.set(name, (await world.client.create(CONFIG_MAPS, { metadata: at(name) })).metadata.uid ?? '')
      }
      for (const [name, owner] of [
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'a'],
      ] as const) {
        const uid = made.get(owner) ?? ''
        const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: owner, uid, blockOwnerDeletion: true }
        await world.client.patch(CONFIG_MAPS, at(name), 'merge', { metadata: { ownerReferences: [reference] } })
      }
      expect(await writesAMinute(world)).toBe(0)
      await world.client.delete(CONFIG_MAPS, at('a'), { propagationPolicy: 'Foreground' })
      expect(await writesAMinute(world)).toBe(0)
      const left = (await world.list(CONFIG_MAPS)).map(({ metadata }) => metadata.name)
      expect(left).toEqual(['kube-root-ca.crt'])
    }))

  test('an owner that is in another namespace does not count, and an event says so', () =>
    withWorld(async (world) => {
      await world.client.create(NAMESPACES, { metadata: { name: 'far' } })
      const { uid = '' } = (await world.client.create(CONFIG_MAPS, { metadata: { name: 'owner', namespace: 'far' } }))
        .metadata
      const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }]
      await world.client.create(CONFIG_MAPS, { metadata: { ...at('lost'), ownerReferences } })
      expect(await writesAMinute(world)).toBe(0)
      expect(await world.find(CONFIG_MAPS, 'lost')).toBeUndefined()
      expect(world.told).toContainEqual({
        about: 'ConfigMap/lost',
        type: 'Warning',
        reason: 'OwnerRefInvalidNamespace',
        message: `ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: ${uid}] does not exist in namespace "default"`,
      })
    }))

  test('an owner of a kind that nobody serves keeps its dependents', () =>
    withWorld(async (world) => {
      const ownerReferences = [{ apiVersion: 'example.com/v1', kind: 'Whale', name: 'w', uid: 'no-such-uid' }]
      await world.client.create(CONFIG_MAPS, { metadata: { ...at('kept'), ownerReferences } })
      expect(await writesAMinute(world)).toBe(0)
      expect(await world.find(CONFIG_MAPS, 'kept')).toBeDefined()
    }))
})

test('claims that nobody can serve write no more than their events, and no more for each volume that comes', () =>
  withWorld(async (world) => {
    for (const name of ['a', 'b', 'c']) {
      const storage = { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage: '1Gi' } } }
      await world.client.create(PERSISTENT_VOLUME_CLAIMS, {
        metadata: at(name),
        spec: { ...storage, storageClassName: 'none' },
      })
    }
    expect(await writesAMinute(world)).toBe(0)
    const before = world.told.length
    await world.settle(60_000)
    expect(world.told.length - before).toBeLessThanOrEqual(3 * 4)
  }))

describe('selectors that match nothing', () => {
  test('a budget, a Service and an autoscaler without Pods come to rest', () =>
    withWorld(async (world) => {
      await world.client.create(POD_DISRUPTION_BUDGETS, { metadata: at('b'), spec: { maxUnavailable: 1, selector } })
      await world.client.create(SERVICES, { metadata: at('s'), spec: { selector: labels, ports: [{ port: 80 }] } })
      await world.client.create(REPLICA_SETS, setOf('web', 0))
      await world.client.create(HORIZONTAL_POD_AUTOSCALERS, {
        metadata: at('h'),
        spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web' }, maxReplicas: 3 },
      })
      expect(await writesAMinute(world)).toBe(0)
      expect((await world.find(POD_DISRUPTION_BUDGETS, 'b'))?.status).toMatchObject({
        disruptionsAllowed: 0,
        expectedPods: 0,
      })
      expect(world.told.map(({ reason }) => reason)).toContain('NoPods')
    }))
})

describe('templates that always fail', () => {
  const spec = { replicas: 2, selector, template: template(labels) }
  const failing = template(labels, 'pause:1', 'Never')
  const cases: Readonly<Record<string, (client: Client) => Promise<unknown>>> = {
    ReplicaSet: (client) => client.create(REPLICA_SETS, { metadata: at('web'), spec }),
    StatefulSet: (client) => client.create(STATEFUL_SETS, { metadata: at('web'), spec: { ...spec, serviceName: 'w' } }),
    DaemonSet: (client) =>
      client.create(DAEMON_SETS, { metadata: at('web'), spec: { selector, template: spec.template } }),
    Job: (client) => client.create(JOBS, { metadata: at('web'), spec: { backoffLimit: 999, template: failing } }),
  }
  for (const [kind, create] of Object.entries(cases)) {
    test(`a ${kind} whose Pods are refused at once does not replace them in a hot loop`, () =>
      withWorld(async (world) => {
        for (const name of ['a', 'b']) await world.client.create(NODES, { metadata: { name } })
        await create(world.client)
        const writes = await refuseAll(world)
        expect(writes).toBeLessThanOrEqual(40)
      }))
  }

  test('a template that the API refuses is told in a condition and an event', () =>
    withWorld(async (world) => {
      const limits = [{ type: 'Container' as const, max: { cpu: '1' } }]
      await world.client.create(LIMIT_RANGES, { metadata: at('small'), spec: { limits } })
      const greedy = template(labels)
      const [container] = greedy.spec.containers
      const wants = {
        ...greedy,
        spec: { ...greedy.spec, containers: [{ ...container, name: 'c', resources: { limits: { cpu: '2' } } }] },
      }
      await world.client.create(DEPLOYMENTS, { metadata: at('web'), spec: { replicas: 3, selector, template: wants } })
      expect(await writesAMinute(world)).toBeLessThanOrEqual(4)
      const why = /pods "web-[0-9a-z]+-[0-9a-z]{5}" is forbidden: maximum cpu usage per Container is 1, but limit is 2$/
      const failure = (await world.find(DEPLOYMENTS, 'web'))?.status?.conditions?.find(
        ({ type }) => type === 'ReplicaFailure',
      )
      expect(failure).toMatchObject({ status: 'True', reason: 'FailedCreate', message: expect.stringMatching(why) })
      const told = world.told.filter(({ reason }) => reason === 'FailedCreate')
      for (const { message } of told) expect(message).toMatch(why)
      expect(told.length).toBeLessThanOrEqual(40)
    }))
})

describe('a quota that is reached in the middle of a rollout', () => {
  test('is told, waited for at a calm rate, and the rollout goes on when it is raised', () =>
    withWorld(async (world) => {
      await world.client.create(RESOURCE_QUOTAS, { metadata: at('q'), spec: { hard: { pods: '3' } } })
      await world.settle(1_000)
      await world.client.create(DEPLOYMENTS, setOf('web', 3))
      await world.kubelets()
      const next = { spec: { template: template(labels, 'pause:2') } }
      await world.client.patch(DEPLOYMENTS, at('web'), 'merge', next)
      expect(await writesAMinute(world, () => world.kubelets())).toBeLessThanOrEqual(6)
      expect(await world.list(PODS)).toHaveLength(3)
      const { conditions = [] } = (await world.find(DEPLOYMENTS, 'web'))?.status ?? {}
      expect(conditions.map(({ type, status, reason }) => `${type}=${status} ${reason}`)).toEqual([
        'Available=True MinimumReplicasAvailable',
        'ReplicaFailure=True FailedCreate',
        'Progressing=False ProgressDeadlineExceeded',
      ])
      await world.client.patch(RESOURCE_QUOTAS, at('q'), 'merge', { spec: { hard: { pods: '4' } } })
      for (let round = 0; round < 8; round++) {
        await world.kubelets()
        await world.clock.advance(5 * MINUTE)
      }
      expect((await world.find(DEPLOYMENTS, 'web'))?.status).toMatchObject({ updatedReplicas: 3, availableReplicas: 3 })
    }))
})

describe('a namespace whose contents hold on', () => {
  test('says what is left and by which finalizers, at a calm rate, and goes when they go', () =>
    withWorld(async (world) => {
      await world.client.create(NAMESPACES, { metadata: { name: 'shop' } })
      for (const name of ['a', 'b']) {
        const metadata = { name, namespace: 'shop', finalizers: ['example.com/hold'] }
        await world.client.create(CONFIG_MAPS, { metadata })
      }
      await world.client.delete(NAMESPACES, { name: 'shop' })
      expect(await writesAMinute(world)).toBeLessThanOrEqual(120)
      const { status } = (await world.find(NAMESPACES, 'shop')) ?? {}
      const said = status?.conditions?.map(
        ({ type, status: is, reason, message }) => `${type}=${is} ${reason}: ${message}`,
      )
      expect(said).toContain(
        'NamespaceContentRemaining=True SomeResourcesRemain: Some resources are remaining: configmaps. has 2 resource instances',
      )
      expect(said).toContain(
        'NamespaceFinalizersRemaining=True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: example.com/hold in 2 resource instances',
      )
      for (const name of ['a', 'b']) {
        await world.client.patch(CONFIG_MAPS, { namespace: 'shop', name }, 'merge', { metadata: { finalizers: null } })
      }
      await world.settle(20 * MINUTE)
      expect(await world.find(NAMESPACES, 'shop')).toBeUndefined()
    }))
})
