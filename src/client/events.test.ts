import { describe, expect, test } from 'vitest'
import type { Event } from '../api/generated/core-v1.ts'
import { silentLog } from '../base/log.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { seededRandom } from '../base/random.ts'
import type { DeepReadonly } from '../meta/deep-readonly.ts'
import type { KubeObject } from '../meta/types.ts'
import { createClient } from './client.ts'
import { type EventRecorder, createEvents } from './events.ts'
import { FakeApi } from './fake-api.ts'
import { EVENTS } from './resources.ts'

const pod = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: `uid-of-${name}`, resourceVersion: '7' },
})

interface Bench {
  readonly api: FakeApi
  readonly clock: ManualClock
  readonly recorder: EventRecorder
  readonly written: () => Promise<readonly DeepReadonly<Event>[]>
}

async function withEvents(body: (bench: Bench) => Promise<void>): Promise<void> {
  const api = new FakeApi()
  const clock = new ManualClock()
  const client = createClient(api)
  const events = createEvents({ client, clock, random: seededRandom(1), log: silentLog })
  const stopping = new AbortController()
  const running = events.run(stopping.signal).catch(() => {})
  await body({
    api,
    clock,
    recorder: events.recorder('kubelet', 'node-1'),
    async written() {
      await clock.settle()
      return (await client.list(EVENTS)).items
    },
  })
  stopping.abort()
  await running
  expect(clock.pending).toBe(0)
}

describe('an event', () => {
  test('says what happened to what, when, and who says so', () =>
    withEvents(async ({ recorder, written }) => {
      recorder.event(pod('web'), 'Normal', 'Started', 'Started container app', 'spec.containers{app}')
      const [event] = await written()
      expect(event?.metadata.name).toMatch(/^web\.[0-9a-f]{16}$/)
      expect(event).toMatchObject({
        metadata: { namespace: 'default' },
        involvedObject: {
          kind: 'Pod',
          namespace: 'default',
          name: 'web',
          uid: 'uid-of-web',
          apiVersion: 'v1',
          resourceVersion: '7',
          fieldPath: 'spec.containers{app}',
        },
        reason: 'Started',
        message: 'Started container app',
        source: { component: 'kubelet', host: 'node-1' },
        firstTimestamp: '2026-01-01T00:00:00Z',
        lastTimestamp: '2026-01-01T00:00:00Z',
        count: 1,
        type: 'Normal',
        reportingComponent: 'kubelet',
        reportingInstance: 'node-1',
      })
    }))

  test('about what has no namespace stands in default', () =>
    withEvents(async ({ recorder, written }) => {
      recorder.event({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }, 'Normal', 'NodeReady', 'ready')
      const [event] = await written()
      expect(event?.metadata.namespace).toBe('default')
      expect(event?.involvedObject).toEqual({ apiVersion: 'v1', kind: 'Node', name: 'n' })
    }))

  test('that happens again is counted', () =>
    withEvents(async ({ clock, recorder, written }) => {
      for (let i = 0; i < 3; i++) {
        recorder.event(pod('web'), 'Warning', 'BackOff', 'Back-off restarting failed container')
        await clock.advance(60_000)
      }
      const events = await written()
      expect(events).toHaveLength(1)
      expect(events[0]).toMatchObject({
        count: 3,
        firstTimestamp: '2026-01-01T00:00:00Z',
        lastTimestamp: '2026-01-01T00:02:00Z',
      })
    }))

  test('whose first telling has expired is told anew, under its name and with its count', () =>
    withEvents(async ({ api, recorder, written }) => {
      recorder.event(pod('web'), 'Normal', 'Pulled', 'pulled')
      const [first] = await written()
      await createClient(api).delete(EVENTS, { namespace: 'default', name: first?.metadata.name ?? '' })
      recorder.event(pod('web'), 'Normal', 'Pulled', 'pulled')
      const events = await written()
      expect(events.map(({ metadata, count }) => [metadata.name, count])).toEqual([[first?.metadata.name, 2]])
    }))

  test('that was dropped is counted all the same', () =>
    withEvents(async ({ clock, recorder, written }) => {
      for (let i = 0; i < 30; i++) recorder.event(pod('web'), 'Normal', 'Pulled', 'pulled')
      expect((await written()).map(({ count }) => count)).toEqual([25])
      await clock.advance(300_000)
      recorder.event(pod('web'), 'Normal', 'Pulled', 'pulled')
      expect((await written()).map(({ count }) => count)).toEqual([31])
    }))

  test('of one part of an object is combined with those of its other parts', () =>
    withEvents(async ({ recorder, written }) => {
      for (let i = 0; i < 12; i++) recorder.event(pod('web'), 'Warning', 'Failed', `attempt ${i}`, `spec.part${i}`)
      const messages = (await written()).map(({ message }) => message)
      expect(messages.filter((message) => message?.startsWith('(combined'))).toHaveLength(1)
    }))

  test('of one type does not use up what another type may tell', () =>
    withEvents(async ({ recorder, written }) => {
      for (let i = 0; i < 30; i++) recorder.event(pod('web'), 'Normal', `Reason${i}`, 'x')
      recorder.event(pod('web'), 'Warning', 'Failed', 'x')
      expect((await written()).at(-1)?.reason).toBe('Failed')
    }))

  test('of many that differ in their message alone is combined with them from the tenth on', () =>
    withEvents(async ({ recorder, written }) => {
      for (let i = 0; i < 15; i++) recorder.event(pod('web'), 'Warning', 'Failed', `attempt ${i}`)
      const events = await written()
      expect(events).toHaveLength(10)
      expect(events.at(-1)).toMatchObject({ count: 6, message: '(combined from similar events): attempt 14' })
      expect(events.findIndex(({ reportingComponent = '' }) => reportingComponent === '')).toBe(9)
    }))

  test('of an object that has told 25 is dropped, until five minutes have passed', () =>
    withEvents(async ({ clock, recorder, written }) => {
      for (let i = 0; i < 40; i++) recorder.event(pod('web'), 'Normal', `Reason${i}`, 'x')
      recorder.event(pod('other'), 'Normal', 'Reason', 'x')
      expect(await written()).toHaveLength(26)
      await clock.advance(300_000)
      recorder.event(pod('web'), 'Normal', 'Later', 'x')
      recorder.event(pod('web'), 'Normal', 'TooMany', 'x')
      expect((await written()).slice(26).map((event) => event.reason)).toEqual(['Later'])
    }))

  test('is written when the server comes back', () =>
    withEvents(async ({ api, clock, recorder, written }) => {
      api.setDown(true)
      recorder.event(pod('web'), 'Normal', 'Started', 'x')
      await clock.advance(15_000)
      api.setDown(false)
      await clock.advance(10_000)
      expect(await written()).toHaveLength(1)
    }))

  test('with a very long message is told in full', () =>
    withEvents(async ({ recorder, written }) => {
      recorder.event(pod('web'), 'Normal', 'Long', '가'.repeat(1_000))
      const [event] = await written()
      expect(event?.message).toBe('가'.repeat(1_000))
    }))
})
