import { describe, expect, test } from 'vitest'
import { createClient } from '../client/client.ts'
import { CONFIG_MAPS, DEPLOYMENTS, ENDPOINTS, NAMESPACES, SERVICES } from '../client/resources.ts'
import { userOf } from '../client/user.ts'
import { hasReason } from '../meta/errors.ts'
import { startServer } from './fixtures.ts'

const configMap = (name: string, data: Record<string, string> = {}) => ({
  metadata: { name, namespace: 'default' },
  data,
})

describe('the API server in the process', () => {
  test('has the first namespaces', async () => {
    const { client } = await startServer()
    const { items } = await client.list(NAMESPACES)
    expect(items.map(({ metadata }) => metadata?.name)).toEqual([
      'default',
      'kube-node-lease',
      'kube-public',
      'kube-system',
    ])
  })

  for (const [address, endpoints] of [
    ['10.0.0.1', 1],
    ['127.0.0.1', 0],
  ] as const) {
    test(`has the Service kubernetes, with ${endpoints} endpoints at ${address}`, async () => {
      const { client } = await startServer({ options: { advertise: { address, port: 6443 } } })
      const service = await client.get(SERVICES, { namespace: 'default', name: 'kubernetes' })
      expect(service.spec?.clusterIP).toBe('10.96.0.1')
      const { items } = await client.list(ENDPOINTS, { namespace: 'default' })
      expect(items.length).toBe(endpoints)
    })
  }

  test('allots addresses and node ports to Services, each once', async () => {
    const { client } = await startServer()
    const service = (name: string, clusterIP?: string) => ({
      metadata: { name, namespace: 'default' },
      spec: { type: 'NodePort' as const, ports: [{ port: 80 }], ...(clusterIP === undefined ? {} : { clusterIP }) },
    })
    const made = await client.create(SERVICES, service('a'))
    expect(made.spec?.clusterIP).toMatch(/^10\.96\./)
    expect(made.spec?.ports?.[0]?.nodePort).toBeGreaterThanOrEqual(30_000)
    await expect(client.create(SERVICES, service('b', made.spec!.clusterIP))).rejects.toThrow('already allocated')
    await client.delete(SERVICES, { namespace: 'default', name: 'a' })
    const next = await client.create(SERVICES, service('b', made.spec!.clusterIP))
    expect(next.spec?.clusterIP).toBe(made.spec?.clusterIP)
  })

  test('creates, reads, updates, patches and deletes', async () => {
    const { client } = await startServer()
    const made = await client.create(CONFIG_MAPS, configMap('a', { x: '1' }))
    expect(made).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { x: '1' } })
    expect(await client.get(CONFIG_MAPS, { namespace: 'default', name: 'a' })).toBe(made)
    const updated = await client.update(CONFIG_MAPS, { ...configMap('a', { x: '2' }) })
    expect(Number(updated.metadata?.resourceVersion)).toBeGreaterThan(Number(made.metadata?.resourceVersion))
    const patched = await client.patch(CONFIG_MAPS, { namespace: 'default', name: 'a' }, 'merge', { data: { y: '3' } })
    expect(patched.data).toEqual({ x: '2', y: '3' })
    await client.delete(CONFIG_MAPS, { namespace: 'default', name: 'a' })
    const failure = await client.get(CONFIG_MAPS, { namespace: 'default', name: 'a' }).catch((error: unknown) => error)
    expect(hasReason(failure, 'NotFound')).toBe(true)
  })

  test('does not write an update that changes nothing', async () => {
    const { client } = await startServer()
    const made = await client.create(CONFIG_MAPS, configMap('a', { x: '1' }))
    expect(await client.update(CONFIG_MAPS, configMap('a', { x: '1' }))).toBe(made)
  })

  test('refuses a stale update', async () => {
    const { client } = await startServer()
    const made = await client.create(CONFIG_MAPS, configMap('a', { x: '1' }))
    await client.update(CONFIG_MAPS, configMap('a', { x: '2' }))
    const stale = client.update(CONFIG_MAPS, { ...made, data: { x: '3' } })
    await expect(stale).rejects.toThrow(
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    )
  })

  test('keeps an object with finalizers until the last is gone', async () => {
    const { client } = await startServer()
    const at = { namespace: 'default', name: 'a' }
    await client.create(CONFIG_MAPS, { metadata: { ...at, finalizers: ['example.com/wait'] } })
    await client.delete(CONFIG_MAPS, at)
    const waiting = await client.get(CONFIG_MAPS, at)
    expect(waiting.metadata).toMatchObject({ deletionGracePeriodSeconds: 0, finalizers: ['example.com/wait'] })
    await client.patch(CONFIG_MAPS, at, 'merge', { metadata: { finalizers: null } })
    await expect(client.get(CONFIG_MAPS, at)).rejects.toThrow('configmaps "a" not found')
  })

  test('says of a name that is taken whether it will be free soon', async () => {
    const { client } = await startServer()
    const at = { namespace: 'default', name: 'a' }
    const create = () => client.create(CONFIG_MAPS, { metadata: { ...at, finalizers: ['example.com/wait'] } })
    await create()
    await expect(create()).rejects.toThrow(/^configmaps "a" already exists$/)
    await client.delete(CONFIG_MAPS, at)
    await expect(create()).rejects.toThrow(/^object is being deleted: configmaps "a" already exists$/)
  })

  test('knows when an object is deleted, whatever an update says', async () => {
    const { client } = await startServer()
    const at = { namespace: 'default', name: 'a' }
    await client.create(CONFIG_MAPS, { metadata: { ...at, finalizers: ['example.com/wait'] } })
    await client.delete(CONFIG_MAPS, at)
    const { deletionTimestamp } = (await client.get(CONFIG_MAPS, at)).metadata
    const metadata = { deletionTimestamp: '2040-01-01T00:00:00Z', labels: { a: 'b' } }
    const after = await client.patch(CONFIG_MAPS, at, 'merge', { metadata })
    expect(after.metadata).toMatchObject({ deletionTimestamp, labels: { a: 'b' } })
  })

  test('a dry run changes nothing', async () => {
    const { client } = await startServer()
    await client.create(CONFIG_MAPS, configMap('a'), { dryRun: true })
    await expect(client.get(CONFIG_MAPS, { namespace: 'default', name: 'a' })).rejects.toThrow('not found')
  })

  test('tells a watch what enters and leaves its selector', async () => {
    const { client } = await startServer()
    const abort = new AbortController()
    const seen: string[] = []
    const watching = (async () => {
      const options = { namespace: 'default', labelSelector: 'color=red' }
      for await (const { type, object } of client.watch(CONFIG_MAPS, options, abort.signal)) {
        seen.push(`${type} ${object.metadata?.name}`)
        if (seen.length === 3) return
      }
    })()
    await Promise.resolve()
    const red = { color: 'red' }
    const object = (name: string, labels: Record<string, string>) => ({
      metadata: { name, namespace: 'default', labels },
    })
    await client.create(CONFIG_MAPS, object('a', red))
    await client.create(CONFIG_MAPS, object('b', { color: 'blue' }))
    await client.update(CONFIG_MAPS, object('a', { color: 'blue' }))
    await client.update(CONFIG_MAPS, object('b', red))
    await watching
    expect(seen).toEqual(['ADDED a', 'DELETED a', 'ADDED b'])
  })

  test('pages through a list at one revision', async () => {
    const { client } = await startServer()
    for (const name of ['a', 'b', 'c']) await client.create(CONFIG_MAPS, configMap(name))
    const first = await client.list(CONFIG_MAPS, { namespace: 'default', limit: 2 })
    expect(first.metadata).toMatchObject({ remainingItemCount: 1 })
    await client.create(CONFIG_MAPS, configMap('d'))
    const rest = await client.list(CONFIG_MAPS, { namespace: 'default', limit: 2, continue: first.metadata.continue! })
    expect(rest.items.map(({ metadata }) => metadata?.name)).toEqual(['c'])
    expect(rest.metadata.resourceVersion).toBe(first.metadata.resourceVersion)
  })

  test('pages through a list at the revision that is asked for', async () => {
    const { client } = await startServer()
    const { metadata } = await client.create(CONFIG_MAPS, configMap('a'))
    await client.create(CONFIG_MAPS, configMap('b'))
    const { resourceVersion } = metadata
    const page = await client.list(CONFIG_MAPS, { namespace: 'default', limit: 2, resourceVersion: resourceVersion! })
    expect([page.metadata.resourceVersion, page.items.map((item) => item.metadata?.name)]).toEqual([
      resourceVersion,
      ['a'],
    ])
  })

  test('refuses what nobody granted', async () => {
    const { server } = await startServer()
    const client = createClient(server.transportFor(userOf('alice')))
    await expect(client.list(CONFIG_MAPS, { namespace: 'default' })).rejects.toThrow(
      'configmaps is forbidden: User "alice" cannot list resource "configmaps" in API group "" in the namespace "default"',
    )
  })

  test('counts generations of spec changes only', async () => {
    const { client } = await startServer()
    const deployment = {
      metadata: { name: 'd', namespace: 'default' },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'd' } },
        template: { metadata: { labels: { app: 'd' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      },
    }
    const made = await client.create(DEPLOYMENTS, deployment)
    expect(made.metadata?.generation).toBe(1)
    const at = { namespace: 'default', name: 'd' }
    const labelled = await client.patch(DEPLOYMENTS, at, 'merge', { metadata: { labels: { a: 'b' } } })
    expect(labelled.metadata?.generation).toBe(1)
    const scaled = await client.patch(DEPLOYMENTS, at, 'merge', { spec: { replicas: 2 } })
    expect(scaled.metadata?.generation).toBe(2)
  })

  test('has no history from before its first moment: a watch from there is Expired', async () => {
    const { client } = await startServer()
    const watch = async () => {
      for await (const event of client.watch(CONFIG_MAPS, { resourceVersion: '1' }, AbortSignal.timeout(5_000)))
        return event
      return undefined
    }
    await expect(watch()).rejects.toMatchObject({ status: { code: 410, reason: 'Expired' } })
  })
})
