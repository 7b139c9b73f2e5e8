import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { silentLog } from '../../src/base/log.ts'
import type { TokenRequest } from '../../src/api/generated/authentication-v1.ts'
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, SERVICE_ACCOUNTS } from '../../src/client/resources.ts'
import { serviceAccountUserName } from '../../src/client/user.ts'
import { Access, REMEMBERED, rightsTo } from '../../src/kubelet/server/access.ts'
import type { KubeletRefusal } from '../../src/kubelet/server/kubelet-api.ts'
import { startServer } from '../../src/server/fixtures.ts'

const SCRAPER = { namespace: 'default', name: 'scraper' }
const WHO = `user=${serviceAccountUserName('default', 'scraper')}, verb=get, resource=nodes`
const FOREVER = new AbortController().signal

/** The door of node n, and what it says to a service account that comes with its token. */
async function atTheDoor({ node = 'system:node:n', groups = ['system:nodes'] } = {}) {
  const { client, clientFor, clock } = await startServer()
  await client.create(SERVICE_ACCOUNTS, { metadata: SCRAPER })
  const asked = { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', spec: {} } as TokenRequest
  const { status } = await client.createSubresource(SERVICE_ACCOUNTS, { ...SCRAPER, subresource: 'token' }, asked)
  const serving = { certificate: '', key: '', clientCa: '', allowed: { users: [], groups: [] } }
  const access = new Access({ client: clientFor(node, groups), clock, log: silentLog, node: { name: 'n' }, serving })
  const knock = (url: string, token: string | undefined = status?.token) => {
    const headers = token === '' ? {} : { authorization: `Bearer ${token}` }
    return access.demand({ method: 'GET', url, headers, socket: new Socket() }, FOREVER).then(
      () => 'come in',
      ({ status: code, message }: KubeletRefusal) => `${code} ${message}`,
    )
  }
  const grant = async (...resources: string[]) => {
    const rules = [{ apiGroups: [''], resources, verbs: ['get'] }]
    await client.create(CLUSTER_ROLES, { metadata: { name: 'scraper' }, rules })
    await client.create(CLUSTER_ROLE_BINDINGS, {
      metadata: { name: 'scraper' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'scraper' },
      subjects: [{ kind: 'ServiceAccount', ...SCRAPER }],
    })
  }
  return { client, clock, knock, grant }
}

test('who shows no token, or a wrong one, does not come in', async () => {
  const { knock } = await atTheDoor()
  expect(await knock('/metrics', '')).toBe('401 Unauthorized')
  expect(await knock('/metrics', 'wrong')).toBe('401 Unauthorized')
})

test('nobody comes in while the API server cannot say who they are and what they may', async () => {
  const { client, knock, grant } = await atTheDoor({ node: 'nobody', groups: [] })
  await grant('nodes/metrics')
  expect(await knock('/metrics')).toBe('401 Unauthorized')
  const rules = [{ apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] }]
  await client.create(CLUSTER_ROLES, { metadata: { name: 'review' }, rules })
  await client.create(CLUSTER_ROLE_BINDINGS, {
    metadata: { name: 'review' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'review' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'nobody' }],
  })
  expect(await knock('/metrics')).toBe(`500 Authorization error (${WHO}, subresource(s)=[metrics])`)
})

test('a service account comes in where it may read that part of the node, or all of it', async () => {
  const some = await atTheDoor()
  await some.grant('nodes/metrics', 'nodes/healthz')
  expect(await some.knock('/metrics/cadvisor')).toBe('come in')
  expect(await some.knock('/healthz')).toBe('come in')
  expect(await some.knock('/stats/summary')).toBe(`403 Forbidden (${WHO}, subresource(s)=[stats])`)
  expect(await some.knock('/configz')).toBe(`403 Forbidden (${WHO}, subresource(s)=[configz proxy])`)
  const all = await atTheDoor()
  await all.grant('nodes/proxy')
  expect(await all.knock('/healthz')).toBe('come in')
  expect(await all.knock('/containerLogs/default/p/c')).toBe('come in')
})

test('what the API server said counts for a while, a refusal less long than a leave', async () => {
  const { client, clock, knock, grant } = await atTheDoor()
  const refused = `403 Forbidden (${WHO}, subresource(s)=[metrics])`
  expect(await knock('/metrics')).toBe(refused)
  await grant('nodes/metrics')
  expect(await knock('/metrics')).toBe(refused)
  await clock.advance(REMEMBERED.refusedMs)
  expect(await knock('/metrics')).toBe('come in')
  await client.delete(CLUSTER_ROLE_BINDINGS, { name: 'scraper' })
  await clock.advance(REMEMBERED.refusedMs)
  expect(await knock('/metrics')).toBe('come in')
  await clock.advance(REMEMBERED.allowedMs)
  expect(await knock('/metrics')).toBe(refused)
})

test.each([
  ['/pods', 'pods proxy'],
  ['/pods/', 'pods proxy'],
  ['/runningpods/', 'pods proxy'],
  ['/podsabc', 'proxy'],
  ['/exec/default/p/c', 'proxy'],
  ['/logs/x', 'log'],
  ['/flagz', 'configz'],
])('%s takes one of %s', (path, rights) => expect(rightsTo(path)).toEqual(rights.split(' ')))
