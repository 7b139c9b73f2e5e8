import { afterEach, beforeEach, expect, test } from 'vitest'
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS } from '../../src/client/resources.ts'
import { type Cluster, createCluster } from '../../src/testing/cluster.ts'

let cluster: Cluster
beforeEach(async () => {
  cluster = await createCluster({ clock: 'virtual', nodes: 1 })
})
afterEach(() => cluster.stop())

const DATA = { namespace: 'default', name: 'data' }
const pod = (name: string, volume: object) => ({
  metadata: { name, namespace: 'default' },
  spec: {
    containers: [{ name: 'c', image: 'i', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
    volumes: [{ name: 'v', ...volume }],
  },
})

test('a claim of a local volume that somebody has made larger is done with by the node while a Pod runs', async () => {
  const { client } = cluster
  await client.create(PODS, pod('maker', { hostPath: { path: '/data', type: 'DirectoryOrCreate' } }))
  await cluster.advance(10_000)
  const matchExpressions = [{ key: 'kubernetes.io/os', operator: 'In' as const, values: ['linux'] }]
  await client.create(PERSISTENT_VOLUMES, {
    metadata: { name: 'pv1' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      local: { path: '/data' },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
    },
  })
  const resources = { requests: { storage: '1Gi' } }
  await client.create(PERSISTENT_VOLUME_CLAIMS, {
    metadata: DATA,
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', resources },
  })
  await client.create(PODS, pod('user', { persistentVolumeClaim: { claimName: 'data' } }))
  await cluster.advance(30_000)
  expect((await client.get(PODS, { namespace: 'default', name: 'user' })).status?.phase).toBe('Running')

  await client.patch(PERSISTENT_VOLUMES, { name: 'pv1' }, 'merge', { spec: { capacity: { storage: '2Gi' } } })
  const status = {
    allocatedResources: { storage: '2Gi' },
    allocatedResourceStatuses: { storage: 'NodeResizePending' },
    conditions: [{ type: 'FileSystemResizePending', status: 'True' }],
  }
  await client.patch(PERSISTENT_VOLUME_CLAIMS, DATA, 'merge', { status }, { subresource: 'status' })
  await cluster.advance(120_000)
  const grown = (await client.get(PERSISTENT_VOLUME_CLAIMS, DATA)).status
  expect(grown).toMatchObject({ capacity: { storage: '2Gi' }, allocatedResources: { storage: '2Gi' } })
  expect([grown?.allocatedResourceStatuses, grown?.conditions]).toEqual([undefined, undefined])
})
