import { expect, test } from 'vitest'
import { createLog, type LogLine } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { complaints } from './complaints.ts'

test('complaints come once a minute, with how many there were', async () => {
  const clock = new ManualClock()
  const lines: LogLine[] = []
  const complain = complaints('it is full', { clock, log: createLog((line) => lines.push(line)) })
  for (let i = 0; i < 5; i++) complain({ path: '/p' })
  expect(lines).toMatchObject([{ level: 'error', message: 'it is full', fields: { path: '/p', times: 1 } }])
  await clock.advance(59_999)
  complain({})
  expect(lines).toHaveLength(1)
  await clock.advance(1)
  complain({})
  expect(lines.slice(1)).toMatchObject([{ fields: { times: 6 } }])
})
