import { expect, test } from 'vitest'

import { withStability } from '../../../base/metrics/stability.ts'
import { metricsText } from '../../../base/metrics/text.ts'
import { type RequestInfo, parseUrl, requestInfo, type ResourceRequest } from '../request/request-info.ts'
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
  const indicators = text.split('\n').filter((line) => line.startsWith('apiserver_request_sli_duration_seconds_bucket'))
  expect(indicators.map((line) => /le="([^"]+)"/.exec(line)?.[1]).slice(0, 2)).toEqual(['0.05', '0.1'])
})

test('who asks, whether they may, what is deprecated and what watches are sent is counted', () => {
  const metrics = new RequestMetrics()
  for (const isProved of [true, true, false]) metrics.access.identified(isProved, 0.003)
  for (const isAllowed of [true, false]) metrics.access.authorized(isAllowed, 0.003)
  const endpoints = { group: '', version: 'v1', resource: 'endpoints' }
  for (let i = 0; i < 2; i++) metrics.deprecated(endpoints, '')
  const counts = [metrics.watchEvents(endpoints), metrics.watchEvents({ ...endpoints })]
  for (const count of counts) count(1_500)
  const text = metricsText(metrics.families)
  expect(text).toContain('authentication_attempts{result="success"} 2\n')
  expect(text).toContain('authentication_attempts{result="error"} 1\n')
  expect(text).toContain('authenticated_user_requests{username="other"} 2\n')
  expect(text).toContain('authorization_attempts_total{result="no-opinion"} 1\n')
  expect(text).toContain('authorization_duration_seconds_bucket{result="allowed",le="0.002"} 0\n')
  expect(text).toContain('authentication_duration_seconds_bucket{result="success",le="0.004"} 2\n')
  const sized = 'apiserver_watch_events_sizes_bucket{group="",resource="endpoints",version="v1"'
  expect(text).toContain(`${sized},le="1024"} 0\n${sized},le="2048"} 2\n`)
  expect(text).toContain('apiserver_watch_events_total{group="",resource="endpoints",version="v1"} 2\n')
  const about = 'group="",removed_release="",resource="endpoints",subresource="",version="v1"'
  expect(text).toContain(`apiserver_requested_deprecated_apis{${about}} 1\n`)
})

test('how large bodies, answers and lists are is counted, and what validation is asked for', () => {
  const metrics = new RequestMetrics()
  const path = { path: '/api/v1/configmaps', query: new URLSearchParams() }
  const info = requestInfo('GET', path) as ResourceRequest
  const request = { info, isApply: false, isDryRun: false }
  metrics.read(request, 5_000)
  metrics.sizes.list(info, 7)
  metrics.sizes.body({ ...info, verb: 'create' }, 60_000)
  for (const fieldValidation of ['Strict', 'nonsense']) metrics.answered({ ...request, fieldValidation }, 201, 0.07)
  const text = metricsText(metrics.families)
  const about = 'component="apiserver",group="",resource="configmaps",scope="cluster"'
  const sized = `apiserver_response_sizes_bucket{${about},subresource="",verb="LIST",version="v1"`
  expect(text).toContain(`${sized},le="1000"} 0\n${sized},le="10000"} 1\n`)
  expect(text).toContain('apiserver_cache_list_total{group="",index="",resource="configmaps"} 1\n')
  expect(text).toContain('apiserver_cache_list_returned_objects_total{group="",resource="configmaps"} 7\n')
  const bodies = 'apiserver_request_body_size_bytes_bucket{group="",resource="configmaps",verb="create"'
  expect(text).toContain(`${bodies},le="50000"} 0\n${bodies},le="150000"} 1\n`)
  for (const asked of ['Strict', 'invalid']) {
    expect(text).toContain(`field_validation_request_duration_seconds_count{field_validation="${asked}"} 1\n`)
  }
})

test('what ends in another program is told as connected', () => {
  const metrics = new RequestMetrics()
  const query = new URLSearchParams()
  const info = requestInfo('GET', { path: '/api/v1/namespaces/a/pods/b/exec', query })
  metrics.answered({ info, isApply: false, isDryRun: false }, 101, 0)
  expect(metricsText(metrics.families)).toMatch(/apiserver_request_total\{code="101",.*verb="CONNECT"/)
})

test('help says first how certain a metric is', () => {
  const family = { help: 'Help.', type: 'gauge', samples: [] } as const
  const names = ['apiserver_request_total', 'kubernetes_build_info', 'new_metric', 'process_max_fds']
  const told = withStability(names.map((name) => ({ ...family, name })))
  expect(told.map(({ help }) => help)).toEqual(['[STABLE] Help.', '[BETA] Help.', '[ALPHA] Help.', 'Help.'])
})

test('watches that last are counted while they do, and how long their lists took', () => {
  const metrics = new RequestMetrics()
  const request = { info: asked('GET', '/api/v1/namespaces/a/pods?watch=true'), isApply: false, isDryRun: false }
  const over = metrics.lasts(request)
  metrics.lasts(request)()
  const about =
    'component="apiserver",group="",resource="pods",scope="namespace",subresource="",verb="WATCH",version="v1"'
  expect(metricsText(metrics.families)).toContain(`apiserver_longrunning_requests{${about}} 1\n`)
  over()
  expect(metricsText(metrics.families)).toContain(`apiserver_longrunning_requests{${about}} 0\n`)
  metrics.listedByWatch({ group: '', version: 'v1', resource: 'pods', namespace: 'a', name: '' }, 0.3)
  const list = 'group="",resource="pods",scope="namespace",version="v1"'
  expect(metricsText(metrics.families)).toContain(`apiserver_watch_list_duration_seconds_bucket{${list},le="0.4"} 1\n`)
})

test('dry runs count with all others where it is told how well the server does', () => {
  const metrics = new RequestMetrics()
  const info = asked('POST', '/api/v1/namespaces/a/pods')
  for (const isDryRun of [true, false]) metrics.answered({ info, isApply: false, isDryRun }, 201, 0.01)
  const text = metricsText(metrics.families)
  expect(text).toMatch(/apiserver_request_sli_duration_seconds_count\{component="apiserver",group="",[^}]*\} 2\n/)
  expect(text).not.toContain('slo')
})
