import { describe, expect, test } from 'vitest'
import { ManualClock } from '../base/manual-clock.ts'
import { testStorageContract } from './contract.ts'
import { metricsText } from '../base/metrics/text.ts'
import { measuredStorage, sizeFamilies, StorageMetrics } from './measured-storage.ts'
import { createMemoryStorage } from './memory/memory-storage.ts'

describe('storage contract: measured', () => {
  testStorageContract(async () => measuredStorage(createMemoryStorage(), new StorageMetrics(), new ManualClock()))
})

const bytes = { bytes: () => new Uint8Array() }

test('a measured storage tells what was asked of which resource', async () => {
  const metrics = new StorageMetrics()
  const storage = measuredStorage(createMemoryStorage(), metrics, new ManualClock())
  const pod = '/registry/core/pods/default/a'
  const put = { put: pod, value: () => bytes }
  const made = await storage.transact([{ key: pod, modRevision: 0 }], [put])
  await storage.transact([{ key: pod, modRevision: made.revision }], [put])
  await storage.get(pod)
  await storage.range({ prefix: '/registry/apps/deployments/' })
  await expect(storage.range({ prefix: '/registry/apps/deployments/', revision: 99 })).rejects.toThrow('future')
  const follower = storage.follow('/registry/', () => {})
  await storage.transact([], [{ delete: pod }])
  follower.stop()
  const [requests, failures] = metrics.families
  const told = requests?.samples.map(({ labels, value }) => [...Object.values(labels ?? {}), value])
  expect(told).toEqual([
    ['', 'create', 'pods', 1],
    ['', 'update', 'pods', 1],
    ['', 'get', 'pods', 1],
    ['apps', 'list', 'deployments', 2],
    ['', 'delete', 'pods', 1],
  ])
  expect(failures?.samples).toEqual([
    { labels: { group: 'apps', operation: 'list', resource: 'deployments' }, value: 1 },
  ])
  const text = metricsText(metrics.families)
  expect(text).toContain('apiserver_storage_list_total{group="apps",resource="deployments"} 1\n')
  expect(text).toContain('apiserver_storage_list_returned_objects_total{group="apps",resource="deployments"} 0\n')
  expect(text).toContain('apiserver_watch_cache_events_received_total{group="",resource="pods"} 1\n')
  await storage.close()
})

test('how large a storage is is told where it is on a disk', async () => {
  const memory = createMemoryStorage()
  expect(await sizeFamilies(memory)).toEqual([])
  const onDisk = measuredStorage({ ...memory, size: async () => 4_096 }, new StorageMetrics(), new ManualClock())
  expect(metricsText(await sizeFamilies(onDisk))).toContain(
    'apiserver_storage_size_bytes{storage_cluster_id="etcd-0"} 4096\n',
  )
})
