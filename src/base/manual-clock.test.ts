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

  test('stands still while work outside of its time goes on', async () => {
    const clock = new ManualClock(0)
    const ran: string[] = []
    let finish = () => {}
    clock.after(5, () => {
      const outside = new Promise<void>((resolve) => (finish = resolve))
      void clock.hold(outside).then(() => clock.after(1, () => ran.push('follow-up at 6')))
    })
    clock.after(10, () => ran.push('timer at 10'))
    const advancing = clock.advance(10)
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    await expect.poll(() => clock.now()).toBe(5)
    expect(ran).toEqual([])
    finish()
    await advancing
    expect(ran).toEqual(['follow-up at 6', 'timer at 10'])
  })

  test('keeps thousands of timers in order, cancelled ones among them', async () => {
    const clock = new ManualClock(0, async () => {})
    const ran: number[] = []
    const due = Array.from({ length: 2_000 }, (_, i) => (i * 7_919) % 2_000)
    const cancels = due.map((ms) => clock.after(ms, () => ran.push(ms)))
    for (let i = 0; i < 2_000; i += 3) cancels[i]?.()
    await clock.advance(2_000)
    const kept = due.filter((_, i) => i % 3 !== 0)
    expect(ran).toEqual(kept.toSorted((a, b) => a - b))
    expect(clock.pending).toBe(0)
  })
})
