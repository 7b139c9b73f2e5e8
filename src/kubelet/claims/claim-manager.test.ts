import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { Container } from '../../api/generated/core-v1.ts'
import type { ResourceClaim } from '../../api/generated/resource-v1.ts'
import { type Channel, channel } from '../../base/async/channel.ts'
import { nextTurn } from '../../base/async/turn.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { seededRandom } from '../../base/random.ts'
import { type Client, createClient } from '../../client/client.ts'
import { FakeApi } from '../../client/fake-api.ts'
import { RESOURCE_CLAIMS, RESOURCE_SLICES } from '../../client/resources.ts'
import { ClaimMetrics } from '../metrics/claim-metrics.ts'
import { aContainer, aPod } from '../pods/fixtures.ts'
import { appContainersOf, type KindedContainer, type PodView } from '../pods/pod-view.ts'
import { ClaimManager } from './claim-manager.ts'
import { type FakeDriverOptions, fakeDraDriver } from './fixtures.ts'

const DRIVER = 'gpu.example.com'
const { signal: alive } = new AbortController()

let folder: string
let clock: ManualClock
let client: Client
let active: Set<string>
let woken: Channel<string>
const ends: (() => unknown)[] = []
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'gorae-claims-'))
  clock = new ManualClock()
  client = createClient(new FakeApi())
  active = new Set()
  woken = channel(100)
})
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
  rmSync(folder, { recursive: true, force: true })
})

/** A kubelet's claims, served until the test ends or it is stopped. */
async function start() {
  const stop = new AbortController()
  const manager = new ClaimManager({
    folder,
    node: 'node-1',
    client,
    clock,
    random: seededRandom(1),
    log: silentLog,
    metrics: new ClaimMetrics(),
    activePods: () => active,
    wake: (uid) => void woken.push(uid),
  })
  await manager.load()
  const running = manager.run(stop.signal).catch(() => {})
  const end = async () => {
    stop.abort()
    await running
  }
  ends.push(end)
  return { manager, end }
}

const plugin = { name: DRIVER, endpoint: '', supportedVersions: ['v1.DRAPlugin'] }
async function drive(manager: ClaimManager, options: Partial<FakeDriverOptions> = {}, name = 'dra.sock') {
  const socketPath = path.join(folder, name)
  const driver = await fakeDraDriver({ socketPath, prepare: twoDevices, ...options })
  ends.push(driver.close)
  const endpoint = { ...plugin, endpoint: socketPath, supportedVersions: [options.service ?? 'v1.DRAPlugin'] }
  manager.drivers.handler.validate(endpoint)
  await manager.drivers.handler.register(endpoint, alive)
  return { ...driver, remove: () => manager.drivers.handler.deregister(endpoint) }
}

const twoDevices = () => ({
  devices: [
    { requestNames: ['a'], poolName: 'p', deviceName: 'd1', cdiDeviceIds: ['example.com/gpu=1'] },
    { requestNames: ['b'], poolName: 'p', deviceName: 'd2', cdiDeviceIds: ['example.com/gpu=2'] },
  ],
})

async function claim(name: string, users: readonly string[], driver = DRIVER): Promise<void> {
  const made: ResourceClaim = {
    metadata: { name, namespace: 'default', uid: `uid-${name}` },
    spec: {},
    status: {
      reservedFor: users.map((uid) => ({ resource: 'pods', name: 'web', uid })),
      allocation: { devices: { results: [{ request: 'a', driver, pool: 'p', device: 'd1' }] } },
    },
  }
  await client.create(RESOURCE_CLAIMS, made)
}

const pod = (uid: string, claimName: string, containers: readonly Container[] = [uses('app')]): PodView => {
  active.add(uid)
  const made = aPod({ containers: [...containers], resourceClaims: [{ name: 'gpu', resourceClaimName: claimName }] })
  return { ...made, metadata: { ...made.metadata, uid } }
}
const uses = (name: string, request?: string): Container =>
  aContainer(name, { resources: { claims: [{ name: 'gpu', ...(request !== undefined && { request }) }] } })
const containerOf = (of: PodView, index = 0) => appContainersOf(of)[index] as KindedContainer

describe('a Pod with claims', () => {
  test.each(['v1.DRAPlugin', 'v1beta1.DRAPlugin'] as const)('has them prepared by a %s', async (service) => {
    const { manager } = await start()
    const driver = await drive(manager, { service })
    await claim('mine', ['u1'])
    const asked = pod('u1', 'mine', [uses('all'), uses('one', 'b'), aContainer('none')])
    await manager.prepare(asked, alive)
    await manager.prepare(asked, alive)
    const given = [0, 1, 2].map((index) => manager.cdiDevicesOf(asked, containerOf(asked, index)))
    expect(given).toEqual([['example.com/gpu=1', 'example.com/gpu=2'], ['example.com/gpu=2'], []])
    await manager.release(asked, alive)
    await manager.release(asked, alive)
    expect(driver.calls).toEqual(['prepare default/mine', 'unprepare default/mine'])
    expect(manager.claims.all).toEqual([])
  })

  test('shares them, and they are given up with the last', async () => {
    const { manager } = await start()
    const driver = await drive(manager)
    await claim('ours', ['u1', 'u2'])
    for (const uid of ['u1', 'u2']) await manager.prepare(pod(uid, 'ours'), alive)
    await manager.release(pod('u1', 'ours'), alive)
    expect(driver.calls).toEqual(['prepare default/ours'])
    await manager.release(pod('u2', 'ours'), alive)
    expect(driver.calls).toEqual(['prepare default/ours', 'unprepare default/ours'])
  })

  test.each([
    [{ error: 'no power' }, 'prepare dynamic resources: NodePrepareResources failed for ResourceClaim mine: no power'],
    [undefined, 'prepare dynamic resources: NodePrepareResources skipped 1 ResourceClaims'],
  ])('hears why they cannot be prepared: %o', async (result, words) => {
    const { manager } = await start()
    await drive(manager, { prepare: () => result })
    await claim('mine', ['u1'])
    await expect(manager.prepare(pod('u1', 'mine'), alive)).rejects.toThrow(words)
  })

  test('hears that there is no such driver, and leaves nothing to give up', async () => {
    const { manager } = await start()
    await claim('mine', ['u1'], 'other.example.com')
    await expect(manager.prepare(pod('u1', 'mine'), alive)).rejects.toThrow(
      'prepare dynamic resources: DRA driver other.example.com is not registered',
    )
    expect(manager.claims.all).toEqual([])
  })

  test('is told how its devices are, as long as that is news', async () => {
    const { manager } = await start()
    const driver = await drive(manager)
    await claim('mine', ['u1'])
    const asked = pod('u1', 'mine', [uses('app', 'a')])
    await manager.prepare(asked, alive)
    const health = () => manager.healthOf(asked, containerOf(asked))
    const told = (more: object) => [{ name: 'claim:gpu/a', resources: [{ resourceID: 'example.com/gpu=1', ...more }] }]
    expect(health()).toEqual(told({ health: 'Unknown' }))
    driver.tell([{ device: { poolName: 'p', deviceName: 'd1' }, health: 'UNHEALTHY', message: 'too hot' }])
    for await (const uid of woken) {
      expect(uid).toBe('u1')
      break
    }
    expect(health()).toEqual(told({ health: 'Unhealthy', message: 'too hot' }))
    await clock.advance(30_001)
    expect(health()).toEqual(told({ health: 'Unknown' }))
  })
})

describe('claims of Pods that are gone', () => {
  test('are given up, also those that an earlier kubelet had prepared', async () => {
    const first = await start()
    const driver = await drive(first.manager)
    await claim('mine', ['u1'])
    const asked = pod('u1', 'mine')
    await first.manager.prepare(asked, alive)
    await first.end()
    active.delete('u1')
    const { manager } = await start()
    expect(manager.cdiDevicesOf(asked, containerOf(asked))).toHaveLength(2)
    await drive(manager, {}, 'again.sock').then((again) => driver.calls.push('again') && again)
    await clock.advance(60_000)
    while (manager.claims.all.length > 0) await nextTurn()
    expect(manager.claims.all).toEqual([])
  })
})

describe('the ResourceSlices of the node', () => {
  const slice = (name: string, driver: string) =>
    client.create(RESOURCE_SLICES, {
      metadata: { name },
      spec: { driver, nodeName: 'node-1', pool: { name: 'p', generation: 1, resourceSliceCount: 1 } },
    })
  const left = async () => (await client.list(RESOURCE_SLICES)).items.map(({ metadata }) => metadata.name)

  test('go when the kubelet starts', async () => {
    await slice('old', DRIVER)
    await start()
    while ((await left()).length > 0) await nextTurn()
    expect(await left()).toEqual([])
  })

  test('go half a minute after their driver', async () => {
    const { manager } = await start()
    const driver = await drive(manager)
    await slice('mine', DRIVER)
    driver.remove()
    await clock.advance(29_999)
    expect(await left()).toEqual(['mine'])
    await clock.advance(1)
    while ((await left()).length > 0) await nextTurn()
    expect(await left()).toEqual([])
  })
})

describe('a driver', () => {
  test('must speak a version that the kubelet knows', async () => {
    const { manager } = await start()
    const { handler } = manager.drivers
    const at = { ...plugin, endpoint: '/x.sock' }
    const words = `invalid supported gRPC versions of DRA driver plugin ${DRIVER} at endpoint /x.sock: `
    expect(() => handler.validate({ ...at, supportedVersions: [] })).toThrow(`${words}empty list`)
    expect(() => handler.validate({ ...at, supportedVersions: ['v9.DRAPlugin'] })).toThrow(
      `${words}none of services supported by the plugin (["v9.DRAPlugin"]) are supported by the kubelet ` +
        '(["v1.DRAPlugin" "v1beta1.DRAPlugin"])',
    )
  })

  test('that is replaced by another goes on with that one', async () => {
    const { manager } = await start()
    const first = await drive(manager)
    const second = await drive(manager, {}, 'new.sock')
    first.remove()
    await claim('mine', ['u1'])
    await manager.prepare(pod('u1', 'mine'), alive)
    expect([first.calls, second.calls]).toEqual([[], ['prepare default/mine']])
  })
})
