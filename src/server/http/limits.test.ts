import { describe, expect, test } from 'vitest'

import { createMemoryStorage } from '../../storage/memory/memory-storage.ts'
import type { Storage } from '../../storage/storage.ts'
import { type Hostile, type HostileOptions, startHostile } from './hostile-client.ts'
import { allottedMs, defaultLimits } from './limits.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'
/** Somebody who is no administrator. */
const JANE = { 'impersonate-user': 'jane' }
const map = (name: string) => JSON.stringify({ metadata: { name } })

/** Lets her do whatever she likes; an administrator can, however busy the server is. */
async function empower(server: Hostile): Promise<void> {
  const rbac = 'rbac.authorization.k8s.io'
  const binding = {
    metadata: { name: 'jane' },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: rbac, kind: 'User', name: 'jane' }],
  }
  const { status } = await server.ask({
    method: 'POST',
    path: `/apis/${rbac}/v1/clusterrolebindings`,
    type: 'application/json',
    body: JSON.stringify(binding),
  })
  expect(status).toBe(201)
}

async function withServer(options: HostileOptions, use: (server: Hostile) => Promise<void>): Promise<void> {
  const server = await startHostile(options)
  try {
    await use(server)
  } finally {
    await server.close()
  }
}

/** A storage whose writes wait from `hold` until `release`. */
function holdingStorage() {
  const inner = createMemoryStorage()
  let held: Promise<void> | undefined
  let release = () => {}
  const storage: Storage = {
    get revision() {
      return inner.revision
    },
    get: (key) => inner.get(key),
    range: (options) => inner.range(options),
    async transact(compare, operations) {
      await held
      return inner.transact(compare, operations)
    },
    watch: (prefix, revision, signal) => inner.watch(prefix, revision, signal),
    follow: (prefix, onBatch) => inner.follow(prefix, onBatch),
    compact: (revision) => inner.compact(revision),
    close: () => inner.close(),
  }
  const hold = () => {
    held = new Promise((resolve) => (release = resolve))
  }
  return { storage, hold, release: () => release() }
}

describe('a server that has as much to do as it can', () => {
  const one = { ...defaultLimits, reads: 0, writes: 1 }

  /** What is asked while a write of hers takes the only seat. */
  async function whileBusy(use: (server: Hostile) => Promise<void>): Promise<void> {
    const { storage, hold, release } = holdingStorage()
    await withServer({ storage, limits: one }, async (server) => {
      await empower(server)
      hold()
      const slow = server.ask({ method: 'POST', path: MAPS, ...JSON_MAP, headers: JANE })
      // She is refused as soon as the server has begun with her write.
      await expect.poll(async () => (await server.ask({ method: 'GET', path: MAPS, headers: JANE })).status).toBe(429)
      await use(server)
      release()
      expect((await slow).status).toBe(201)
    })
  }
  const JSON_MAP = { type: 'application/json', body: map('a') }
  const cases = [
    { of: 'a read', method: 'GET', path: MAPS },
    { of: 'a write', method: 'POST', path: MAPS, ...JSON_MAP },
    { of: 'a watch that begins', method: 'GET', path: `${MAPS}?watch=true` },
    { of: 'what she may not even ask for', method: 'GET', path: '/nothing' },
  ]
  for (const { of, ...request } of cases) {
    test(`puts off ${of}, and says when to come again`, () =>
      whileBusy(async (server) => {
        const { status, head, body } = await server.ask({ ...request, headers: JANE })
        expect(status).toBe(429)
        expect(head.toLowerCase()).toMatch(/retry-after: \d/)
        expect(body).toBe('Too many requests, please try again later.\n')
      }))
  }

  test('serves an administrator all the same', () =>
    whileBusy(async (server) => {
      expect((await server.ask({ method: 'GET', path: MAPS })).status).toBe(200)
      const watch = `${MAPS}?watch=true&timeoutSeconds=1`
      expect((await server.ask({ method: 'GET', path: watch, headers: { connection: 'close' } })).status).toBe(200)
    }))

  test('has the seat of a watch again once that has begun, and of a client that went away', () =>
    withServer({ limits: one }, async (server) => {
      await empower(server)
      const watch = server.ask({
        method: 'GET',
        path: `${MAPS}?watch=true&timeoutSeconds=2`,
        headers: { ...JANE, connection: 'close' },
      })
      await server.raw([`GET ${MAPS} HTTP/1.1\r\nhost: server\r\nimpersonate-user: jane\r\n\r\n`], { hangUp: true })
      const read = () => server.ask({ method: 'GET', path: MAPS, headers: JANE })
      await expect.poll(async () => (await read()).status).toBe(200)
      expect((await watch).status).toBe(200)
    }))
})

describe('a request that takes too long', () => {
  test('is answered with a timeout, once, and nothing of it is lost', async () => {
    const { storage, hold, release } = holdingStorage()
    await withServer({ storage }, async (server) => {
      hold()
      const slow = { method: 'POST', path: `${MAPS}?timeout=50ms`, type: 'application/json', body: map('slow') }
      const { status, body } = await server.ask(slow)
      expect(status).toBe(504)
      expect(JSON.parse(body)).toMatchObject({
        kind: 'Status',
        reason: 'Timeout',
        message: expect.stringContaining('request did not complete within the allotted timeout') as string,
        code: 504,
      })
      release()
      expect((await server.ask({ method: 'GET', path: `${MAPS}/slow` })).status).toBe(200)
      expect(server.failures).toEqual([])
    })
  })

  test('has as long as the server grants, whatever it asks for', () => {
    const limits: Readonly<Record<string, number>> = { '': 60_000, '5s': 5_000, '2h': 60_000, '0s': 60_000, '1ms': 1 }
    for (const [asked, ms] of Object.entries(limits)) {
      expect([asked, allottedMs(new URLSearchParams({ timeout: asked }), 60_000)]).toEqual([asked, ms])
    }
    expect(() => allottedMs(new URLSearchParams({ timeout: 'soon' }), 60_000)).toThrow(/invalid timeout specified/)
  })
})

test('a watch ends when its time is over', () =>
  withServer({}, async (server) => {
    const { status, head } = await server.raw([
      `GET ${MAPS}?watch=true&timeoutSeconds=1 HTTP/1.1\r\nhost: server\r\nconnection: close\r\n\r\n`,
    ])
    expect(status).toBe(200)
    expect(head.toLowerCase()).toContain('transfer-encoding: chunked')
  }))
