import { describe, expect, test } from 'vitest'
import {
  CLUSTER_ROLE_BINDINGS,
  DEPLOYMENTS,
  EVENTS,
  PODS,
  REPLICA_SETS,
  type ResourceRef,
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
})
