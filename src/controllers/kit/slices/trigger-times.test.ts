import { expect, test } from 'vitest'
import type { ReadPod } from '../pods.ts'
import { TriggerTimes } from './trigger-times.ts'

const service = { metadata: { name: 'web', namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z' } }
const pod = (name: string, since?: string): ReadPod => ({
  metadata: { name },
  ...(since === undefined
    ? {}
    : { status: { conditions: [{ type: 'Ready', status: 'True' as const, lastTransitionTime: since }] } }),
})

test('a Service that is new was changed when it was made', () => {
  expect(new TriggerTimes().next('k', service, [pod('a', '2026-01-01T00:05:00Z')])).toBe('2026-01-01T00:00:00Z')
})

test('the earliest change since the last look counts', () => {
  const times = new TriggerTimes()
  times.next('k', service, [pod('a', '2026-01-01T00:01:00Z'), pod('b')])
  const later = [pod('a', '2026-01-01T00:04:00Z'), pod('b', '2026-01-01T00:03:00Z')]
  expect(times.next('k', service, later)).toBe('2026-01-01T00:03:00Z')
  expect(times.next('k', service, later)).toBeUndefined()
})

test('a Service that comes back under its name is new', () => {
  const times = new TriggerTimes()
  times.next('k', service, [])
  times.forget('k')
  expect(times.next('k', service, [])).toBe('2026-01-01T00:00:00Z')
})

test('a Pod that left and came back changed when it became ready', () => {
  const times = new TriggerTimes()
  const there = [pod('a', '2026-01-01T00:01:00Z')]
  times.next('k', service, there)
  expect(times.next('k', service, there)).toBeUndefined()
  expect(times.next('k', service, [])).toBeUndefined()
  expect(times.next('k', service, there)).toBe('2026-01-01T00:01:00Z')
})
