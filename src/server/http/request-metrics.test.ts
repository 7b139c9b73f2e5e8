import { expect, test } from 'vitest'

import { metricsText } from '../../base/metrics/text.ts'
import { type RequestInfo, parseUrl, requestInfo } from './request-info.ts'
import { RequestMetrics } from './request-metrics.ts'

const asked = (method: string, url: string): RequestInfo => requestInfo(method, parseUrl(url))

const cases = [
  ['GET', '/api/v1/namespaces/a/pods/p', { verb: 'GET', scope: 'resource', subresource: '' }],
  ['GET', '/api/v1/namespaces/a/pods', { verb: 'LIST', scope: 'namespace', subresource: '' }],
  ['GET', '/api/v1/pods', { verb: 'LIST', scope: 'cluster', subresource: '' }],
  ['GET', '/api/v1/pods?watch=true', { verb: 'WATCH', scope: 'cluster', subresource: '' }],
  ['POST', '/api/v1/namespaces/a/pods', { verb: 'POST', scope: 'resource', subresource: '' }],
  ['PUT', '/api/v1/namespaces/a/pods/p/status', { verb: 'PUT', scope: 'resource', subresource: 'status' }],
  ['DELETE', '/api/v1/namespaces/a/pods', { verb: 'DELETECOLLECTION', scope: 'namespace', subresource: '' }],
] as const

for (const [method, url, expected] of cases)
  test(`${method} ${url} is counted as ${expected.verb} of a ${expected.scope}`, () => {
    const metrics = new RequestMetrics()
    metrics.answered({ info: asked(method, url), isApply: false, isDryRun: false }, 200, 0.01)
    const [requests] = metrics.families
    expect(requests?.samples[0]?.labels).toMatchObject({ ...expected, resource: 'pods', version: 'v1', code: '200' })
  })

test('requests that are alike are one figure, and each code has its own', () => {
  const metrics = new RequestMetrics()
  const info = asked('PATCH', '/apis/apps/v1/namespaces/a/deployments/d')
  const request = { info, isApply: true, isDryRun: true }
  for (const code of [200, 200, 409]) metrics.answered(request, code, 0.03)
  const about = 'component="apiserver",dry_run="All",group="apps",resource="deployments",scope="resource"'
  const labels = `${about},subresource="",verb="APPLY",version="v1"`
  const text = metricsText(metrics.families)
  expect(text).toContain(`apiserver_request_total{code="200",${labels}} 2\n`)
  expect(text).toContain(`apiserver_request_total{code="409",${labels}} 1\n`)
  expect(text).toContain(`apiserver_request_duration_seconds_bucket{${labels},le="0.025"} 0\n`)
  expect(text).toContain(`apiserver_request_duration_seconds_bucket{${labels},le="0.05"} 3\n`)
})

test('who asks, whether they may, what is deprecated and what watches are sent is counted', () => {
  const metrics = new RequestMetrics()
  for (const isProved of [true, true, false]) metrics.identified(isProved)
  for (const isAllowed of [true, false]) metrics.authorized(isAllowed)
  const endpoints = { group: '', version: 'v1', resource: 'endpoints' }
  for (let i = 0; i < 2; i++) metrics.deprecated(endpoints, '')
  const counts = [metrics.watchEvents(endpoints), metrics.watchEvents({ ...endpoints })]
  for (const count of counts) count()
  const text = metricsText(metrics.families)
  expect(text).toContain('authentication_attempts{result="success"} 2\n')
  expect(text).toContain('authentication_attempts{result="error"} 1\n')
  expect(text).toContain('authenticated_user_requests{username="other"} 2\n')
  expect(text).toContain('authorization_attempts_total{result="no-opinion"} 1\n')
  expect(text).toContain('apiserver_watch_events_total{group="",resource="endpoints",version="v1"} 2\n')
  const about = 'group="",removed_release="",resource="endpoints",subresource="",version="v1"'
  expect(text).toContain(`apiserver_requested_deprecated_apis{${about}} 1\n`)
})
