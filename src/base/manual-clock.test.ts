import { describe, expect, test } from 'vitest'
import { ManualClock } from './manual-clock.ts'

describe('ManualClock', () => {
  test('runs timers in the order of their due times, then of their making', async () => {
    const clock = new ManualClock(0)
    const ran: string[] = []
    clock.after(20, () => ran.push('late'))
    clock.after(10, () => ran.push('first'))
    clock.after(10, () => ran.push('second'))
    await clock.advance(15)
    expect(ran).toEqual(['first', 'second'])
    expect(clock.pending).toBe(1)
  })

  test('shows each timer the time it was due, and ends where it was told to', async () => {
    const clock = new ManualClock(1_000)
    const seen: number[] = []
    clock.after(10, () => seen.push(clock.now()))
    clock.after(25, () => seen.push(clock.now()))
    await clock.advance(100)
    expect(seen).toEqual([1_010, 1_025])
    expect(clock.now()).toBe(1_100)
    expect(clock.monotonic()).toBe(100)
  })

  test('lets the consequences of one timer happen before the next', async () => {
    const clock = new ManualClock(0)
    const ran: string[] = []
    clock.after(10, () => {
      void Promise.resolve()
        .then(() => Promise.resolve())
        .then(() => clock.after(5, () => ran.push('follow-up at 15')))
    })
    clock.after(20, () => ran.push('timer at 20'))
    await clock.advance(20)
    expect(ran).toEqual(['follow-up at 15', 'timer at 20'])
  })

  test('a cancelled timer never runs, and an aborted sleep rejects with its reason and leaves no timer', async () => {
    const clock = new ManualClock(0)
    const ran: string[] = []
    const cancel = clock.after(10, () => ran.push('cancelled'))
    cancel()
    const controller = new AbortController()
    const sleep = clock.sleep(10, controller.signal)
    controller.abort(new Error('stopped'))
    await expect(sleep).rejects.toThrow('stopped')
    expect(clock.pending).toBe(0)
    await clock.advance(20)
    expect(ran).toEqual([])
  })
})
