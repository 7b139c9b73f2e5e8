import { expect, test } from 'vitest'

import { ManualClock } from '../../base/manual-clock.ts'
import { MemoryFiles } from '../host/simulated/memory-files.ts'
import { simulatedVolumeFiles } from '../host/simulated/pod-files.ts'
import { aContainer, aPod } from '../pods/fixtures.ts'
import { KeptVolumes } from './kept-volumes.ts'
import type { VolumeSources } from './pod-volumes.ts'
import { MissingReference } from './referenced-objects.ts'

const LIFE_MS = 3_600_000

const pod = aPod({
  containers: [
    aContainer('app', {
      volumeMounts: [
        { name: 'token', mountPath: '/token' },
        { name: 'map', mountPath: '/map' },
      ],
    }),
  ],
  volumes: [
    { name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
    { name: 'map', configMap: { name: 'map' } },
    { name: 'unused', configMap: { name: 'none' } },
  ],
})

/** Tokens that live for an hour, and a ConfigMap that can be taken away. */
function setUp() {
  const clock = new ManualClock()
  const files = new MemoryFiles()
  const world = { map: { a: '1' } as Record<string, string> | undefined, issuerWorks: true }
  let renewAt: number | undefined
  const sources: VolumeSources = {
    files: simulatedVolumeFiles(files),
    configMap: async ({ name }) => (name === 'map' && world.map ? { metadata: {}, data: world.map } : undefined),
    secret: async () => undefined,
    token: async () => {
      if (!world.issuerWorks) throw new Error('the server is away')
      if (renewAt === undefined || renewAt <= clock.now()) renewAt = clock.now() + LIFE_MS
      return `good until ${renewAt - clock.now()} ms from ${clock.monotonic()}`
    },
    claim: async () => undefined,
    persistentVolume: async () => undefined,
    node: { nodeName: 'n1', hostIps: [], podIps: [], allocatable: {} },
  }
  const read = (path: string) => Buffer.from(files.read(`/var/lib/kubelet/pods/u1/volumes/${path}`)).toString()
  return {
    clock,
    world,
    sources,
    kept: new KeptVolumes(clock, () => renewAt),
    token: () => read('projected/token/token'),
    map: () => read('configmap/map/a'),
  }
}

test('renews a token when it is due, and not before', async () => {
  const { clock, kept, sources, token } = setUp()
  await kept.make(pod, sources)
  expect(token()).toContain('from 0')
  expect(kept.dueIn).toBe(LIFE_MS)
  await clock.advance(LIFE_MS)
  expect(kept.dueIn).toBe(0)
  expect(await kept.keep(pod, sources)).toEqual([])
  expect(token()).toContain(`from ${LIFE_MS}`)
  expect(kept.dueIn).toBe(LIFE_MS)
})

test('takes up the volumes of a Pod that runs already', async () => {
  const { kept, sources, map } = setUp()
  expect(kept.dueIn).toBe(0)
  expect(kept.size).toBe(0)
  expect(await kept.keep(pod, sources)).toEqual([])
  expect(['token', 'map', 'unused'].map((name) => kept.get(name)?.kind)).toEqual(['path', 'path', undefined])
  expect(map()).toBe('1')
})

test('says what fails, keeps what was there, and tries again more and more rarely', async () => {
  const { clock, world, kept, sources, map } = setUp()
  await kept.make(pod, sources)
  world.map = undefined
  const says = async () => (await kept.keep(pod, sources)).map(({ message }) => message)
  expect(await says()).toEqual(['MountVolume.SetUp failed for volume "map" : configmap "map" not found'])
  expect(map()).toBe('1')
  expect(kept.dueIn).toBe(500)
  await clock.advance(500)
  await says()
  expect(kept.dueIn).toBe(1_000)
  world.map = { a: '2' }
  expect(await says()).toEqual([])
  expect(map()).toBe('2')
  expect(kept.dueIn).toBe(LIFE_MS - 500)
})

test('goes on with what it can when a token cannot be had', async () => {
  const { clock, world, kept, sources, map, token } = setUp()
  await kept.make(pod, sources)
  await clock.advance(LIFE_MS)
  world.issuerWorks = false
  world.map = { a: '2' }
  const failures = await kept.keep(pod, sources)
  expect(failures.map(({ message }) => message)).toEqual([expect.stringContaining('for volume "token"')])
  expect([map(), token()]).toEqual(['2', expect.stringContaining('from 0')])
})

test('a first start fails with the first volume that cannot be made', async () => {
  const { world, kept, sources } = setUp()
  world.map = undefined
  await expect(kept.make(pod, sources)).rejects.toMatchObject({
    message: expect.stringContaining('for volume "map"'),
    cause: expect.any(MissingReference),
  })
  expect(kept.size).toBe(0)
})

test('names all that a projected volume lacks', async () => {
  const { kept, sources } = setUp()
  const lacking = aPod({
    containers: [aContainer('app', { volumeMounts: [{ name: 'all', mountPath: '/all' }] })],
    volumes: [{ name: 'all', projected: { sources: [{ configMap: { name: 'none' } }, { secret: { name: 'gone' } }] } }],
  })
  await expect(kept.make(lacking, sources)).rejects.toThrow(
    'MountVolume.SetUp failed for volume "all" : [configmap "none" not found, secret "gone" not found]',
  )
})

test('looks again now and then whether a volume is to grow', async () => {
  const { clock, kept, sources } = setUp()
  const claiming = aPod({
    containers: [aContainer('app', { volumeMounts: [{ name: 'data', mountPath: '/data' }] })],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
  })
  let looks = 0
  const local: VolumeSources = {
    ...sources,
    files: { ...sources.files, hostPath: async (path) => path },
    claim: async () => ({ metadata: {}, spec: { volumeName: 'pv1' }, status: { phase: 'Bound' } }),
    persistentVolume: async () => ({ metadata: { name: 'pv1' }, spec: { local: { path: '/data' } } }),
    grow: async () => void looks++,
  }
  await kept.make(claiming, local)
  expect([looks, kept.dueIn]).toEqual([1, 60_000])
  await clock.advance(60_000)
  expect(kept.dueIn).toBe(0)
  expect(await kept.keep(claiming, local)).toEqual([])
  expect([looks, kept.dueIn]).toEqual([2, 60_000])
})
