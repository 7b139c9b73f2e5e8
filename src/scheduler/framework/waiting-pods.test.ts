import { describe, expect, test } from 'vitest'

import { ManualClock } from '../../base/manual-clock.ts'
import { WaitingPods } from './waiting-pods.ts'

function held() {
  const clock = new ManualClock()
  const pods = new WaitingPods()
  const stop = new AbortController()
  let outcome = 'waits'
  const holds = new Map([
    ['first', 1_000],
    ['second', 2_000],
  ])
  const ended = pods.hold('p', holds, clock, stop.signal).then(
    () => (outcome = 'allowed'),
    (error: unknown) => (outcome = error instanceof Error ? error.message : String(error)),
  )
  return { clock, pods, stop, ended, outcome: () => outcome }
}

describe('WaitingPods', () => {
  test('holds a Pod until every plugin has allowed it', async () => {
    const { clock, pods, outcome } = held()
    pods.get('p')?.allow('first')
    await clock.settle()
    expect([outcome(), [...(pods.get('p')?.pending ?? [])]]).toEqual(['waits', ['second']])
    await clock.advance(1_500)
    pods.get('p')?.allow('second')
    await clock.settle()
    expect([outcome(), pods.get('p'), clock.pending]).toEqual(['allowed', undefined, 0])
  })

  test('one plugin is enough to reject it', async () => {
    const { clock, pods, outcome } = held()
    pods.get('p')?.reject('second', 'no quorum')
    await clock.settle()
    expect([outcome(), clock.pending]).toEqual(['no quorum', 0])
  })

  test('a plugin that does not answer in its time has rejected it', async () => {
    const { clock, pods, outcome } = held()
    pods.get('p')?.allow('first')
    await clock.advance(2_000)
    expect(outcome()).toBe('rejected due to timeout after waiting 2s at plugin second')
  })

  test('ends with the scheduler', async () => {
    const { clock, stop, ended, outcome } = held()
    stop.abort(new Error('stopping'))
    await ended
    expect([outcome(), clock.pending]).toEqual(['stopping', 0])
  })
})
