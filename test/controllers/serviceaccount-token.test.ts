import { describe, expect, test } from 'vitest'
import { createClient } from '../../src/client/client.ts'
import { httpTransport } from '../../src/client/http-transport.ts'
import { CONFIG_MAPS, SECRETS, SERVICE_ACCOUNTS } from '../../src/client/resources.ts'
import { type Cluster, createCluster } from '../../src/testing/cluster.ts'
import { withWorld } from './world.ts'

const AT = { namespace: 'default', name: 'robot-token' }
const make = ({ client }: Cluster) =>
  client.create(SECRETS, {
    metadata: { ...AT, annotations: { 'kubernetes.io/service-account.name': 'robot' } },
    type: 'kubernetes.io/service-account-token',
  })
const find = async ({ client }: Cluster) => (await client.list(SECRETS, { namespace: 'default' })).items[0]
const decoded = (text = '') => Buffer.from(text, 'base64').toString()

describe('a Secret of type kubernetes.io/service-account-token', () => {
  test('gets a token that the API takes, as long as the Secret holds it', async () => {
    await using cluster = await createCluster()
    const { client } = cluster
    const account = await client.create(SERVICE_ACCOUNTS, { metadata: { namespace: 'default', name: 'robot' } })
    await make(cluster)
    const { data, metadata } = await cluster.until(async () => {
      const secret = await find(cluster)
      return secret?.data?.['token'] === undefined ? undefined : secret
    })
    const root = await client.get(CONFIG_MAPS, { namespace: 'default', name: 'kube-root-ca.crt' })
    expect(decoded(data?.['ca.crt'])).toBe(root.data?.['ca.crt'])
    expect(decoded(data?.['namespace'])).toBe('default')
    expect(metadata.annotations?.['kubernetes.io/service-account.uid']).toBe(account.metadata.uid)

    const { server, ca = '' } = (await cluster.serve()).access
    const transport = httpTransport({ server, ca, token: () => decoded(data?.['token']) })
    const bearer = createClient(transport)
    const who = 'User "system:serviceaccount:default:robot" cannot list'
    await expect(bearer.list(CONFIG_MAPS, { namespace: 'default' })).rejects.toThrow(who)
    await client.delete(SECRETS, AT)
    await expect(bearer.list(CONFIG_MAPS, { namespace: 'default' })).rejects.toThrow('Unauthorized')
    await transport.close()
  })

  test('goes with its service account, and at once when there is none', async () => {
    await using cluster = await createCluster({ clock: 'virtual' })
    await make(cluster)
    await cluster.until(async () => (await find(cluster)) === undefined)
    await cluster.client.create(SERVICE_ACCOUNTS, { metadata: { namespace: 'default', name: 'robot' } })
    await make(cluster)
    await cluster.advance(1_000)
    expect((await find(cluster))?.data?.['token']).toBeDefined()
    await cluster.client.delete(SERVICE_ACCOUNTS, { namespace: 'default', name: 'robot' })
    await cluster.until(async () => (await find(cluster)) === undefined)
  })
})

const DAY = 86_400_000
const TRACKING = { namespace: 'kube-system', name: 'kube-apiserver-legacy-service-account-token-tracking' }

describe('a token that an account was given by itself', () => {
  test('is refused after a year without use, and gone after another; one made by hand stays', () =>
    withWorld(async (world) => {
      const { client, clock } = world
      const since = new Date(clock.now()).toISOString().slice(0, 10)
      await client.create(CONFIG_MAPS, { metadata: TRACKING, data: { since } })
      const secrets = [{ name: AT.name }]
      await client.create(SERVICE_ACCOUNTS, { metadata: { namespace: 'default', name: 'robot' }, secrets })
      for (const name of [AT.name, 'by-hand']) {
        const annotations = { 'kubernetes.io/service-account.name': 'robot' }
        await client.create(SECRETS, {
          metadata: { namespace: 'default', name, annotations },
          type: 'kubernetes.io/service-account-token',
        })
      }
      const year = async () => {
        clock.jump(366 * DAY)
        await world.settle(DAY)
      }
      await world.settle()
      await year()
      const invalidSince = (await world.find(SECRETS, AT.name))?.metadata.labels
      expect(Object.keys(invalidSince ?? {})).toEqual(['kubernetes.io/legacy-token-invalid-since'])
      await year()
      expect(await world.find(SECRETS, AT.name)).toBeUndefined()
      expect((await world.find(SECRETS, 'by-hand'))?.metadata.labels).toBeUndefined()
    }))
})
