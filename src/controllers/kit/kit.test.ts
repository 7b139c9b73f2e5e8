import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../base/manual-clock.ts'
import { sameJson } from './equal.ts'
import { scaledValue } from './int-or-percent.ts'
import { OwnWrites } from './own-writes.ts'
import { slowStart } from './replicas/slow-start.ts'
import { fnv32a, safeText, templateHash } from './revisions/template-hash.ts'

describe('slowStart()', () => {
  test('doubles its batches, and runs every task once', async () => {
    const sizes: number[] = []
    let open = 0
    const done = await slowStart(10, async () => {
      open++
      await Promise.resolve()
      sizes.push(open)
      open = 0
    })
    expect(done).toBe(10)
    expect(sizes.filter((size) => size > 0)).toEqual([1, 2, 4, 3])
  })

  test('stops after the batch with a failure: 500 wishes fail once', async () => {
    let tries = 0
    const run = slowStart(500, () => {
      tries++
      return Promise.reject(new Error('refused'))
    })
    await expect(run).rejects.toThrow('refused')
    expect(tries).toBe(1)
  })
})

describe('OwnWrites', () => {
  test('waits until the cache shows every create and delete', () => {
    const writes = new OwnWrites(new ManualClock())
    writes.expectCreate('ns/web', 'ns/web-1')
    writes.expectDelete('ns/web', 'uid-2')
    expect(writes.caughtUp('ns/web')).toBe(false)
    expect(writes.caughtUp('ns/other')).toBe(true)
    writes.sawCreate('ns/web-1')
    expect(writes.caughtUp('ns/web')).toBe(false)
    writes.sawDelete('uid-2')
    expect(writes.caughtUp('ns/web')).toBe(true)
  })

  test('an event that comes before the answer counts', () => {
    const writes = new OwnWrites(new ManualClock())
    writes.expectCreate('ns/web', 'ns/web-1')
    writes.sawCreate('ns/web-1')
    writes.withdrawCreate('ns/web-1') // the call failed after all: nothing is left over
    expect(writes.caughtUp('ns/web')).toBe(true)
  })

  test('believes the cache again after five minutes', async () => {
    const clock = new ManualClock()
    const writes = new OwnWrites(clock)
    writes.expectCreate('ns/web', 'ns/web-1')
    await clock.advance(299_000)
    expect(writes.caughtUp('ns/web')).toBe(false)
    await clock.advance(1_000)
    expect(writes.caughtUp('ns/web')).toBe(true)
  })

  const versions = [
    { cached: '9', written: '10', has: false },
    { cached: '10', written: '10', has: true },
    { cached: '11', written: '10', has: true },
    { cached: 'opaque', written: '10', has: true },
  ]
  for (const { cached, written, has } of versions) {
    test(`an owner cached at ${cached} ${has ? 'shows' : 'lacks'} the write at ${written}`, () => {
      const writes = new OwnWrites(new ManualClock())
      writes.expectVersion('ns/web', { metadata: { uid: 'u', resourceVersion: written } })
      expect(writes.hasVersion('ns/web', { metadata: { uid: 'u', resourceVersion: cached } })).toBe(has)
    })
  }
})

describe('templateHash()', () => {
  test('is FNV-1a, written with letters that form no words', () => {
    expect(fnv32a('')).toBe(0x811c9dc5)
    expect(fnv32a('foobar')).toBe(0xbf9cf968)
    expect(safeText('0123456789')).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{10}$/)
  })

  test('does not depend on key order, but on every value and on the collision count', () => {
    const hash = templateHash({ a: 1, b: { c: [1, 2], d: undefined } })
    expect(templateHash({ b: { c: [1, 2] }, a: 1 })).toBe(hash)
    expect(templateHash({ a: 1, b: { c: [2, 1] } })).not.toBe(hash)
    expect(templateHash({ a: 1, b: { c: [1, 2] } }, 1)).not.toBe(hash)
  })
})

describe('scaledValue()', () => {
  const cases = [
    { value: 3, total: 10, round: 'up', result: 3 },
    { value: '25%', total: 10, round: 'up', result: 3 },
    { value: '25%', total: 10, round: 'down', result: 2 },
    { value: '100%', total: 7, round: 'down', result: 7 },
    { value: 'many', total: 7, round: 'up', result: 0 },
  ] as const
  for (const { value, total, round, result } of cases) {
    test(`${value} of ${total}, rounded ${round}, is ${result}`, () => {
      expect(scaledValue(value, total, round)).toBe(result)
    })
  }
})

describe('sameJson()', () => {
  test('sees through absent values and prototypes', () => {
    expect(sameJson({ a: 1, b: undefined }, { a: 1 })).toBe(true)
    expect(sameJson({ constructor: 1 }, {})).toBe(false)
    expect(sameJson([1], { 0: 1 })).toBe(false)
  })
})
