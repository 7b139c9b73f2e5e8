import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ConfigMap } from '../api/generated/core-v1.ts'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { seededRandom } from '../base/random.ts'
import { type Client, createClient } from './client.ts'
import { FakeApi } from './fake-api.ts'
import { type Informer, type InformerFactory, createInformers } from './informer.ts'
import { CONFIG_MAPS, NODES } from './resources.ts'

let api: FakeApi
let clock: ManualClock
let client: Client
let informers: InformerFactory
let stopping: AbortController
let running: Promise<void> | undefined

const configMap = (name: string, value = '', namespace = 'default'): ConfigMap => ({
  metadata: { name, namespace },
  data: { value },
})

beforeEach(() => {
  api = new FakeApi()
  clock = new ManualClock()
  client = createClient(api)
  informers = createInformers(client, clock, silentLog, seededRandom(1))
  stopping = new AbortController()
})

afterEach(async () => {
  stopping.abort(new Error('the test is over'))
  await running?.catch(() => {})
  running = undefined
  if (clock.pending > 0) throw new Error('a timer is left')
  if (api.watchers > 0) throw new Error('a watch is left')
})

async function start(): Promise<void> {
  running = informers.run(stopping.signal)
  running.catch(() => {})
  await clock.settle()
}

/** Lines of what an informer tells. */
function told(informer: Informer<ConfigMap>): string[] {
  const lines: string[] = []
  informer.on({
    added: (object) => lines.push(`added ${object.metadata.name} ${object.data?.['value']}`),
    updated: (object, old) =>
      lines.push(`updated ${object.metadata.name} ${old.data?.['value']}→${object.data?.['value']}`),
    deleted: (object) => lines.push(`deleted ${object.metadata.name}`),
  })
  return lines
}

describe('an informer', () => {
  test('has what was there, then follows what happens', async () => {
    await client.create(CONFIG_MAPS, configMap('a', '1'))
    const informer = informers.of(CONFIG_MAPS)
    const lines = told(informer)
    expect(informer.synced).toBe(false)
    await start()
    await informer.whenSynced()
    await client.create(CONFIG_MAPS, configMap('b', '1'))
    await client.update(CONFIG_MAPS, configMap('a', '2'))
    await client.delete(CONFIG_MAPS, { namespace: 'default', name: 'b' })
    await clock.settle()
    expect(lines).toEqual(['added a 1', 'added b 1', 'updated a 1→2', 'deleted b'])
    expect(informer.get('default/a')?.data).toEqual({ value: '2' })
    expect(informer.get('default/b')).toBeUndefined()
  })

  test('gives objects that carry their kind and cannot be changed', async () => {
    await client.create(CONFIG_MAPS, configMap('a', '1'))
    const informer = informers.of(CONFIG_MAPS)
    await start()
    const object = informer.get('default/a')
    expect(object).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' })
    expect(Object.isFrozen(object?.data)).toBe(true)
  })

  test('resumes where a watch ended, without listing again', async () => {
    const informer = informers.of(CONFIG_MAPS)
    const lines = told(informer)
    await start()
    await client.create(CONFIG_MAPS, configMap('a', '1'))
    await clock.settle()
    api.cutWatches()
    await client.create(CONFIG_MAPS, configMap('b', '1'))
    await clock.settle()
    expect(lines).toEqual(['added a 1', 'added b 1'])
    expect(api.asked.filter((line) => line === 'list configmaps')).toHaveLength(1)
  })

  test('a bookmark moves the place from which it resumes', async () => {
    const informer = informers.of(CONFIG_MAPS)
    await start()
    await client.create(NODES, { metadata: { name: 'n' } })
    api.bookmark()
    await clock.settle()
    api.compact()
    api.cutWatches()
    await client.create(CONFIG_MAPS, configMap('a', '1'))
    await clock.advance(60_000)
    expect(informer.get('default/a')).toBeDefined()
    expect(api.asked.filter((line) => line === 'list configmaps')).toHaveLength(1)
  })

  test('lists again when its revision is gone, and tells only the difference', async () => {
    await client.create(CONFIG_MAPS, configMap('gone', '1'))
    await client.create(CONFIG_MAPS, configMap('same', '1'))
    await client.create(CONFIG_MAPS, configMap('changed', '1'))
    const informer = informers.of(CONFIG_MAPS)
    const lines = told(informer)
    await start()
    lines.length = 0
    api.setDown(true)
    api.setDown(false)
    await client.delete(CONFIG_MAPS, { namespace: 'default', name: 'gone' })
    await client.update(CONFIG_MAPS, configMap('changed', '2'))
    await client.create(CONFIG_MAPS, configMap('new', '1'))
    api.compact()
    await clock.advance(1_000)
    expect(lines.toSorted()).toEqual(['added new 1', 'deleted gone', 'updated changed 1→2'])
  })

  test('an object that was made anew meanwhile is deleted and added, never updated', async () => {
    await client.create(CONFIG_MAPS, configMap('a', 'old'))
    const informer = informers.of(CONFIG_MAPS)
    const lines = told(informer)
    await start()
    lines.length = 0
    api.setDown(true)
    api.setDown(false)
    await client.delete(CONFIG_MAPS, { namespace: 'default', name: 'a' })
    await client.create(CONFIG_MAPS, configMap('a', 'new'))
    api.compact()
    await clock.advance(1_000)
    expect(lines).toEqual(['deleted a', 'added a new'])
  })

  test('tries a server that is down with growing waits, at most once in 45 seconds, and recovers', async () => {
    const informer = informers.of(CONFIG_MAPS)
    api.setDown(true)
    await start()
    await clock.advance(600_000)
    const tries = api.asked.length
    expect(tries).toBeGreaterThan(15)
    expect(tries).toBeLessThan(35)
    api.setDown(false)
    await client.create(CONFIG_MAPS, configMap('a', '1'))
    await clock.advance(45_000)
    expect(informer.synced).toBe(true)
    expect(informer.get('default/a')).toBeDefined()
  })

  test('tells a handler that comes later of everything that is there', async () => {
    await client.create(CONFIG_MAPS, configMap('a', '1'))
    const informer = informers.of(CONFIG_MAPS)
    await start()
    const lines: string[] = []
    const leave = informer.on({ added: (object) => lines.push(object.metadata.name ?? '') })
    expect(lines).toEqual(['a'])
    leave()
    await client.create(CONFIG_MAPS, configMap('b', '1'))
    await clock.settle()
    expect(lines).toEqual(['a'])
  })

  test('finds objects by namespace and by an index, however they change', async () => {
    const informer = informers.of(CONFIG_MAPS)
    await start()
    informer.addIndex('value', (object) => Object.values(object.data ?? {}))
    await client.create(CONFIG_MAPS, configMap('a', 'x'))
    await client.create(CONFIG_MAPS, configMap('b', 'x', 'other'))
    await clock.settle()
    const names = (value: string) => informer.byIndex('value', value).map((object) => object.metadata.name)
    expect(names('x')).toEqual(['a', 'b'])
    expect(informer.list('other').map((object) => object.metadata.name)).toEqual(['b'])
    await client.update(CONFIG_MAPS, configMap('a', 'y'))
    await client.delete(CONFIG_MAPS, { namespace: 'other', name: 'b' })
    await clock.settle()
    expect([names('x'), names('y')]).toEqual([[], ['a']])
    expect(() => informer.byIndex('colour', 'x')).toThrow('no index "colour"')
  })

  test('is shared by all who ask for the same resource, and runs when asked for late', async () => {
    await start()
    const informer = informers.of(CONFIG_MAPS)
    expect(informers.of(CONFIG_MAPS)).toBe(informer)
    expect(informers.of(CONFIG_MAPS, { namespace: 'default' })).not.toBe(informer)
    await clock.settle()
    expect(informer.synced).toBe(true)
  })

  test('waiting for the first list ends with the reason of the signal', async () => {
    const waiting = new AbortController()
    const synced = informers.of(CONFIG_MAPS).whenSynced(waiting.signal)
    waiting.abort(new Error('too long'))
    await expect(synced).rejects.toThrow('too long')
  })
})
