import { setMaxListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { catalog } from '../../api/catalog.ts'
import { aborted, withGroup } from '../../base/async/group.ts'
import { toMicroTime } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { seededRandom } from '../../base/random.ts'
import { type Client, createClient } from '../../client/client.ts'
import { ConnectionError } from '../../client/connection-error.ts'
import { CONFIG_MAPS, EVENTS, LEASES, NODES, PODS } from '../../client/resources.ts'
import { MASTERS_GROUP, userOf } from '../../client/user.ts'
import { type ApiServer, createApiServer } from '../../server/api-server.ts'
import { createMemoryStorage } from '../../storage/memory/memory-storage.ts'
import { startControllers, startScheduler } from './control-plane.ts'

const CA = { namespace: 'default', name: 'kube-root-ca.crt' }

interface Servers {
  readonly client: Client
  readonly clock: ManualClock
  readonly begin: (identity: string) => Begun
}

interface Begun {
  readonly stop: () => Promise<void>
  /** From now on nothing that its parts do reaches the API, nor the answers them: they cannot give anything back. */
  readonly cutOff: () => void
}

/** The server, until it is cut off from those who hold this. */
function severable(server: ApiServer): { readonly server: ApiServer; readonly cutOff: () => void } {
  const cut = new AbortController()
  setMaxListeners(0, cut.signal)
  const cutOff = () => cut.abort(new ConnectionError('cut off'))
  const transportFor: ApiServer['transportFor'] = (user, program) => {
    const real = server.transportFor(user, program)
    return {
      async call(call, signal) {
        cut.signal.throwIfAborted()
        return real.call(call, signal)
      },
      async *watch(target, options, signal) {
        cut.signal.throwIfAborted()
        yield* real.watch(target, options, AbortSignal.any([signal, cut.signal]))
      },
    }
  }
  return { server: { ...server, transportFor }, cutOff }
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
    const { server: reached, cutOff } = severable(server)
    const deps = { server: reached, clock, random, log: silentLog, identity, hostname: identity }
    const running = withGroup(async (group) => {
      startControllers({ ...deps, rootCa: identity }, group)
      startScheduler(deps, group)
      await aborted(group.signal)
    }, stopping.signal)
    const stop = async () => {
      stopping.abort(new Error('stopped'))
      await running
    }
    stops.push(stop)
    return { stop, cutOff }
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

const MANAGER = 'kube-controller-manager'
const SCHEDULER = 'kube-scheduler'
const leaseOf = async ({ client }: Servers, name: string) => client.get(LEASES, { namespace: 'kube-system', name })

describe('scheduler and controllers of two servers', () => {
  test('of which one dies without a word are the other’s once the lease has run out, and not before', () =>
    withServers(async (servers) => {
      const { client, clock, begin } = servers
      const a = begin('a')
      await clock.advance(1_000)
      begin('b')
      await clock.advance(20_000)
      a.cutOff()
      await client.create(NODES, { metadata: { name: 'n' } })
      const amounts = { cpu: '4', memory: '8Gi', pods: '110' }
      const status = { capacity: amounts, allocatable: amounts, conditions: [{ type: 'Ready', status: 'True' }] }
      await client.patch(NODES, { name: 'n' }, 'merge', { status }, { subresource: 'status' })
      await client.patch(NODES, { name: 'n' }, 'merge', { spec: { taints: [] } })
      await client.delete(CONFIG_MAPS, CA)
      const at = { namespace: 'default', name: 'p' }
      const spec = { containers: [{ name: 'c', image: 'x' }], automountServiceAccountToken: false }
      await client.create(PODS, { metadata: { ...at }, spec })
      const nodeName = async () => (await client.get(PODS, at)).spec?.nodeName
      await clock.advance(14_000)
      expect([await nodeName(), await holder(servers)]).toEqual([undefined, 'a'])
      await clock.advance(15_000)
      expect([await nodeName(), await published(servers)]).toEqual(['n', 'b'])
      for (const name of [MANAGER, SCHEDULER]) {
        const { spec: held } = await leaseOf(servers, name)
        expect(held).toMatchObject({ holderIdentity: 'b', leaseDurationSeconds: 15, leaseTransitions: 1 })
        expect(Object.keys(held ?? {}).sort()).toEqual([
          'acquireTime',
          'holderIdentity',
          'leaseDurationSeconds',
          'leaseTransitions',
          'renewTime',
        ])
        expect(held?.acquireTime).toMatch(/^2026-01-01T00:00:[345]\d\.\d{6}Z$/)
      }
    }))

  test('tell of each change of the leader on the Lease', () =>
    withServers(async ({ client, clock, begin }) => {
      const a = begin('a')
      await clock.advance(1_000)
      a.cutOff()
      begin('b')
      await clock.advance(40_000)
      const { items } = await client.list(EVENTS, { namespace: 'kube-system', fieldSelector: 'reason=LeaderElection' })
      const told = items.map(({ involvedObject: { kind, apiVersion, name }, source, message, type }) =>
        [type, apiVersion, kind, name, source?.component, message].join(' '),
      )
      expect(told.sort()).toEqual([
        `Normal coordination.k8s.io/v1 Lease ${MANAGER} ${MANAGER} a became leader`,
        `Normal coordination.k8s.io/v1 Lease ${MANAGER} ${MANAGER} b became leader`,
        `Normal coordination.k8s.io/v1 Lease ${SCHEDULER} default-scheduler a became leader`,
        `Normal coordination.k8s.io/v1 Lease ${SCHEDULER} default-scheduler b became leader`,
      ])
    }))
})
