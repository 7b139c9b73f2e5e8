import { describe, expect, test } from 'vitest'
import { CONFIG_MAPS, DEPLOYMENTS, PODS, REPLICA_SETS, SERVICE_ACCOUNTS } from '../client/resources.ts'
import { createCluster } from './cluster.ts'

const web = (replicas: number) => ({
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'app', image: 'nginx' }] },
    },
  },
})

for (const clock of ['real', 'virtual'] as const) {
  describe(`createCluster() on ${clock} time`, () => {
    test('answers at once, and stops without leaving a timer', async () => {
      const cluster = await createCluster({ clock })
      const made = await cluster.client.create(CONFIG_MAPS, { metadata: { name: 'a', namespace: 'default' } })
      expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
      await cluster.stop()
      await cluster.stop()
    })

    test('runs controllers', async () => {
      const cluster = await createCluster({ clock })
      const { client } = cluster
      await client.create(DEPLOYMENTS, web(3))
      const pods = await cluster.until(async () => {
        const { items } = await client.list(PODS, { namespace: 'default' })
        return items.length === 3 && items
      })
      expect(pods[0]?.metadata.name).toMatch(/^web-[a-z0-9]+-[a-z0-9]{5}$/)
      const { items } = await client.list(SERVICE_ACCOUNTS, { namespace: 'default' })
      expect(items.map((account) => account.metadata.name)).toEqual(['default'])
      await cluster.stop()
    })
  })
}

describe('createCluster() on virtual time', () => {
  const history = async (seed: number): Promise<readonly string[]> => {
    const cluster = await createCluster({ clock: 'virtual', seed })
    const { client } = cluster
    const seen: string[] = []
    const watching = new AbortController()
    const watched = (async () => {
      for await (const { type, object } of client.watch(PODS, { resourceVersion: '0' }, watching.signal)) {
        const { name, uid, resourceVersion } = object.metadata
        seen.push(`${cluster.clock.now()} ${type} ${name} ${uid} ${resourceVersion}`)
      }
    })().catch(() => {})
    await client.create(DEPLOYMENTS, web(5))
    await cluster.advance(5_000)
    await client.update(DEPLOYMENTS, web(2))
    await cluster.advance(60_000)
    const sets = await client.list(REPLICA_SETS)
    seen.push(...sets.items.map((set) => `${set.metadata.name} ${set.metadata.uid}`))
    watching.abort()
    await watched
    await cluster.stop()
    return seen
  }

  test('the same seed gives the same history, another seed another', async () => {
    const first = await history(7)
    expect(first.length).toBeGreaterThan(7)
    expect(await history(7)).toEqual(first)
    expect(await history(8)).not.toEqual(first)
  })

  test('an hour passes in moments', async () => {
    const cluster = await createCluster({ clock: 'virtual' })
    const before = cluster.clock.now()
    await cluster.advance(3_600_000)
    expect(cluster.clock.now() - before).toBe(3_600_000)
    await cluster.stop()
  })
})
