import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { Wakeup } from '../../base/async/wakeup.ts'
import { nextTurn } from '../../base/async/turn.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { Container } from '../../api/generated/core-v1.ts'
import { wellKnownPaths } from '../host/well-known-paths.ts'
import { DeviceMetrics } from '../metrics/device-metrics.ts'
import { aContainer, aPod } from '../pods/fixtures.ts'
import { appContainersOf, initContainersOf, type PodView } from '../pods/pod-view.ts'
import { DeviceManager } from './device-manager.ts'
import { type FakeDevice, type FakePluginOptions, fakeDevicePlugin } from './fixtures.ts'

const RESOURCE = 'example.com/gpu'
const { signal: alive } = new AbortController()

let folder: string
let clock: ManualClock
let news: Wakeup
let active: Set<string>
let woken: string[]
const ends: (() => unknown)[] = []
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'gorae-devices-'))
  clock = new ManualClock()
  news = new Wakeup(clock)
  active = new Set()
  woken = []
})
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
  rmSync(folder, { recursive: true, force: true })
})

/** A kubelet's devices, served until the test ends or it is stopped. */
async function start() {
  const stop = new AbortController()
  const manager = new DeviceManager({
    folder,
    paths: wellKnownPaths({ '/var/lib/kubelet': '/own' }),
    clock,
    log: silentLog,
    metrics: new DeviceMetrics(),
    changed: () => news.wake(),
    activePods: () => active,
    healthChanged: (uids) => woken.push(...uids),
  })
  await manager.load()
  const running = manager.run(stop.signal).catch(() => {})
  const end = async () => {
    stop.abort()
    await running
  }
  ends.push(end)
  while (!readdirSync(folder).includes('kubelet.sock')) await nextTurn()
  return { manager, end }
}

async function plug(options: Partial<FakePluginOptions> = {}) {
  const plugin = await fakeDevicePlugin({ folder, resource: RESOURCE, devices: healthy('a', 'b', 'c'), ...options })
  ends.push(plugin.close)
  return plugin
}

/** Waits until the node has so many devices that can be had. */
async function until(manager: DeviceManager, count: string, resource = RESOURCE) {
  while (manager.plugins.registered.amounts().allocatable[resource] !== count) await news.wait(3_600_000, alive)
}

const healthy = (...ids: string[]): FakeDevice[] => ids.map((ID) => ({ ID, health: 'Healthy' }))
const wants = (name: string, count: number, more: Partial<Container> = {}) =>
  aContainer(name, { resources: { limits: { [RESOURCE]: String(count) } }, ...more })
const pod = (uid: string, containers: Container[], initContainers: Container[] = []): PodView => {
  const made = aPod({ containers, initContainers })
  active.add(uid)
  return { ...made, metadata: { ...made.metadata, uid } }
}
const given = (manager: DeviceManager, uid: string, container: string) =>
  manager.allocations.of(uid, container, RESOURCE)?.devices.map(({ id }) => id)

describe('device plugins', () => {
  test('make the node’s capacity, and what is ill cannot be had', async () => {
    const { manager } = await start()
    const plugin = await plug()
    await plugin.register()
    await until(manager, '3')
    plugin.tell([...healthy('a'), { ID: 'b', health: 'Unhealthy' }])
    await until(manager, '1')
    expect(manager.plugins.registered.amounts().capacity).toEqual({ [RESOURCE]: '2' })
    plugin.close()
    await until(manager, '0')
    expect(manager.plugins.registered.amounts().capacity).toEqual({ [RESOURCE]: '2' })
    await clock.advance(300_001)
    expect(manager.plugins.registered.amounts()).toEqual({
      capacity: { [RESOURCE]: '0' },
      allocatable: { [RESOURCE]: '0' },
    })
  })

  test('of another version, or of a resource that is none, are refused in Kubernetes’s words', async () => {
    await start()
    const plugin = await plug()
    await expect(plugin.register('v1alpha1')).rejects.toThrow(
      'requested API version "v1alpha1" is not supported by kubelet. Supported version is ["v1beta1"]',
    )
    const nameless = await plug({ resource: 'gpu' })
    await expect(nameless.register()).rejects.toThrow('the ResourceName "gpu" is invalid')
  })

  test('that come anew are followed instead of those before', async () => {
    const { manager } = await start()
    const first = await plug()
    await first.register()
    await until(manager, '3')
    first.close()
    await until(manager, '0')
    const second = await plug({ devices: healthy('z') })
    await second.register()
    await until(manager, '1')
    expect(manager.plugins.registered.healthy(RESOURCE)).toMatchObject([{ id: 'z' }])
  })

  test('may register as other plugins of the kubelet do', async () => {
    const { manager } = await start()
    const plugin = await plug()
    const { handler } = manager.plugins
    const socket = readdirSync(folder).find((name) => name.startsWith('example')) ?? ''
    const asked = { name: RESOURCE, endpoint: path.join(folder, socket), supportedVersions: ['v1beta1'] }
    expect(() => handler.validate({ ...asked, supportedVersions: ['v1', 'v2'] })).toThrow(
      'manager version, v1beta1, is not among plugin supported versions [v1 v2]',
    )
    expect(() => handler.validate({ ...asked, name: 'gpu' })).toThrow(
      'invalid name of device plugin socket: the ResourceName "gpu" is invalid',
    )
    handler.validate(asked)
    await handler.register(asked, alive)
    await until(manager, '3')
    handler.deregister(asked)
    await until(manager, '0')
    plugin.close()
  })
})

describe('a Pod that asks for devices', () => {
  test('gets them for its containers, with all that the plugin adds', async () => {
    const { manager } = await start()
    const plugin = await plug({
      options: { preStartRequired: true },
      give: (ids) => ({
        envs: { IDS: ids.join(',') },
        mounts: [{ containerPath: '/m', hostPath: '/var/lib/kubelet/plugins/x', readOnly: true }],
        devices: [{ containerPath: '/dev/gpu', hostPath: '/dev/null', permissions: 'rw' }],
        annotations: { 'example.com/a': 'b' },
        cdiDevices: [{ name: 'example.com/gpu=a' }],
      }),
    })
    await plugin.register()
    await until(manager, '3')
    const asked = pod('u1', [wants('app', 2), aContainer('other')])
    expect(await manager.admit(asked, alive)).toBeUndefined()
    const [app, other] = appContainersOf(asked)
    if (app === undefined || other === undefined) throw new Error('no containers')
    expect(await manager.forContainer(asked, app, alive)).toEqual({
      envs: { IDS: 'a,b' },
      mounts: [{ containerPath: '/m', hostPath: '/own/plugins/x', readonly: true }],
      devices: [{ containerPath: '/dev/gpu', hostPath: '/dev/null', permissions: 'rw' }],
      annotations: { 'example.com/a': 'b' },
      cdiDevices: ['example.com/gpu=a'],
    })
    expect(await manager.forContainer(asked, other, alive)).toMatchObject({ envs: {}, devices: [] })
    expect(plugin.calls).toEqual([
      ['allocate', ['a', 'b']],
      ['preStart', ['a', 'b']],
    ])
  })

  test('gets those that the plugin prefers', async () => {
    const { manager } = await start()
    const plugin = await plug({ options: { getPreferredAllocationAvailable: true }, prefers: ['c', 'none'] })
    await plugin.register()
    await until(manager, '3')
    await manager.admit(pod('u1', [wants('app', 2)]), alive)
    expect(given(manager, 'u1', 'app')).toEqual(['c', 'a'])
    expect(plugin.calls[0]).toEqual([
      'preferred',
      [{ availableDeviceIDs: ['a', 'b', 'c'], mustIncludeDeviceIDs: [], allocationSize: 2 }],
    ])
  })

  test('gets for its containers what its init containers need no more, and not what its sidecars have', async () => {
    const { manager } = await start()
    await (await plug()).register()
    await until(manager, '3')
    const sidecar = wants('side', 1, { restartPolicy: 'Always' })
    const asked = pod('u1', [wants('app', 2)], [wants('init', 2), sidecar])
    expect(initContainersOf(asked)).toHaveLength(2)
    expect(await manager.admit(asked, alive)).toBeUndefined()
    const all = ['init', 'side', 'app'].map((name) => given(manager, 'u1', name))
    expect(all).toEqual([['a', 'b'], ['a'], ['b', 'c']])
  })

  test.each([
    [4, 'requested number of devices unavailable for example.com/gpu. Requested: 4, Available: 3'],
    [1, 'rpc error: code = Unknown desc = no power'],
  ])('of which %d cannot be had is refused', async (count, why) => {
    const { manager } = await start()
    const give = () => {
      throw new Error('no power')
    }
    await (await plug({ give })).register()
    await until(manager, '3')
    expect(await manager.admit(pod('u1', [wants('app', count)]), alive)).toEqual({
      reason: 'UnexpectedAdmissionError',
      message: `Allocate failed due to ${why}, which is unexpected`,
    })
    expect(manager.allocations.all).toEqual([])
  })

  test('gets what those had that are over', async () => {
    const { manager } = await start()
    await (await plug()).register()
    await until(manager, '3')
    await manager.admit(pod('u1', [wants('app', 3)]), alive)
    const next = pod('u2', [wants('app', 3)])
    expect(await manager.admit(next, alive)).toMatchObject({ reason: 'UnexpectedAdmissionError' })
    active.delete('u1')
    expect(await manager.admit(next, alive)).toBeUndefined()
  })

  test('is no business of plugins where the resource is the whole cluster’s', async () => {
    const { manager } = await start()
    expect(await manager.admit(pod('u1', [wants('app', 9)]), alive)).toBeUndefined()
  })

  test('hears of the health of its devices', async () => {
    const { manager } = await start()
    const plugin = await plug()
    await plugin.register()
    await until(manager, '3')
    await manager.admit(pod('u1', [wants('app', 1)]), alive)
    plugin.tell([{ ID: 'a', health: 'Unhealthy' }, ...healthy('b')])
    await until(manager, '1')
    expect(woken).toEqual(['u1'])
    expect(manager.healthOf('u1', 'app')).toEqual([
      { name: RESOURCE, resources: [{ resourceID: 'a', health: 'Unhealthy' }] },
    ])
  })
})

describe('a kubelet that starts again', () => {
  test('knows who has what, takes old sockets away, and has nothing to give before plugins come again', async () => {
    const first = await start()
    await (await plug()).register()
    await until(first.manager, '3')
    await first.manager.admit(pod('u1', [wants('app', 2)]), alive)
    await first.end()
    const { manager } = await start()
    expect(readdirSync(folder).toSorted()).toEqual(['kubelet.sock', 'kubelet_internal_checkpoint'])
    expect(given(manager, 'u1', 'app')).toEqual(['a', 'b'])
    const unhealthy = `no healthy devices present; cannot allocate unhealthy devices ${RESOURCE}`
    expect(await manager.admit(pod('u2', [wants('app', 1)]), alive)).toMatchObject({
      message: `Allocate failed due to ${unhealthy}, which is unexpected`,
    })
    const again = await plug()
    await again.register()
    await until(manager, '3')
    expect(await manager.admit(pod('u2', [wants('app', 1)]), alive)).toBeUndefined()
    expect(given(manager, 'u2', 'app')).toEqual(['c'])
  })

  test('goes on without a file that it cannot read', async () => {
    writeFileSync(path.join(folder, 'kubelet_internal_checkpoint'), '{"version":99}')
    const { manager } = await start()
    expect(manager.allocations.all).toEqual([])
  })
})
