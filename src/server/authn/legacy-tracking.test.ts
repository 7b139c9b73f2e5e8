import type { TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import { TRACKING } from '../../api/core/v1/secret/legacy-tokens.ts'
import type { Secret } from '../../api/generated/core-v1.ts'
import { CONFIG_MAPS, SECRETS, SERVICE_ACCOUNTS, TOKEN_REVIEWS } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'
import { createAuthenticator } from './authenticator.ts'

const AT = { namespace: 'default', name: 'robot-token' }
const USED = 'kubernetes.io/legacy-token-last-used'
const INVALID = 'kubernetes.io/legacy-token-invalid-since'
type Started = Awaited<ReturnType<typeof startServer>>

/** An account, and a Secret with its token. */
async function withToken({ server, client }: Started) {
  const robot = { metadata: { namespace: 'default', name: 'robot' }, secrets: [{ name: AT.name }] }
  const { metadata } = await client.create(SERVICE_ACCOUNTS, robot)
  const serviceAccount = { name: 'robot', uid: metadata.uid ?? '' }
  const token = server.secretToken({ namespace: 'default', secret: AT.name, serviceAccount })
  const secret: Secret = {
    metadata: { ...AT, annotations: { 'kubernetes.io/service-account.name': 'robot' } },
    type: 'kubernetes.io/service-account-token',
    data: { token: Buffer.from(token).toString('base64') },
  }
  await client.create(SECRETS, secret)
  return token
}

const isGood = async ({ client }: Started, token: string) =>
  (await client.create(TOKEN_REVIEWS, { metadata: {}, spec: { token } })).status?.authenticated === true
const labels = async ({ client }: Started) => (await client.get(SECRETS, AT)).metadata.labels

test('the day of its last use is noted of a token, once a day, also where it is refused', async () => {
  const started = await startServer()
  const { client, clock } = started
  const token = await withToken(started)
  expect(await labels(started)).toBeUndefined()
  expect(await isGood(started, token)).toBe(true)
  const today = new Date(clock.now()).toISOString().slice(0, 10)
  expect(await labels(started)).toEqual({ [USED]: today })
  const { resourceVersion } = (await client.get(SECRETS, AT)).metadata
  expect(await isGood(started, token)).toBe(true)
  expect((await client.get(SECRETS, AT)).metadata.resourceVersion).toBe(resourceVersion)

  await client.patch(SECRETS, AT, 'merge', { metadata: { labels: { [INVALID]: '2026-01-01', [USED]: null } } })
  expect(await isGood(started, token)).toBe(false)
  expect(await labels(started)).toEqual({ [INVALID]: '2026-01-01', [USED]: today })
  started.server.close()
})

test('who uses a token is told what is to be told', async () => {
  const user = { name: 'robot', groups: [] }
  const verify = async () => ({ user, audiences: [], warning: 'use another' })
  const told: string[] = []
  const authenticator = createAuthenticator({ verify })
  await authenticator.authenticate({} as TLSSocket, 'Bearer x', (text) => told.push(text))
  expect(told).toEqual(['use another'])
})

test('a ConfigMap says since when uses are noted, comes back, and is mended', async () => {
  const { server, client, clock } = await startServer()
  const stop = new AbortController()
  const run = server.run(stop.signal).catch(() => {})
  const since = async () => (await client.list(CONFIG_MAPS, TRACKING)).items.find(isTracking)?.data?.['since']
  const isTracking = ({ metadata }: { readonly metadata: { readonly name?: string } }) =>
    metadata.name === TRACKING.name
  await clock.advance(1_000)
  const today = new Date(clock.now()).toISOString().slice(0, 10)
  expect(await since()).toBe(today)
  await client.patch(CONFIG_MAPS, TRACKING, 'merge', { data: { since: 'long ago' } })
  await clock.advance(60_000)
  expect(await since()).toBe(today)
  await client.delete(CONFIG_MAPS, TRACKING)
  await clock.advance(60_000)
  expect(await since()).toBeUndefined() // not at once: another server may want it gone
  await clock.advance(1_800_000)
  expect(await since()).toBe(today)
  stop.abort()
  await run
  server.close()
})
