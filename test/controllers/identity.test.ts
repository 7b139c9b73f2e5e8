import { describe, expect, test } from 'vitest'
import {
  CLUSTER_ROLE_BINDINGS,
  CLUSTER_ROLES,
  DEPLOYMENTS,
  EVENTS,
  PODS,
  REPLICA_SETS,
  type ResourceRef,
  SERVICE_ACCOUNTS,
} from '../../src/client/resources.ts'
import type { KubeObject } from '../../src/meta/types.ts'
import { type Cluster, createCluster } from '../../src/testing/cluster.ts'
import { template } from './world.ts'

const AT = { namespace: 'default', name: 'web' }
const web = {
  metadata: { ...AT },
  spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template: template({ app: 'web' }) },
}

const items = async <T extends KubeObject>({ client }: Cluster, ref: ResourceRef<T>) =>
  (await client.list(ref, { namespace: 'default' })).items

describe('each controller acts under its own account', () => {
  test('and writes as the program kube-controller-manager', async () => {
    await using cluster = await createCluster({ clock: 'virtual' })
    await cluster.client.create(DEPLOYMENTS, web)
    await cluster.until(async () => (await items(cluster, PODS)).length === 2)
    const writers = (await cluster.client.get(DEPLOYMENTS, AT)).metadata.managedFields ?? []
    expect(writers.find(({ subresource }) => subresource === 'status')).toMatchObject({
      manager: 'kube-controller-manager',
      fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:deployment.kubernetes.io/revision': {} } } },
    })
    const [set] = await items(cluster, REPLICA_SETS)
    expect(set?.metadata.managedFields?.map(({ manager }) => manager)).toEqual([
      'kube-controller-manager',
      'kube-controller-manager',
    ])
    await cluster.advance(1_000)
    const sources = new Map((await items(cluster, EVENTS)).map(({ reason, source }) => [reason, source?.component]))
    expect(sources.get('ScalingReplicaSet')).toBe('deployment-controller')
    expect(sources.get('SuccessfulCreate')).toBe('replicaset-controller')
  })

  test('so that taking one its role stops that one alone, and giving it back lets it go on', async () => {
    await using cluster = await createCluster({ clock: 'virtual' })
    const name = 'system:controller:replicaset-controller'
    const { metadata, roleRef, subjects } = await cluster.until(async () =>
      (await cluster.client.list(CLUSTER_ROLE_BINDINGS)).items.find((binding) => binding.metadata.name === name),
    )
    await cluster.client.delete(CLUSTER_ROLE_BINDINGS, { name })
    await cluster.client.create(DEPLOYMENTS, web)
    await cluster.advance(30_000)
    expect(await items(cluster, REPLICA_SETS)).toHaveLength(1)
    expect(await items(cluster, PODS)).toEqual([])
    const account = { metadata: { name: metadata.name ?? '' }, roleRef, subjects: subjects ?? [] }
    await cluster.client.create(CLUSTER_ROLE_BINDINGS, account)
    await cluster.until(async () => (await items(cluster, PODS)).length === 2, 120_000)
  })

  test('which stands in kube-system, and comes back when it is deleted', async () => {
    await using cluster = await createCluster({ clock: 'virtual' })
    const at = { namespace: 'kube-system', name: 'job-controller' }
    const find = () => cluster.client.get(SERVICE_ACCOUNTS, at).catch(() => undefined)
    const { metadata } = await cluster.until(find)
    await cluster.client.delete(SERVICE_ACCOUNTS, at)
    const again = await cluster.until(async () => {
      const found = await find()
      return found?.metadata.uid === metadata.uid ? undefined : found
    })
    expect(again.metadata.name).toBe('job-controller')
  })
})

describe('the roles for people', () => {
  const rulesOf = async ({ client }: Cluster, name: string) =>
    ((await client.get(CLUSTER_ROLES, { name })).rules ?? []).map(({ resources }) => resources?.join(' '))

  test('are whole from the start, and get what others add to them by label', async () => {
    await using cluster = await createCluster({ clock: 'virtual' })
    const before = await Promise.all(['view', 'edit', 'admin'].map((name) => rulesOf(cluster, name)))
    expect(before.map((rules) => rules.includes('endpointslices'))).toEqual([true, true, true])
    const [view, edit, admin] = before.map(({ length }) => length)
    expect(edit).toBeGreaterThan(view ?? 0)
    expect(admin).toBe((edit ?? 0) + 2)
    const untouched = (await cluster.client.get(CLUSTER_ROLES, { name: 'admin' })).metadata.resourceVersion
    await cluster.advance(10_000)
    expect((await cluster.client.get(CLUSTER_ROLES, { name: 'admin' })).metadata.resourceVersion).toBe(untouched)

    const labels = { 'rbac.authorization.k8s.io/aggregate-to-edit': 'true' }
    const rules = [{ apiGroups: ['example.com'], resources: ['things'], verbs: ['get'] }]
    await cluster.client.create(CLUSTER_ROLES, { metadata: { name: 'things', labels }, rules })
    await cluster.until(async () => (await rulesOf(cluster, 'admin')).includes('things'))
    expect(await rulesOf(cluster, 'edit')).toContain('things')
    expect(await rulesOf(cluster, 'view')).not.toContain('things')
    await cluster.client.delete(CLUSTER_ROLES, { name: 'things' })
    await cluster.until(async () => !(await rulesOf(cluster, 'admin')).includes('things'))
  })
})
