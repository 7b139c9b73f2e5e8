import { expect, test } from 'vitest'

import { health } from '../../base/health.ts'
import { kubeletChecks } from './health.ts'

const answer = (path: string, sinceLoopMs: number) =>
  health(
    path,
    new URLSearchParams(),
    kubeletChecks(() => sinceLoopMs),
  )

test('the kubelet is well as long as it looks at what runs', () => {
  expect(answer('/healthz', 300_000)).toEqual({ status: 200, body: 'ok' })
  expect(answer('/healthz', 300_001)).toEqual({
    status: 500,
    body: '[+]ping ok\n[+]log ok\n[-]syncloop failed: reason withheld\nhealthz check failed\n',
  })
})

test('one check says why it failed', () => {
  expect(answer('/healthz/syncloop', 300_001)).toEqual({
    status: 500,
    body: 'internal server error: sync Loop took longer than expected\n',
  })
  expect(answer('/healthz/log', 300_001)).toEqual({ status: 200, body: 'ok' })
  expect(answer('/healthz/none', 0)).toBeUndefined()
})
