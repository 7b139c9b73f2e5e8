import { setMaxListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { catalog } from '../api/catalog.ts'
import { aborted, withGroup } from '../base/async/group.ts'
import { toMicroTime } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { seededRandom } from '../base/random.ts'
import { type Client, createClient } from '../client/client.ts'
import { CONFIG_MAPS, LEASES } from '../client/resources.ts'
import { MASTERS_GROUP, userOf } from '../client/user.ts'
import { createApiServer } from '../server/api-server.ts'
import { createMemoryStorage } from '../storage/memory/memory-storage.ts'
import { startControllers } from './control-plane.ts'

const CA = { namespace: 'default', name: 'kube-root-ca.crt' }

interface Servers {
  readonly client: Client
  readonly clock: ManualClock
  readonly begin: (identity: string) => { readonly stop: () => Promise<void> }
}

async function withServers(body: (servers: Servers) => Promise<void>): Promise<void> {
  const clock = new ManualClock()
  const storage = createMemoryStorage()
  const random = seededRandom(5)
  const server = await createApiServer({ storage, clock, random, log: silentLog, catalog })
  const client = createClient(server.transportFor(userOf('admin', [MASTERS_GROUP])))
  const stops: (() => Promise<void>)[] = []
  const begin = (identity: string) => {
    const stopping = new AbortController()
    setMaxListeners(0, stopping.signal)
    const running = withGroup(async (group) => {
      startControllers({ server, clock, random, log: silentLog, identity, rootCa: identity }, group)
      await aborted(group.signal)
    }, stopping.signal)
    const stop = async () => {
      stopping.abort(new Error('stopped'))
      await running
    }
    stops.push(stop)
    return { stop }
  }
  try {
    await body({ client, clock, begin })
  } finally {
    await Promise.all(stops.map((stop) => stop()))
    server.close()
    await storage.close()
  }
}

const published = async ({ client }: Servers) => (await client.get(CONFIG_MAPS, CA)).data?.['ca.crt']
const holder = async ({ client }: Servers) =>
  (await client.get(LEASES, { namespace: 'kube-system', name: 'kube-controller-manager' })).spec?.holderIdentity

describe('the controllers of several servers', () => {
  test('run in one at a time; the next takes over as soon as the first stops', () =>
    withServers(async (servers) => {
      const a = servers.begin('a')
      await servers.clock.advance(1_000)
      servers.begin('b')
      await servers.clock.advance(60_000)
      expect(await holder(servers)).toBe('a')
      expect(await published(servers)).toBe('a')
      await a.stop()
      expect(await holder(servers)).toBe('')
      await servers.clock.advance(15_000)
      expect(await holder(servers)).toBe('b')
      expect(await published(servers)).toBe('b')
    }))

  for (const { who, leads } of [
    { who: 'a', leads: true },
    { who: 'b', leads: false },
  ]) {
    test(`${who} ${leads ? 'leads at once' : 'waits'} after a crash of a`, () =>
      withServers(async (servers) => {
        const renewTime = toMicroTime(servers.clock.now())
        await servers.client.create(LEASES, {
          metadata: { namespace: 'kube-system', name: 'kube-controller-manager' },
          spec: { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime },
        })
        servers.begin(who)
        await servers.clock.advance(500)
        const { items } = await servers.client.list(CONFIG_MAPS, { namespace: 'default' })
        expect(items.map(({ data }) => data?.['ca.crt'])).toEqual(leads ? ['a'] : [])
        await servers.clock.advance(40_000)
        expect(await published(servers)).toBe(who)
      }))
  }

  test('stop writing when another has taken the lease, and only the other goes on', () =>
    withServers(async (servers) => {
      servers.begin('a')
      await servers.clock.advance(1_000)
      servers.begin('b')
      await servers.clock.advance(10_000)
      expect(await published(servers)).toBe('a')
      const at = { namespace: 'kube-system', name: 'kube-controller-manager' }
      const renewTime = toMicroTime(servers.clock.now())
      const spec = { holderIdentity: 'c', leaseDurationSeconds: 60, renewTime }
      await servers.client.patch(LEASES, at, 'merge', { spec })
      await servers.clock.advance(10_000)
      await servers.client.delete(CONFIG_MAPS, CA)
      await servers.clock.advance(20_000)
      const { items } = await servers.client.list(CONFIG_MAPS, { namespace: 'default' })
      expect(items).toEqual([])
      expect(await holder(servers)).toBe('c')
      await servers.clock.advance(60_000) // the stranger is silent: its lease runs out
      expect(await published(servers)).toBe(await holder(servers))
      expect(['a', 'b']).toContain(await holder(servers))
    }))
})
