import { describe, expect, test } from 'vitest'

import { HealthMetrics } from '../metrics/health-metrics.ts'
import { metricsText } from '../../base/metrics/text.ts'
import { healthText, oneHealthText } from './health.ts'

const healthy = () => ({ sinceLoopMs: () => 1_000, metrics: new HealthMetrics() })
const stuck = () => ({ sinceLoopMs: () => 301_000, metrics: new HealthMetrics() })
const query = (text = '') => new URLSearchParams(text)

describe('/healthz', () => {
  const cases = [
    { of: 'a word', ask: '', says: 'ok' },
    {
      of: 'every check',
      ask: 'verbose',
      says: '[+]ping ok\n[+]log ok\n[+]syncloop ok\nhealthz check passed\n',
    },
    {
      of: 'those that were not excluded',
      ask: 'verbose&exclude=log&exclude=none',
      says:
        '[+]ping ok\n[+]log excluded: ok\n[+]syncloop ok\n' +
        'warn: some health checks cannot be excluded: no matches for "none"\nhealthz check passed\n',
    },
  ]
  for (const { of, ask, says } of cases) {
    test(`says ${of}`, () => {
      expect(healthText(healthy(), query(ask))).toBe(says)
    })
  }

  test('fails when nothing was compared for five minutes, and says what failed but not why', () => {
    expect(() => healthText(stuck(), query())).toThrow(
      '[+]ping ok\n[+]log ok\n[-]syncloop failed: reason withheld\nhealthz check failed',
    )
    expect(healthText(stuck(), query('exclude=syncloop'))).toBe('ok')
  })

  test('answers for one check', () => {
    expect(oneHealthText(healthy(), 'syncloop')).toBe('ok')
    expect(() => oneHealthText(stuck(), 'syncloop')).toThrow(
      'internal server error: sync Loop took longer than expected',
    )
    expect(oneHealthText(stuck(), 'ping')).toBe('ok')
    expect(oneHealthText(healthy(), 'none')).toBeUndefined()
  })

  test('counts what came out', () => {
    const deps = healthy()
    healthText(deps, query())
    expect(() => healthText({ ...stuck(), metrics: deps.metrics }, query())).toThrow('syncloop')
    const lines = metricsText(deps.metrics.families).split('\n')
    expect(lines).toContain('kubernetes_healthcheck{name="syncloop",type="healthz"} 0')
    expect(lines).toContain('kubernetes_healthcheck{name="ping",type="healthz"} 1')
    expect(lines).toContain('kubernetes_healthchecks_total{name="syncloop",status="error",type="healthz"} 1')
    expect(lines).toContain('kubernetes_healthchecks_total{name="ping",status="success",type="healthz"} 2')
  })
})
