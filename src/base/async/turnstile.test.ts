import { expect, test } from 'vitest'
import { ManualClock } from '../manual-clock.ts'
import { Turnstile } from './turnstile.ts'

function setUp() {
  const clock = new ManualClock()
  const turnstile = new Turnstile(clock, { atOnce: 2, patienceMs: 2_000 })
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const { signal } = new AbortController()
  const run = (name: string, given = signal) =>
    turnstile.run(() => {
      begun.push(name)
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)))
    }, given)
  return { clock, turnstile, begun, end: (name: string) => ends.get(name)!(), run, signal }
}

test('few begin at once, and the others in order when one ends', async () => {
  const { begun, end, run } = setUp()
  const all = ['a', 'b', 'c', 'd'].map((name) => run(name))
  expect(begun).toEqual(['a', 'b'])
  end('b')
  expect(await all[1]).toBe('b')
  await Promise.resolve()
  expect(begun).toEqual(['a', 'b', 'c'])
  for (const name of ['a', 'c']) end(name)
  await all[2]
  await Promise.resolve()
  end('d')
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'])
})

test('work that fails makes room, too', async () => {
  const { turnstile, signal } = setUp()
  const fail = () => turnstile.run(() => Promise.reject(new Error('no')), signal)
  for (let times = 0; times < 4; times++) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await expect(fail()).rejects.toThrow('no')
  }
  expect(await turnstile.run(() => Promise.resolve('yes'), signal)).toBe('yes')
})

test('what takes very long holds up nobody, and its end lets no more in', async () => {
  const { clock, begun, end, run } = setUp()
  const all = ['hangs', 'too', 'c', 'd', 'e'].map((name) => run(name))
  await clock.advance(2_000)
  expect(begun).toEqual(['hangs', 'too', 'c', 'd'])
  end('hangs')
  expect(await all[0]).toBe('hangs')
  expect(begun).toEqual(['hangs', 'too', 'c', 'd'])
})

test('who gives up while waiting does not begin', async () => {
  const { begun, end, run } = setUp()
  const giving = new AbortController()
  const [a] = [run('a'), run('b')]
  const waiting = run('c', giving.signal)
  giving.abort(new Error('gone'))
  await expect(waiting).rejects.toThrow('gone')
  end('a')
  await a
  expect(begun).toEqual(['a', 'b'])
})
