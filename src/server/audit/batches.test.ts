import { describe, expect, test } from 'vitest'
import { createLog, type LogLine } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { AuditBatches, type BatchOptions } from './batches.ts'
import type { Deliver } from './deliver.ts'

const OPTIONS = { bufferSize: 6, maxSize: 3, maxWaitMs: 30_000, initialBackoffMs: 10_000 }

function begin(deliver: Deliver, more: Partial<BatchOptions> = {}) {
  const options = { ...OPTIONS, ...more }
  const clock = new ManualClock()
  const lines: LogLine[] = []
  const batches = new AuditBatches({ options, deliver, clock, log: createLog((line) => lines.push(line)) })
  const stop = new AbortController()
  const ended = batches.run(stop.signal)
  const end = () => {
    stop.abort()
    return ended
  }
  return { clock, lines, end, write: (...events: string[]) => events.forEach((event) => batches.write(event)) }
}

describe('audit events in batches', () => {
  test('go at once when there are enough, else when they have waited', async () => {
    const sent: (readonly string[])[] = []
    const { clock, write, end } = begin(async (batch) => void sent.push(batch))
    write('1', '2', '3', '4')
    await clock.advance(0)
    expect(sent).toEqual([['1', '2', '3']])
    await clock.advance(29_999)
    expect(sent).toHaveLength(1)
    await clock.advance(1)
    expect(sent[1]).toEqual(['4'])
    write('5')
    await end()
    expect(sent[2]).toEqual(['5'])
  })

  test('are tried five times, ever more slowly, and then lost', async () => {
    const at: number[] = []
    const { clock, write, lines, end } = begin(async () => {
      at.push(clock.monotonic())
      throw new Error('nobody there')
    })
    const start = clock.monotonic()
    write('1', '2', '3')
    for (const ms of [0, 10_000, 15_000, 22_500, 33_750, 100_000]) await clock.advance(ms)
    expect(at.map((time) => time - start)).toEqual([0, 10_000, 25_000, 47_500, 81_250])
    expect(lines).toMatchObject([{ message: 'audit events are lost', fields: { reason: 'nobody took them' } }])
    await end()
  })

  test('go no more often than they may, but for a few after a pause', async () => {
    const at: number[] = []
    const { clock, write, end } = begin(async () => void at.push(clock.monotonic()), {
      maxSize: 1,
      throttle: { qps: 2, burst: 2 },
    })
    const start = clock.monotonic()
    write('1', '2', '3', '4')
    for (let i = 0; i < 20; i++) await clock.advance(100)
    expect(at.map((time) => time - start)).toEqual([0, 0, 500, 1_000])
    await end()
  })

  test('have so many bytes at most, but one event at least', async () => {
    const sent: (readonly string[])[] = []
    const { clock, write, end } = begin(async (batch) => void sent.push(batch), { maxBytes: 5 })
    write('aaa', 'bb', 'c', 'dddddddd')
    await clock.advance(60_000)
    await end()
    expect(sent).toEqual([['aaa', 'bb'], ['c'], ['dddddddd']])
  })

  test('are lost when too many wait, and nobody is kept waiting', async () => {
    const { clock, write, lines, end } = begin((_, signal) => clock.sleep(1_000_000, signal))
    write('1', '2', '3')
    await clock.advance(0)
    write('4', '5', '6', '7', '8', '9', '10')
    expect(lines).toMatchObject([{ fields: { reason: 'too many wait to be sent', times: 1 } }])
    await end()
  })
})
