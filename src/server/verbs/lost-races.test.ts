import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Client } from '../../client/client.ts'
import { CONFIG_MAPS, DEPLOYMENTS, NAMESPACES, RESOURCE_QUOTAS } from '../../client/resources.ts'
import { openLmdbStorage } from '../../storage/lmdb/lmdb-storage.ts'
import { startServer } from '../fixtures.ts'

/** More than anybody would try again for. */
const writers = Array.from({ length: 60 }, (_, i) => `w${i}`)
const at = { name: 'one', namespace: 'default' }

describe('many who write one object at once', () => {
  let client: Client
  let end: () => Promise<void>
  beforeEach(async () => {
    // On a disk what is written is there a moment later: all of them read the same state.
    const folder = mkdtempSync(join(tmpdir(), 'gorae-races-'))
    const storage = await openLmdbStorage(folder)
    const { server, client: admin } = await startServer({ storage })
    client = admin
    end = async () => {
      server.close()
      await storage.close()
      rmSync(folder, { recursive: true })
    }
    await client.create(CONFIG_MAPS, { metadata: at })
  })
  afterEach(() => end())
  const one = () => client.get(CONFIG_MAPS, at)
  const reasons = (settled: readonly PromiseSettledResult<unknown>[]) =>
    settled.flatMap((one) => (one.status === 'rejected' ? [one.reason.status.reason as string] : []))

  test.each(['merge', 'strategic'] as const)('all patch it (%s), and nothing of theirs is lost', async (type) => {
    await Promise.all(writers.map((name) => client.patch(CONFIG_MAPS, at, type, { data: { [name]: 'v' } })))
    expect(Object.keys((await one()).data ?? {})).toHaveLength(writers.length)
  })

  test('all apply to it, each a field of its own', async () => {
    const apply = (name: string) => {
      const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: at, data: { [name]: 'v' } }
      return client.patch(CONFIG_MAPS, at, 'apply', body, { fieldManager: name })
    }
    await Promise.all(writers.map(apply))
    expect(Object.keys((await one()).data ?? {})).toHaveLength(writers.length)
  })

  test('all replace it whatever it is', async () => {
    await Promise.all(writers.map((name) => client.update(CONFIG_MAPS, { metadata: at, data: { by: name } })))
    expect(writers).toContain((await one()).data?.['by'])
  })

  test('of those who name the state that they replace, one may', async () => {
    const { resourceVersion } = (await one()).metadata
    const replace = (name: string) =>
      client.update(CONFIG_MAPS, { metadata: { ...at, resourceVersion: resourceVersion! }, data: { by: name } })
    const lost = reasons(await Promise.allSettled(writers.map(replace)))
    expect(lost).toEqual(Array.from({ length: writers.length - 1 }, () => 'Conflict'))
  })

  test('and delete it: whoever comes too late does not find it', async () => {
    const patches = writers.map((name) => client.patch(CONFIG_MAPS, at, 'merge', { data: { [name]: 'v' } }))
    const settled = Promise.allSettled([...patches, client.delete(CONFIG_MAPS, at)])
    expect(new Set(reasons(await settled))).toEqual(new Set(['NotFound']))
  })

  test('of what a quota allows as many are made as it says', async () => {
    const hard = { 'count/configmaps': '40' }
    const quota = { name: 'quota', namespace: 'other' }
    await client.create(NAMESPACES, { metadata: { name: 'other' } })
    const { metadata } = await client.create(RESOURCE_QUOTAS, { metadata: quota, spec: { hard } })
    const status = { hard, used: { 'count/configmaps': '0' } }
    await client.updateStatus(RESOURCE_QUOTAS, { metadata, spec: { hard }, status })
    const create = (name: string) => client.create(CONFIG_MAPS, { metadata: { name, namespace: 'other' } })
    const refused = reasons(await Promise.allSettled(writers.map(create)))
    expect(refused).toEqual(Array.from({ length: 20 }, () => 'Forbidden'))
    expect((await client.get(RESOURCE_QUOTAS, quota)).status?.used).toEqual(hard)
  })

  test('all let it go, and hear that they did, whoever was the first', async () => {
    const kept = { name: 'kept', namespace: 'default' }
    await client.create(CONFIG_MAPS, { metadata: { ...kept, finalizers: ['example.com/keeps'] } })
    await client.delete(CONFIG_MAPS, kept)
    const letGo = () => client.patch(CONFIG_MAPS, kept, 'merge', { metadata: { finalizers: null } })
    await Promise.all(writers.map(letGo))
    await expect(letGo()).rejects.toMatchObject({ status: { reason: 'NotFound' } })
  })

  test('all scale it', async () => {
    const labels = { app: 'one' }
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    await client.create(DEPLOYMENTS, { metadata: at, spec: { selector: { matchLabels: labels }, template } })
    const scale = (_: string, i: number) =>
      client.patch(DEPLOYMENTS, at, 'merge', { spec: { replicas: i + 1 } }, { subresource: 'scale' })
    await Promise.all(writers.map(scale))
    expect((await client.get(DEPLOYMENTS, at)).metadata.generation).toBeGreaterThan(1)
  })
})
