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
  const none = { ...defaultLimits, reads: 0, writes: 0 }
  const cases = [
    { of: 'a read', method: 'GET', path: MAPS },
    { of: 'a write', method: 'POST', path: MAPS, type: 'application/json', body: map('a') },
  ]
  for (const { of, ...request } of cases) {
    test(`puts off ${of}, and says when to come again`, () =>
      withServer({ limits: none }, async (server) => {
        await empower(server)
        const { status, head, body } = await server.ask({ ...request, headers: JANE })
        expect(status).toBe(429)
        expect(head.toLowerCase()).toContain('retry-after: 1')
        expect(body).toBe('Too many requests, please try again later.\n')
      }))

    test(`serves ${of} of an administrator all the same`, () =>
      withServer({ limits: none }, async (server) => {
        expect((await server.ask(request)).status).toBeLessThan(300)
      }))
  }

  test('puts off who may not ask at all before it looks into what they may, and paths that are no resources', () =>
    withServer({ limits: none }, async (server) => {
      for (const path of [MAPS, '/version', '/nothing']) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const { status } = await server.ask({ method: 'GET', path, headers: JANE })
        expect([path, status]).toEqual([path, 429])
      }
    }))

  test('serves a watch, which is not counted', () =>
    withServer({ limits: none }, async (server) => {
      await empower(server)
      const { status } = await server.ask({
        method: 'GET',
        path: `${MAPS}?watch=true&timeoutSeconds=1`,
        headers: { ...JANE, connection: 'close' },
      })
      expect(status).toBe(200)
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
