import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Clock } from '../../base/clock.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { profilePages } from './pages.ts'
import type { Profile } from './pprof.ts'
import { profiler, type TakeProfile } from './profiler.ts'

const signal = new AbortController().signal
const space = { type: 'space', unit: 'bytes' }
const empty: Profile = { measures: [space], samples: [], period: { of: space, value: 1 }, beganAt: 0, ms: 1 }

/** Asks, and tells what was taken, too. */
async function ask(url: string) {
  const taken: [string, number][] = []
  const pages = profilePages(async (kind, ms) => {
    taken.push([kind, ms])
    return empty
  })
  const [path = '', query = ''] = url.split('?')
  return { answer: await pages(path, new URLSearchParams(query), signal), taken }
}

describe('the pages of profiles', () => {
  test.each([
    ['/debug/pprof', 302, 'Found'],
    ['/debug/pprof/', 200, 'Profiles of this process'],
    ['/debug/pprof/goroutine', 404, 'Unknown profile\n'],
    ['/debug/pprof/trace?seconds=1', 404, 'Unknown profile\n'],
    ['/debug/pprof/toString', 404, 'Unknown profile\n'],
    ['/debug/pprof/profile?seconds=301', 400, 'seconds may be at most 300\n'],
  ])('%s is answered with %d', async (url, status, text) => {
    const { answer, taken } = await ask(url)
    expect(answer?.status).toBe(status)
    expect(String(answer?.body)).toContain(text)
    expect(taken).toEqual([])
  })

  test('others are none of these', async () => {
    expect((await ask('/debug/flags/v')).answer).toBeUndefined()
  })

  test.each([
    ['profile', ['profile', 30_000]],
    ['profile?seconds=5', ['profile', 5_000]],
    ['profile?seconds=x', ['profile', 30_000]],
    ['profile?seconds=-1', ['profile', 30_000]],
    ['heap', ['heap', 10_000]],
    ['allocs?seconds=0.5', ['allocs', 500]],
  ])('%s takes a profile', async (name, expected) => {
    const { answer, taken } = await ask(`/debug/pprof/${name}`)
    expect(taken).toEqual([expected])
    expect(answer?.headers['content-disposition']).toBe(`attachment; filename="${name.replace(/\?.*/, '')}"`)
    expect(gunzipSync(answer?.body as Buffer).length).toBeGreaterThan(0)
  })

  test('only one of a sort is taken at a time, until its client has it or has gone', async () => {
    const clock = new ManualClock()
    const pages = profilePages(async (_, ms, gone) => {
      await clock.sleep(ms, gone)
      return empty
    })
    const none = new URLSearchParams()
    const client = new AbortController()
    const first = pages('/debug/pprof/profile', none, client.signal)
    expect(await pages('/debug/pprof/profile', none, signal)).toMatchObject({
      status: 500,
      body: 'Could not enable CPU profiling: cpu profiling already in use\n',
    })
    const heap = pages('/debug/pprof/heap', none, signal)
    expect(await pages('/debug/pprof/allocs', none, signal)).toMatchObject({ status: 500 })
    client.abort()
    await expect(first).rejects.toThrow('aborted')
    const second = pages('/debug/pprof/profile', none, signal)
    await clock.advance(30_000)
    expect(await Promise.all([heap, second])).toMatchObject([{ status: 200 }, { status: 200 }])
  })
})

describe('profiles of this process', () => {
  /** While a profile is taken there is something to see. */
  const busy: Clock = Object.assign(new ManualClock(), {
    sleep: async () => {
      const kept: string[] = []
      for (let at = 0; at < 200_000; at++) kept.push(`${at} ${kept.length}`)
    },
  })
  const take: TakeProfile = profiler(busy)

  test('tell where the time went, and what was allocated', async () => {
    const cpu = await take('profile', 20, signal)
    expect(cpu.measures.map(({ type }) => type)).toEqual(['samples', 'cpu'])
    const allocated = await take('allocs', 20, signal)
    const sum = (profile: Profile) => profile.samples.reduce((all, { values }) => all + (values.at(-1) ?? 0), 0)
    expect(sum(allocated)).toBeGreaterThan(1_000_000)
    expect((await take('heap', 20, signal)).measures).toEqual([{ type: 'inuse_space', unit: 'bytes' }])
  })
})
