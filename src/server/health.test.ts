import { expect, test } from 'vitest'

import { health, healthPaths } from '../base/health.ts'
import { serverChecks } from './health.ts'

const answer = (path: string, isStopping = false) => {
  const { pathname, searchParams } = new URL(path, 'https://server')
  return health(
    pathname,
    searchParams,
    serverChecks(() => isStopping),
  )
}

test('a server that stops lives on, but takes no more work', () => {
  expect(answer('/livez', true)).toEqual({ status: 200, body: 'ok' })
  expect(answer('/readyz', true)?.status).toBe(500)
  expect(answer('/readyz/shutdown', true)?.body).toBe('internal server error: process is shutting down\n')
  expect(answer('/readyz')).toEqual({ status: 200, body: 'ok' })
})

test('what only readiness depends on is told nowhere else', () => {
  const paths = healthPaths(serverChecks(() => false))
  for (const name of ['etcd-readiness', 'informer-sync', 'shutdown']) {
    expect(paths.filter((path) => path.endsWith(`/${name}`))).toEqual([`/readyz/${name}`])
    expect(answer(`/livez/${name}`)).toBeUndefined()
  }
  expect(paths).toContain('/healthz/poststarthook/rbac/bootstrap-roles')
})

test('told at length, the checks stand in the order that Kubernetes has them in', () => {
  const lines = answer('/readyz?verbose&exclude=etcd')?.body.split('\n') ?? []
  expect(lines.slice(0, 6)).toEqual([
    '[+]ping ok',
    '[+]log ok',
    '[+]etcd excluded: ok',
    '[+]etcd-readiness ok',
    '[+]informer-sync ok',
    '[+]poststarthook/start-apiserver-admission-initializer ok',
  ])
  expect(lines.slice(-3)).toEqual(['[+]shutdown ok', 'readyz check passed', ''])
})
