import { expect, test } from 'vitest'

import { readShutdown } from './logind.ts'

const message = (member: string, data: readonly unknown[]) =>
  JSON.stringify({ type: 'signal', path: '/org/freedesktop/login1', member, payload: { type: 'b', data } })

test.each([
  ['that the machine goes down', message('PrepareForShutdown', [true]), true],
  ['that it does not after all', message('PrepareForShutdown', [false]), false],
  ['nothing, when it is of sleep', message('PrepareForSleep', [true]), undefined],
  ['nothing, when it is empty', message('PrepareForShutdown', []), undefined],
  ['nothing, when it is no message', 'Monitoring bus message stream.', undefined],
])('a message says %s', (_what, line, isGoingDown) => {
  expect(readShutdown(line)).toBe(isGoingDown)
})
