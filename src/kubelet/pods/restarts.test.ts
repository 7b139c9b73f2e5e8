import { expect, test } from 'vitest'

import { ManualClock } from '../../base/manual-clock.ts'
import { aContainer, aPod, seen } from './fixtures.ts'
import { Restarts } from './restarts.ts'

const container = { kind: 'app', spec: aContainer('app') } as const
const ended = (restarts: number, finishedAt: number) => ({ ...seen('app', 'exited', { restarts }), finishedAt })

function setUp() {
  const clock = new ManualClock()
  const told: string[] = []
  const restarts = new Restarts({ clock, node: { maxBackOffMs: 300_000 }, tell: ({ reason }) => told.push(reason) })
  return { clock, restarts, told, at: () => clock.now() }
}

test('a container that ends by itself starts again at once, and then after 10 s', async () => {
  const { clock, restarts, at } = setUp()
  const first = ended(0, at())
  expect(restarts.remaining(container, first, first)).toBe(0)
  restarts.begun(container, first, first)
  await clock.advance(1_000)
  const second = ended(1, at())
  expect(restarts.remaining(container, second, second)).toBe(10_000)
})

test('one that the kubelet ends to start it anew waits after the end before, and so first at its third', async () => {
  const { clock, restarts, at } = setUp()
  const first = ended(0, at())
  expect(restarts.remaining(container, first, undefined)).toBe(0)
  restarts.begun(container, first, undefined)
  await clock.advance(4_000)
  const second = ended(1, at())
  expect(restarts.remaining(container, second, first)).toBe(0)
  restarts.begun(container, second, first)
  await clock.advance(4_000)
  expect(restarts.remaining(container, ended(2, at()), second)).toBe(10_000)
})

test('once it is told to wait, it waits after its own end', async () => {
  const { clock, restarts, told, at } = setUp()
  const before = ended(0, at())
  restarts.begun(container, before, before)
  await clock.advance(9_000)
  const last = ended(1, at())
  const ms = restarts.remaining(container, last, before)
  restarts.note(aPod(), [{ do: 'back-off', container, last, ms }])
  expect(told).toEqual(['BackOff'])
  await clock.advance(2_000)
  expect(restarts.remaining(container, last, before)).toBe(8_000)
})
