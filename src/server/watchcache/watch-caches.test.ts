import { beforeEach, describe, expect, test } from 'vitest'
import { catalog } from '../../api/catalog.ts'
import { nextTurn } from '../../base/async/turn.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { createMemoryStorage } from '../../storage/memory/memory-storage.ts'
import { builtinResources, storageKey } from '../registry/served-resource.ts'
import { storedAt } from '../registry/stored-object.ts'
import type { WatchSink } from './watch-cache.ts'
import { WatchCaches } from './watch-caches.ts'
import type { WatchFrame } from './watch-frame.ts'

/** More than a cache remembers. */
const MANY = 5_000
const MINUTE_MS = 60_000
const resources = builtinResources(catalog)
const maps = resources.need('v1/configmaps')

let storage = createMemoryStorage()
let caches = new WatchCaches(storage, resources)
beforeEach(async () => {
  storage = createMemoryStorage()
  caches = new WatchCaches(storage, resources)
  await caches.fill()
})

/** Writes or, without a value, removes a ConfigMap; answers the revision. */
async function put(name: string, value: string | undefined, namespace = 'default'): Promise<number> {
  const key = storageKey(maps, namespace, name)
  const modRevision = caches.of(maps).get(namespace, name)?.revision ?? 0
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels: { value: value ?? '' } } }
  const operation =
    value === undefined ? { delete: key } : { put: key, value: (at: number) => storedAt(structuredClone(object), at) }
  const { revision } = await storage.transact([{ key, modRevision }], [operation])
  return revision
}

/** Writes as many ConfigMaps as no cache remembers; answers the first revision. */
async function putMany(): Promise<number> {
  const first = await put('m-0', '0')
  // oxlint-disable-next-line no-await-in-loop -- one revision after the other
  for (let i = 1; i < MANY; i++) await put(`m-${i % 100}`, String(i))
  return first
}

class Told implements WatchSink {
  readonly frames: WatchFrame[] = []
  isOver = false
  begin(frames: readonly WatchFrame[]): void {
    this.frames.push(...frames)
  }
  offer(frame: WatchFrame): boolean {
    this.frames.push(frame)
    return true
  }
  end(): void {
    this.isOver = true
  }
  get revisions(): number[] {
    return this.frames.map(({ revision }) => revision)
  }
}

async function settled(told: Told, count: number): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop -- until it is so
  for (let turns = 0; told.frames.length < count && turns < 1_000; turns++) await nextTurn()
}

const watch = (since: number, told: Told, namespace = 'default') =>
  caches.watch(maps, { selection: { namespace, text: '' }, since, bookmarks: false }, told)

describe('a watch from before what the cache remembers', () => {
  test('is told every change once and in order, those that come meanwhile too', async () => {
    const first = await putMany()
    expect(caches.of(maps).rememberedSince).toBeGreaterThan(first)
    const told = new Told()
    watch(first, told)
    const meanwhile = await put('m-1', 'meanwhile')
    await settled(told, MANY)
    const last = await put('m-2', undefined)
    const expected = Array.from({ length: last - first }, (_, i) => first + 1 + i)
    expect(told.revisions).toEqual(expected)
    expect(expected).toContain(meanwhile)
    expect(told.frames.at(-1)?.type).toBe('DELETED')
  })

  test('is told what concerns it only', async () => {
    const since = await put('other', 'x', 'kube-system')
    await put('other', 'y', 'kube-system')
    await put('other', undefined, 'kube-system')
    await putMany()
    const told = new Told()
    watch(since, told, 'kube-system')
    await settled(told, 2)
    expect(told.frames.map(({ type, object }) => [type, object.object.metadata.labels?.value])).toEqual([
      ['MODIFIED', 'y'],
      ['DELETED', 'y'],
    ])
  })

  test('is told nothing more once it has ended', async () => {
    const first = await putMany()
    const told = new Told()
    watch(first, told)()
    await put('m-1', 'late')
    await nextTurn()
    await nextTurn()
    expect(told.frames).toEqual([])
  })

  test('goes on for five minutes, however much happens, and is refused once history is dropped', async () => {
    const clock = new ManualClock()
    const stop = new AbortController()
    const running = caches.run(clock, stop.signal).catch(() => {})
    const first = await putMany()
    await clock.advance(4.9 * MINUTE_MS)
    const told = new Told()
    watch(first, told)
    await settled(told, MANY - 1)
    expect(told.frames).toHaveLength(MANY - 1)
    await clock.advance(6 * MINUTE_MS)
    const oldest = first + MANY - 1
    expect(() => watch(first, new Told())).toThrow(`too old resource version: ${first} (${oldest})`)
    expect(() => watch(oldest, new Told())).not.toThrow()
    stop.abort()
    await running
  })
})

describe('what a cache remembers of the past', () => {
  test('is the last minute at least, and two at the most', async () => {
    const clock = new ManualClock()
    const stop = new AbortController()
    const running = caches.run(clock, stop.signal).catch(() => {})
    const before = await put('a', '1')
    await put('a', '2')
    await clock.advance(1.5 * MINUTE_MS)
    expect(caches.of(maps).rememberedSince).toBeLessThan(before)
    const later = await put('a', '3')
    await clock.advance(MINUTE_MS)
    expect(caches.of(maps).rememberedSince).toBe(later - 1)
    const told = new Told()
    watch(before, told)
    await settled(told, 2)
    expect(told.revisions).toEqual([before + 1, later])
    stop.abort()
    await running
  })

  test('is less where objects are large', async () => {
    const cache = caches.of(maps)
    const first = await put('a', 'x'.repeat(60_000))
    // oxlint-disable-next-line no-await-in-loop -- one revision after the other
    for (let i = 1; i < 200; i++) await put('a', String(i).repeat(20_000))
    expect(cache.rememberedSince).toBeGreaterThan(first + 100)
    const told = new Told()
    watch(first, told)
    await settled(told, 199)
    expect(told.revisions).toEqual(Array.from({ length: 199 }, (_, i) => first + 1 + i))
  })
})
