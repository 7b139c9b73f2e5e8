import { describe, expect, test } from 'vitest'

import { CrashBackOff } from './crash-back-off.ts'

describe('CrashBackOff', () => {
  test('restarts at once the first time, then after 10 s, doubling to 5 min', () => {
    const crashes = new CrashBackOff()
    let now = 1_000_000
    const waits: number[] = []
    for (let round = 0; round < 8; round++) {
      const wait = crashes.remaining('app', now, now)
      waits.push(wait)
      crashes.restarted('app', now, now + wait)
      now += wait + 1
    }
    expect(waits).toEqual([0, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000])
  })

  test('counts from the end of the container', () => {
    const crashes = new CrashBackOff()
    crashes.restarted('app', 0, 0)
    expect(crashes.remaining('app', 4_000, 9_000)).toBe(5_000)
  })

  test('forgets after ten quiet minutes', () => {
    const crashes = new CrashBackOff()
    crashes.restarted('app', 0, 0)
    expect(crashes.remaining('app', 600_000, 600_000)).toBe(10_000)
    expect(crashes.remaining('app', 600_001, 600_001)).toBe(0)
  })

  test('keeps containers apart', () => {
    const crashes = new CrashBackOff()
    crashes.restarted('app', 0, 0)
    expect(crashes.remaining('log', 1_000, 1_000)).toBe(0)
  })
})
