import { describe, expect, test } from 'vitest'
import type { Event } from '../api/generated/events-v1.ts'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { seededRandom } from '../base/random.ts'
import type { DeepReadonly } from '../meta/deep-readonly.ts'
import type { KubeObject } from '../meta/types.ts'
import { createClient } from './client.ts'
import { createSeriesEvents, type SeriesRecorder } from './event-series.ts'
import { FakeApi } from './fake-api.ts'
import { EVENTS_V1 } from './resources.ts'

const pod = (name: string, resourceVersion = '7'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', uid: `uid-of-${name}`, resourceVersion },
})
const failed = (note = 'no room', regarding = pod('web')) =>
  ({ regarding, type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', note }) as const

interface Bench {
  readonly api: FakeApi
  readonly clock: ManualClock
  readonly recorder: SeriesRecorder
  readonly written: () => Promise<readonly DeepReadonly<Event>[]>
}

async function withEvents(body: (bench: Bench) => Promise<void>): Promise<void> {
  const api = new FakeApi()
  const clock = new ManualClock()
  const client = createClient(api)
  const events = createSeriesEvents({ client, clock, random: seededRandom(1), log: silentLog })
  const stopping = new AbortController()
  const running = events.run(stopping.signal).catch(() => {})
  await body({
    api,
    clock,
    recorder: events.recorder('default-scheduler', 'host-1'),
    async written() {
      await clock.settle()
      return (await client.list(EVENTS_V1)).items
    },
  })
  stopping.abort()
  await running
  expect(clock.pending).toBe(0)
}

describe('an event of a series recorder', () => {
  test('says who did what to what, and who else had to do with it', () =>
    withEvents(async ({ recorder, written }) => {
      const [regarding, related] = [pod('small'), pod('great')]
      const told = {
        regarding,
        related,
        type: 'Normal',
        reason: 'Preempted',
        action: 'Preempting',
        note: 'go',
      } as const
      recorder.event(told)
      const [event, ...others] = await written()
      expect(others).toEqual([])
      expect(event?.metadata.name).toMatch(/^small\.[0-9a-f]{16}$/)
      expect(event).toMatchObject({
        metadata: { namespace: 'shop' },
        eventTime: '2026-01-01T00:00:00.000000Z',
        reportingController: 'default-scheduler',
        reportingInstance: 'default-scheduler-host-1',
        type: 'Normal',
        reason: 'Preempted',
        action: 'Preempting',
        note: 'go',
        regarding: { kind: 'Pod', apiVersion: 'v1', namespace: 'shop', name: 'small', uid: 'uid-of-small' },
        related: { kind: 'Pod', name: 'great', uid: 'uid-of-great' },
      })
      expect(event).not.toHaveProperty('series')
      expect(event).not.toHaveProperty('deprecatedSource')
    }))

  test('that happens again is a series: its second time is written, later ones are counted', () =>
    withEvents(async ({ clock, recorder, written }) => {
      const seen: unknown[] = []
      for (const note of ['first', 'second', 'third', 'fourth']) {
        recorder.event(failed(note))
        seen.push((await written()).map((event) => [event.note, event.series?.count, event.series?.lastObservedTime]))
        await clock.advance(1_000)
      }
      const second = ['first', 2, '2026-01-01T00:00:01.000000Z']
      expect(seen).toEqual([[['first', undefined, undefined]], [second], [second], [second]])
    }))

  test('about another version of the object stands by itself', () =>
    withEvents(async ({ recorder, written }) => {
      recorder.event(failed('x', pod('web', '7')))
      recorder.event(failed('x', pod('web', '8')))
      expect((await written()).map((event) => event.series)).toEqual([undefined, undefined])
    }))

  test('of a series that is over gets its last count, and the next one is new', () =>
    withEvents(async ({ clock, recorder, written }) => {
      for (let i = 0; i < 5; i++) recorder.event(failed())
      await clock.advance(719_000)
      const counts = async () => (await written()).map((event) => event.series?.count)
      expect(await counts()).toEqual([5])
      recorder.event(failed())
      expect(await counts()).toEqual([5, undefined])
    }))

  test('of a series that goes on is counted in the cluster every half hour', () =>
    withEvents(async ({ clock, recorder, written }) => {
      const counts: unknown[] = []
      for (let minute = 0; minute <= 60; minute++) {
        if (minute === 29 || minute === 31 || minute === 59) counts.push((await written())[0]?.series?.count)
        recorder.event(failed())
        await clock.advance(60_000)
      }
      expect(counts).toEqual([2, 30, 30])
    }))

  test('that has expired is told anew with its count', () =>
    withEvents(async ({ api, recorder, written }) => {
      recorder.event(failed())
      const [{ metadata } = { metadata: { name: '' } }] = await written()
      await createClient(api).delete(EVENTS_V1, { namespace: 'shop', name: metadata.name ?? '' })
      recorder.event(failed())
      expect((await written()).map((event) => [event.metadata.name, event.series?.count])).toEqual([[metadata.name, 2]])
    }))

  test('is written when the server comes back', () =>
    withEvents(async ({ api, clock, recorder, written }) => {
      api.setDown(true)
      recorder.event(failed())
      await clock.advance(15_000)
      api.setDown(false)
      await clock.advance(10_000)
      expect(await written()).toHaveLength(1)
    }))
})
