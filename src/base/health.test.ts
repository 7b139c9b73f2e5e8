import { describe, expect, test } from 'vitest'

import { health, type HealthCheck, HealthMetrics } from './health.ts'
import { metricsText } from './metrics/text.ts'

const GOOD: HealthCheck = { name: 'ping', check: () => undefined }
const BAD: HealthCheck = { name: 'store', check: () => 'the disk is full' }

describe('health() tells', () => {
  const cases = [
    { of: 'a word where all is well', checks: [GOOD], query: '', status: 200, body: 'ok' },
    {
      of: 'every check when asked',
      checks: [GOOD],
      query: 'verbose',
      status: 200,
      body: '[+]ping ok\nreadyz check passed\n',
    },
    {
      of: 'every check where one fails, and not why',
      checks: [GOOD, BAD],
      query: '',
      status: 500,
      body: '[+]ping ok\n[-]store failed: reason withheld\nreadyz check failed\n',
    },
    {
      of: 'that checks were left out',
      checks: [GOOD, BAD],
      query: 'verbose&exclude=store&exclude=b&exclude=a',
      status: 200,
      body:
        '[+]ping ok\n[+]store excluded: ok\n' +
        'warn: some health checks cannot be excluded: no matches for "a","b"\nreadyz check passed\n',
    },
  ]
  for (const { of, checks, query, status, body } of cases) {
    test(`${of}`, () => {
      expect(health('/readyz', new URLSearchParams(query), checks)).toEqual({ status, body })
    })
  }
})

test('results are counted, and the latest of each is known', () => {
  const metrics = new HealthMetrics()
  let isWell = true
  const checks = [{ name: 'loop', check: () => (isWell ? undefined : 'stuck') }]
  health('/livez', new URLSearchParams(), checks, metrics)
  isWell = false
  health('/livez/loop', new URLSearchParams(), checks, metrics)
  const lines = metricsText(metrics.families(0)).split('\n')
  expect(lines).toContain('kubernetes_healthcheck{name="loop",type="livez"} 0')
  expect(lines).toContain('kubernetes_healthchecks_total{name="loop",status="success",type="livez"} 1')
  expect(lines).toContain('kubernetes_healthchecks_total{name="loop",status="error",type="livez"} 1')
})
