import { afterEach, beforeEach, expect, test } from 'vitest'

import { NODES } from '../../src/client/resources.ts'
import { type Cluster, createCluster } from '../../src/testing/cluster.ts'

let cluster: Cluster
beforeEach(async () => {
  cluster = await createCluster({ clock: 'virtual', nodes: 1 })
  await cluster.advance(5_000)
})
afterEach(() => cluster.stop())

test('a resource that somebody advertises for a node can be asked for soon after', async () => {
  const { client } = cluster
  const [node] = (await client.list(NODES)).items
  const at = { name: node?.metadata.name ?? '' }
  const patch = [{ op: 'add', path: '/status/capacity/example.com~1dongle', value: '4' }]
  await client.patch(NODES, at, 'json', patch, { subresource: 'status' })
  await cluster.advance(10_000)
  const { capacity, allocatable } = (await client.get(NODES, at)).status ?? {}
  expect([capacity?.['example.com/dongle'], allocatable?.['example.com/dongle']]).toEqual(['4', '4'])
})
