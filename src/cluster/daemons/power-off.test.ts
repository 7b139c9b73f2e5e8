import { describe, expect, test } from 'vitest'

import { createLog, type LogFields } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { Logind } from '../../linux/logind.ts'
import { followPowerOff, NodePower, type PowerOffListener } from './power-off.ts'

interface World extends Partial<Logind> {
  readonly said?: readonly (readonly boolean[])[]
}

/** A logind that gives 5 seconds, and says in turn what `said` has; what it is asked for is written down. */
function world({ said = [], ...more }: World, listener: Partial<PowerOffListener> = {}) {
  const journal: string[] = []
  const clock = new ManualClock()
  const end = new AbortController()
  const logind: Logind = {
    maxDelay: async () => 5_000,
    askForDelay: async (ms) => void journal.push(`asks for ${ms} ms`),
    async lockShutdown(who) {
      journal.push(`${who} holds the lock`)
      return { release: () => void journal.push('releases it') }
    },
    async *shutdowns() {
      const [now, ...later] = said
      said = later
      if (now === undefined) end.abort()
      else yield* now
    },
    ...more,
  }
  const told: PowerOffListener = {
    goesDown: async () => void journal.push('goes down'),
    stays: () => void journal.push('stays'),
    ...listener,
  }
  const note = ({ error }: LogFields) => error instanceof Error && journal.push(`warns: ${error.message}`)
  const log = createLog(({ fields }) => void note(fields), 'warn')
  const follow = (graceMs: number) =>
    followPowerOff({ logind, clock, log, graceMs }, told, end.signal).catch((error: unknown) => {
      if (!end.signal.aborted) throw error
    })
  return { journal, clock, follow }
}

describe('A node whose machine goes down', () => {
  test('holds it up until its Pods have ended', async () => {
    const { journal, clock, follow } = world({ said: [[true]] })
    const following = follow(5_000)
    await clock.advance(1_000)
    await following
    expect(journal.slice(0, 3)).toEqual(['kubelet holds the lock', 'goes down', 'releases it'])
  })

  test('hears that it stays after all, and holds it up again', async () => {
    const { journal, clock, follow } = world({ said: [[true, false], []] })
    const following = follow(5_000)
    for (let second = 0; second < 3; second++) await clock.advance(1_000)
    await following
    expect(journal.filter((line) => line !== 'releases it')).toEqual([
      'kubelet holds the lock',
      'goes down',
      'stays',
      'kubelet holds the lock',
      'kubelet holds the lock',
    ])
  })

  test('has logind wait for as long as its Pods may take', async () => {
    let looks = 0
    const { journal, clock, follow } = world({ maxDelay: async () => (looks++ < 3 ? 5_000 : 30_000) })
    const following = follow(30_000)
    for (let look = 0; look < 5; look++) await clock.advance(1_000)
    await following
    expect(journal.slice(0, 2)).toEqual(['asks for 30000 ms', 'kubelet holds the lock'])
  })

  test('says that Pods get no time where logind does not wait, or where there is none', async () => {
    const short = world({})
    const following = short.follow(30_000)
    for (let look = 0; look < 5; look++) await short.clock.advance(2_000)
    await following
    const none = world({ maxDelay: () => Promise.reject(new Error('busctl is not installed')) })
    await none.follow(30_000)
    expect([short.journal, none.journal]).toEqual([
      ['asks for 30000 ms', 'warns: logind waits 5000 ms at most, and Pods may take 30000 ms'],
      ['warns: busctl is not installed'],
    ])
  })
})

describe('A node', () => {
  const settled = async (promise: Promise<void>) => {
    let now = 'waits'
    void promise.then(() => (now = 'goes on'))
    await new ManualClock().advance(0)
    return now
  }

  test('that is stopped ends with its Pods', async () => {
    const power = new NodePower()
    power.goOff()
    expect(power.shutdown.aborted).toBe(true)
    expect(await settled(power.onPodsEnded(new AbortController().signal))).toBe('goes on')
  })

  test('that goes down with its machine ends with it, or when it stays after all', async () => {
    const power = new NodePower()
    const down = power.goesDown()
    expect([power.shutdown.aborted, await settled(down)]).toEqual([true, 'waits'])
    const ended = power.onPodsEnded(new AbortController().signal)
    expect([await settled(down), await settled(ended)]).toEqual(['goes on', 'waits'])
    power.stays()
    expect(await settled(ended)).toBe('goes on')
  })
})
