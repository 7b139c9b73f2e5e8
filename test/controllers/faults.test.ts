/** Every controller under faults: each scenario ends in the state Kubernetes defines, and comes to rest. Run 1,000 seeds with `FAULT_SEEDS=1000`, some with `FAULT_SEEDS=201-400`; one again with `FAULT_SEED=17`. */

import { describe, expect, test } from 'vitest'
import {
  CONFIG_MAPS,
  CRON_JOBS,
  DAEMON_SETS,
  DEPLOYMENTS,
  JOBS,
  NAMESPACES,
  NODES,
  PODS,
  REPLICA_SETS,
  IP_ADDRESSES,
  RESOURCE_CLAIM_TEMPLATES,
  RESOURCE_CLAIMS,
  RESOURCE_QUOTAS,
  SERVICE_CIDRS,
  SERVICES,
  STATEFUL_SETS,
} from '../../src/client/resources.ts'
import { type FaultyWorld, withFaults } from './faulty-world.ts'
import { claimTemplate, ended, template } from './world.ts'

const seeds = seedsOf(process.env['FAULT_SEED'], process.env['FAULT_SEEDS'] ?? '3')

function seedsOf(one: string | undefined, several: string): readonly number[] {
  if (one !== undefined) return [Number(one)]
  const [first = 1, last = first] = (several.includes('-') ? several : `1-${several}`).split('-').map(Number)
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

const AT = { name: 'web', namespace: 'default' }
const labels = { app: 'web' }
const selector = { matchLabels: labels }
/** Longer than any back-off that a few faults can build up. */
const LONG_MS = 15 * 60_000
/** Controllers that are at rest write no more than this in five minutes, all together. */
const AT_REST = 12

/** Faults end; kubelets go on; everything comes to rest. */
async function rest(world: FaultyWorld, turn: () => Promise<void> = () => world.kubelets()): Promise<void> {
  world.heal()
  for (let round = 0; round < 6; round++) {
    await turn()
    await world.settle(LONG_MS / 6)
  }
  await turn()
  const before = world.writes
  await world.settle(5 * 60_000)
  expect(world.writes - before).toBeLessThanOrEqual(AT_REST)
}

/** Pods do their work and end well. */
async function finishPods(world: FaultyWorld): Promise<void> {
  await world.settle()
  for (const pod of await world.list(PODS)) {
    const isDone = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
    if (!isDone && pod.metadata.deletionTimestamp === undefined) await world.report(pod, ended(0, world.clock.now()))
  }
  await world.settle()
}

const configMap = (world: FaultyWorld, name: string, owners: readonly { name: string; uid: string }[] = []) =>
  world.client.create(CONFIG_MAPS, {
    metadata: {
      name,
      namespace: 'default',
      ownerReferences: owners.map((owner) => ({ apiVersion: 'v1', kind: 'ConfigMap', ...owner })),
    },
  })
const mapNames = async (world: FaultyWorld) =>
  (await world.list(CONFIG_MAPS)).map(({ metadata }) => metadata.name).filter((name) => name !== 'kube-root-ca.crt')
const imagesOf = async (world: FaultyWorld) =>
  (await world.list(PODS)).map(({ spec }) => spec?.containers[0]?.image ?? '').toSorted()

const scenarios: Readonly<Record<string, (world: FaultyWorld) => Promise<void>>> = {
  async 'a Deployment is rolled out'(world) {
    await world.client.create(DEPLOYMENTS, {
      metadata: AT,
      spec: { replicas: 3, selector, template: template(labels) },
    })
    await world.kubelets()
    const update = { spec: { template: template(labels, 'pause:2') } }
    await world.client.patch(DEPLOYMENTS, AT, 'merge', update)
    for (let round = 0; round < 3; round++) await world.kubelets()
    await rest(world)
    expect(await imagesOf(world)).toEqual(['pause:2', 'pause:2', 'pause:2'])
    const sets = await world.list(REPLICA_SETS)
    expect(sets.map(({ spec }) => `${spec?.replicas}`).toSorted()).toEqual(['0', '3'])
    expect((await world.find(DEPLOYMENTS, 'web'))?.status).toMatchObject({
      replicas: 3,
      updatedReplicas: 3,
      availableReplicas: 3,
    })
  },
  async 'a StatefulSet is updated'(world) {
    const spec = { replicas: 3, serviceName: 'web', selector, template: template(labels) }
    await world.client.create(STATEFUL_SETS, { metadata: AT, spec })
    for (let round = 0; round < 3; round++) await world.kubelets()
    await world.client.patch(STATEFUL_SETS, AT, 'merge', { spec: { template: template(labels, 'pause:2') } })
    await rest(world)
    expect((await world.list(PODS)).map(({ metadata }) => metadata.name)).toEqual(['web-0', 'web-1', 'web-2'])
    expect(await imagesOf(world)).toEqual(['pause:2', 'pause:2', 'pause:2'])
    expect((await world.find(STATEFUL_SETS, 'web'))?.status).toMatchObject({ readyReplicas: 3, updatedReplicas: 3 })
  },
  async 'a DaemonSet is on every node'(world) {
    for (const name of ['a', 'b', 'c']) await world.client.create(NODES, { metadata: { name } })
    await world.client.create(DAEMON_SETS, { metadata: AT, spec: { selector, template: template(labels) } })
    await world.kubelets()
    await rest(world, () => world.settle())
    const placed = (await world.list(PODS)).map(
      ({ spec }) =>
        spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]
          ?.matchFields?.[0]?.values?.[0] ?? '',
    )
    expect(placed.toSorted()).toEqual(['a', 'b', 'c'])
  },
  async 'a Job runs to its end'(world) {
    const spec = { completions: 5, parallelism: 2, template: template({}, 'pause:1', 'Never') }
    await world.client.create(JOBS, { metadata: AT, spec })
    for (let round = 0; round < 3; round++) await finishPods(world)
    await rest(world, () => finishPods(world))
    const job = await world.find(JOBS, 'web')
    expect(job?.status).toMatchObject({ succeeded: 5 })
    expect(job?.status?.conditions?.find(({ type }) => type === 'Complete')?.status).toBe('True')
    for (const pod of await world.list(PODS)) expect(pod.metadata.finalizers ?? []).toEqual([])
  },
  async 'a CronJob runs every hour of a day'(world) {
    const jobTemplate = { spec: { template: template({}, 'pause:1', 'Never') } }
    await world.client.create(CRON_JOBS, { metadata: AT, spec: { schedule: '0 * * * *', jobTemplate } })
    for (let hour = 0; hour < 24; hour++) {
      await world.clock.advance(3_600_000)
      await finishPods(world)
    }
    await rest(world, () => finishPods(world))
    const cron = await world.find(CRON_JOBS, 'web')
    expect(cron?.status?.active ?? []).toEqual([])
    expect(cron?.status?.lastScheduleTime).toBe('2026-01-02T00:00:00Z')
    expect(await world.list(JOBS)).toHaveLength(3)
  },
  async 'what an owner owned goes with it'(world) {
    const { uid = '' } = (await configMap(world, 'owner')).metadata
    for (let index = 0; index < 5; index++) await configMap(world, `owned-${index}`, [{ name: 'owner', uid }])
    await world.settle()
    await world.client.delete(CONFIG_MAPS, { namespace: 'default', name: 'owner' })
    await world.settle()
    await rest(world)
    expect(await mapNames(world)).toEqual([])
  },
  async 'a namespace is deleted with all that is in it'(world) {
    await world.client.create(NAMESPACES, { metadata: { name: 'shop' } })
    const metadata = { name: 'web', namespace: 'shop' }
    await world.client.create(DEPLOYMENTS, { metadata, spec: { replicas: 2, selector, template: template(labels) } })
    await world.kubelets()
    await world.client.delete(NAMESPACES, { name: 'shop' })
    for (let round = 0; round < 3; round++) await world.kubelets()
    await rest(world)
    expect(await world.find(NAMESPACES, 'shop')).toBeUndefined()
    expect((await world.client.list(PODS, { namespace: 'shop' })).items).toEqual([])
  },
  async 'a quota stands in the way of a rollout until it is raised'(world) {
    await world.client.create(RESOURCE_QUOTAS, { metadata: AT, spec: { hard: { pods: '3' } } })
    await world.settle(1_000)
    await world.client.create(DEPLOYMENTS, {
      metadata: AT,
      spec: { replicas: 5, selector, template: template(labels) },
    })
    await world.kubelets()
    expect((await world.list(PODS)).length).toBeLessThanOrEqual(3)
    await world.client.patch(RESOURCE_QUOTAS, AT, 'merge', { spec: { hard: { pods: '9' } } })
    await rest(world)
    expect(await world.list(PODS)).toHaveLength(5)
    expect((await world.find(DEPLOYMENTS, 'web'))?.status?.availableReplicas).toBe(5)
  },
  async 'what two owners own stays with the one that is left'(world) {
    const a = (await configMap(world, 'a')).metadata
    const b = (await configMap(world, 'b')).metadata
    const owners = [a, b].map(({ name = '', uid = '' }) => ({ name, uid }))
    await configMap(world, 'shared', owners)
    await world.settle()
    await world.client.delete(CONFIG_MAPS, { namespace: 'default', name: 'a' })
    await world.settle()
    await rest(world)
    expect(await mapNames(world)).toEqual(['b', 'shared'])
  },
  async 'Pods get claims from a template, and take them along'(world) {
    await world.client.create(RESOURCE_CLAIM_TEMPLATES, claimTemplate)
    const names = ['a', 'b', 'c']
    const { spec } = template({}, 'pause:1', 'Never')
    const resourceClaims = [{ name: 'gpu', resourceClaimTemplateName: 'gpus' }]
    for (const name of names) {
      await world.client.create(PODS, { metadata: { ...AT, name }, spec: { ...spec, resourceClaims } })
    }
    await world.kubelets()
    const [first] = await world.list(RESOURCE_CLAIMS)
    if (first !== undefined) await world.client.delete(RESOURCE_CLAIMS, { ...AT, name: first.metadata.name ?? '' })
    await rest(world)
    // One more may be left of a create that was under way at a restart; it goes with its Pod.
    const claims = new Map((await world.list(RESOURCE_CLAIMS)).map(({ metadata }) => [metadata.name ?? '', metadata]))
    for (const { metadata, status } of await world.list(PODS)) {
      const told = claims.get(status?.resourceClaimStatuses?.[0]?.resourceClaimName ?? '')
      expect(told?.ownerReferences?.[0]?.name).toBe(metadata.name)
    }
    for (const name of names) await world.client.delete(PODS, { ...AT, name }, { gracePeriodSeconds: 0 })
    await rest(world)
    expect(await world.list(RESOURCE_CLAIMS)).toEqual([])
  },
  async 'a range of Service addresses comes, is used, and goes'(world) {
    await world.client.create(SERVICE_CIDRS, { metadata: { name: 'more' }, spec: { cidrs: ['10.200.0.0/28'] } })
    await world.settle(LONG_MS)
    const serve = { clusterIP: '10.200.0.3', ports: [{ port: 80 }] }
    await world.client.create(SERVICES, { metadata: AT, spec: serve })
    await world.client.delete(SERVICE_CIDRS, { name: 'more' })
    await world.settle(60_000)
    expect(await world.find(SERVICE_CIDRS, 'more')).toBeDefined()
    expect((await world.client.list(IP_ADDRESSES)).items.map(({ metadata }) => metadata.name)).toContain('10.200.0.3')
    await world.client.delete(SERVICES, AT)
    await rest(world)
    expect(await world.find(SERVICE_CIDRS, 'more')).toBeUndefined()
    expect((await world.client.list(IP_ADDRESSES)).items).toEqual([])
  },
  async 'owners in a circle go together'(world) {
    const { uid = '' } = (await configMap(world, 'a')).metadata
    const b = await configMap(world, 'b', [{ name: 'a', uid }])
    const back = { apiVersion: 'v1', kind: 'ConfigMap', name: 'b', uid: b.metadata.uid ?? '' }
    const a = { namespace: 'default', name: 'a' }
    await world.client.patch(CONFIG_MAPS, a, 'merge', { metadata: { ownerReferences: [back] } })
    await world.settle()
    await world.client.delete(CONFIG_MAPS, a)
    await world.settle()
    await rest(world)
    expect(await mapNames(world)).toEqual([])
  },
}

for (const [what, play] of Object.entries(scenarios)) {
  describe(`under faults, ${what}`, () => {
    test.each(seeds)(
      'seed %i',
      async (seed) => {
        await expect(withFaults(seed, play)).resolves.toBeUndefined()
      },
      60_000,
    )
  })
}
