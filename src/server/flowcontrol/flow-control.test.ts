import { describe, expect, test } from 'vitest'
import { FLOW_SCHEMAS, PRIORITY_LEVEL_CONFIGURATIONS } from '../../client/resources.ts'
import { userOf } from '../../client/user.ts'
import type { RequestInfo } from '../http/request-info.ts'
import { classify, inOrder } from './classify.ts'
import { startServer } from '../fixtures.ts'
import { defaultFlowSchemas } from './defaults.ts'

const resource = (verb: string, name: string, place: { group?: string; namespace?: string } = {}): RequestInfo => {
  const [plural = '', subresource = ''] = name.split('/')
  const { group = '', namespace = '' } = place
  const rest = { path: '', version: 'v1', name: '', tail: '', depth: 0 }
  return { isResource: true, verb, group, resource: plural, subresource, namespace, ...rest }
}
const path = (url: string): RequestInfo => ({ isResource: false, path: url, verb: 'get' })

const NODE = userOf('system:node:n1', ['system:nodes', 'system:authenticated'])
const MANAGER = userOf('system:kube-controller-manager', ['system:authenticated'])
const KUBE_SYSTEM = userOf('system:serviceaccount:kube-system:dns', ['system:serviceaccounts', 'system:authenticated'])
const ACCOUNT = userOf('system:serviceaccount:shop:web', ['system:serviceaccounts', 'system:authenticated'])
const SOMEBODY = userOf('jane', ['system:authenticated'])
const LEASE = { group: 'coordination.k8s.io', namespace: 'kube-system' }

describe('of the default flow schemas a request gets', () => {
  const cases = [
    { who: userOf('root', ['system:masters']), asks: resource('list', 'pods'), schema: 'exempt' },
    { who: SOMEBODY, asks: path('/healthz'), schema: 'probes' },
    { who: SOMEBODY, asks: path('/version'), schema: 'global-default' },
    { who: MANAGER, asks: resource('update', 'leases', LEASE), schema: 'system-leader-election' },
    { who: MANAGER, asks: resource('watch', 'leases', LEASE), schema: 'kube-controller-manager' },
    { who: NODE, asks: resource('patch', 'nodes/status'), schema: 'system-node-high' },
    { who: NODE, asks: resource('patch', 'pods/status', { namespace: 'shop' }), schema: 'system-nodes' },
    { who: KUBE_SYSTEM, asks: resource('list', 'services'), schema: 'kube-system-service-accounts' },
    { who: ACCOUNT, asks: resource('list', 'services'), schema: 'service-accounts' },
    { who: SOMEBODY, asks: resource('list', 'pods', { namespace: 'shop' }), schema: 'global-default' },
    { who: { name: 'odd', groups: [] }, asks: resource('list', 'pods'), schema: undefined },
  ]
  const ordered = inOrder(defaultFlowSchemas())
  for (const { who, asks, schema } of cases) {
    const what = asks.isResource ? `${asks.resource} ${asks.subresource}` : asks.path
    test(`${who.name}, ${asks.verb} ${what}: ${schema}`, () => {
      expect(classify(ordered, asks, who)?.metadata.name).toBe(schema)
    })
  }
})

test('a server that runs has the default objects, and says of each schema whether its level is there', async () => {
  const { server, client, clock } = await startServer()
  const stop = new AbortController()
  const running = server.run(stop.signal).catch(() => {})
  const settle = async () => {
    for (let turn = 0; turn < 20; turn++) await clock.advance(50)
  }
  await settle()
  const spec = {
    priorityLevelConfiguration: { name: 'none' },
    matchingPrecedence: 7_000,
    rules: [
      {
        subjects: [{ kind: 'User', user: { name: 'jane' } }],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      },
    ],
  }
  await client.create(FLOW_SCHEMAS, { metadata: { name: 'mine' }, spec })
  await settle()
  const told = async () =>
    Object.fromEntries(
      (await client.list(FLOW_SCHEMAS)).items.map(({ metadata, status }) => [
        metadata.name,
        status?.conditions?.map(({ type, status: is, reason }) => `${type} ${is} ${reason}`).join(),
      ]),
    )
  const found = await told()
  expect(Object.keys(found)).toHaveLength(12)
  expect([found['exempt'], found['mine']]).toEqual(['Dangling False Found', 'Dangling True NotFound'])
  const version = async () => (await client.list(FLOW_SCHEMAS)).metadata.resourceVersion
  const judged = await version()
  await clock.advance(600_000)
  expect(await version()).toBe(judged)
  expect((await client.list(PRIORITY_LEVEL_CONFIGURATIONS)).items).toHaveLength(8)
  const level = { type: 'Limited' as const, limited: { limitResponse: { type: 'Reject' as const } } }
  await client.create(PRIORITY_LEVEL_CONFIGURATIONS, { metadata: { name: 'none' }, spec: level })
  await settle()
  expect((await told())['mine']).toBe('Dangling False Found')
  // Within a minute what was changed or removed is as it should be, and what only looks like a default is gone.
  await client.delete(FLOW_SCHEMAS, { name: 'probes' })
  const change = { spec: { matchingPrecedence: 77 } }
  await client.patch(FLOW_SCHEMAS, { name: 'catch-all' }, 'merge', change)
  await client.patch(FLOW_SCHEMAS, { name: 'mine' }, 'merge', {
    metadata: { annotations: { 'apf.kubernetes.io/autoupdate-spec': 'true' } },
  })
  await clock.advance(60_000)
  await settle()
  const { spec: restored } = await client.get(FLOW_SCHEMAS, { name: 'catch-all' })
  expect(restored?.matchingPrecedence).toBe(10_000)
  const left = Object.keys(await told())
  expect([left.includes('probes'), left.includes('mine'), left.length]).toEqual([true, false, 11])
  stop.abort()
  await running
})
