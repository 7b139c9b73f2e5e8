import { expect, test } from 'vitest'

import { stopText } from './stop-container.ts'

test.each([
  { want: 'Stopping container c' },
  { why: 'resize', want: 'Container c resize requires restart' },
  { why: 'changed', again: true, want: 'Container c definition changed, will be restarted' },
  { why: 'liveness', again: false, want: 'Container c failed liveness probe' },
  { why: 'startup', again: true, want: 'Container c failed startup probe, will be restarted' },
  { why: 'startup', again: true, kind: 'sidecar', want: 'Init container c failed startup probe' },
] as const)('a stop is told as "$want"', ({ want, ...cause }) => {
  expect(stopText({ name: 'c', ...cause })).toBe(want)
})
