/** Requests that are sound and as large as they may be: carried out in steps, between which others have their turn. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Hostile, type HostileRequest, type Outcome, startHostile } from './hostile-client.ts'

let server: Hostile
beforeAll(async () => {
  server = await startHostile()
})
afterAll(() => server.close())

/** An event loop must never stand still for longer. It is a third of that on the machines we measure on. */
const MAX_STALL_MS = 100

const MAPS = '/api/v1/namespaces/default/configmaps'
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments'

const many = <T>(count: number, make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at))
const labels = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`label-${i}`, `value-${i}`]))
const map = (name: string, value = 'b') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels },
  data: { a: value },
})
const env = Array.from({ length: 8_000 }, (_, i) => ({ name: `VARIABLE_${i}`, value: `value ${i}` }))
const deployment = (name: string, replicas = 1) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'i', env }] } },
  },
})

const create = (path: string, body: object): HostileRequest => ({
  method: 'POST',
  path,
  type: 'application/json',
  body: JSON.stringify(body),
})
const read = (path: string): HostileRequest => ({ method: 'GET', path })
const update = (path: string, body: object): HostileRequest => ({ ...create(path, body), method: 'PUT' })
const patch = (type: string, path: string, body: object): HostileRequest => ({
  ...create(path, body),
  method: 'PATCH',
  type: `application/${type}`,
})
const apply = (path: string, body: object) => patch('apply-patch+yaml', `${path}?fieldManager=test`, body)

const finalized = (value: string) => ({
  ...map('finalized', value),
  metadata: { name: 'finalized', finalizers: many(40_000, (at) => `example.com/f-${at}`) },
})
const POLICIES = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies'
const policy = (value: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'ranges', labels: { value } },
  spec: {
    podSelector: {},
    ingress: [{ from: many(20_000, (at) => ({ ipBlock: { cidr: `10.${at >> 8}.${at & 255}.0/24` } })) }],
  },
})
const constraint = (at: number) => ({ maxSkew: 1, topologyKey: `zone-${at}`, whenUnsatisfiable: 'DoNotSchedule' })
const constrained = {
  apiVersion: 'v1',
  kind: 'PodTemplate',
  metadata: { name: 'constrained' },
  template: { spec: { topologySpreadConstraints: many(9_000, constraint), containers: [{ name: 'c', image: 'i' }] } },
}
const drivers = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSINode',
  metadata: { name: 'drivers' },
  spec: { drivers: many(15_000, (at) => ({ name: `driver-${at}`, nodeID: 'a', topologyKeys: ['zone'] })) },
}

/** In this order: some change what one before made. */
const requests: readonly (readonly [string, HostileRequest])[] = [
  ['a ConfigMap of 20,000 labels is created', create(MAPS, map('created'))],
  ['its 20,000 labels are sent again', update(`${MAPS}/created`, map('created', 'c'))],
  ['a merge patch sends 20,000 labels', patch('merge-patch+json', `${MAPS}/created`, map('created', 'd'))],
  ['such a ConfigMap is applied to what others made', apply(`${MAPS}/created`, map('created', 'd'))],
  ['a ConfigMap of 20,000 labels is applied', apply(`${MAPS}/applied`, map('applied'))],
  ['the same ConfigMap is applied again', apply(`${MAPS}/applied`, map('applied'))],
  ['a changed ConfigMap is applied', apply(`${MAPS}/applied`, map('applied', 'c'))],
  ['it is read as YAML', { ...read(`${MAPS}/applied`), headers: { accept: 'application/yaml' } }],
  ['a Deployment of 8,000 variables is created', create(DEPLOYMENTS, deployment('created'))],
  ['its 8,000 variables are sent again', update(`${DEPLOYMENTS}/created`, deployment('created', 2))],
  [
    'a strategic patch sends 8,000 variables',
    patch('strategic-merge-patch+json', `${DEPLOYMENTS}/created`, deployment('created', 3)),
  ],
  ['such a Deployment is applied to what others made', apply(`${DEPLOYMENTS}/created`, deployment('created', 3))],
  ['a Deployment of 8,000 variables is applied', apply(`${DEPLOYMENTS}/applied`, deployment('applied'))],
  ['the same Deployment is applied again', apply(`${DEPLOYMENTS}/applied`, deployment('applied'))],
  ['a changed Deployment is applied', apply(`${DEPLOYMENTS}/applied`, deployment('applied', 2))],
  ['a ConfigMap of 40,000 finalizers is created', create(MAPS, finalized('a'))],
  ['its 40,000 finalizers are sent again', update(`${MAPS}/finalized`, finalized('b'))],
  ['a policy of 20,000 ranges is created', create(POLICIES, policy('a'))],
  ['its 20,000 ranges are sent again', update(`${POLICIES}/ranges`, policy('b'))],
  ['a PodTemplate of 9,000 constraints is created', create('/api/v1/namespaces/default/podtemplates', constrained)],
  ['a CSINode of 15,000 drivers is created', create('/apis/storage.k8s.io/v1/csinodes', drivers)],
]

const names = many(49_000, (at) => `a${at}`)
const selected = names.slice(0, 10_000).map((scopeName) => ({ scopeName, operator: 'Exists' }))
const QUOTAS = '/api/v1/namespaces/default/resourcequotas'
const quota = (spec: object) => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'a' }, spec })
const hard = Object.fromEntries(['configmaps', 'secrets', 'services'].map((name) => [name, '1']))
const signing = {
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name: 'a' },
  spec: { signerName: 'a.b/c', request: '', usages: names },
}

const ROLES = '/apis/rbac.authorization.k8s.io/v1/clusterroles'
const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'a' } }

/** Of each a thousand things are wrong, and each of these has much to tell. */
const refused: readonly (readonly [string, HostileRequest])[] = [
  ['a quota has 49,000 scopes that nobody knows', create(QUOTAS, quota({ scopes: names }))],
  ['a quota has 49,000 scopes of other things', create(QUOTAS, quota({ hard, scopes: names.map(() => 'BestEffort') }))],
  ['a quota selects 10,000 scopes', create(QUOTAS, quota({ hard, scopeSelector: { matchExpressions: selected } }))],
  [
    'a class of storage has 49,000 zones, and one of them again',
    create('/apis/storage.k8s.io/v1/storageclasses', {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'a' },
      provisioner: 'example.com/zones',
      allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: [...names, 'a7'] }] }],
    }),
  ],
  ['a role has 40,000 rules that allow nothing', create(ROLES, { ...role, rules: many(40_000, () => ({})) })],
  [
    'a request for a certificate has 49,000 usages',
    create('/apis/certificates.k8s.io/v1/certificatesigningrequests', signing),
  ],
]

/** What a request itself takes it takes each time; a collection of this process's garbage, which counts as well, comes once. */
async function leastStall(request: HostileRequest, tries = 3): Promise<Outcome> {
  const outcome = await server.ask(request)
  return tries === 1 || outcome.stallMs < MAX_STALL_MS ? outcome : leastStall(request, tries - 1)
}

describe('others need not wait long, and the answer is not endless, while', () => {
  for (const [what, request] of refused) {
    test(`${what}`, async () => {
      const { status, stallMs, body } = await leastStall(request)
      expect(status).toBe(422)
      expect(body.length).toBeLessThan(8_000_000)
      expect(stallMs).toBeLessThan(MAX_STALL_MS)
      expect(server.failures).toEqual([])
    })
  }
})

describe('others need not wait long while', () => {
  for (const [what, request] of requests) {
    test(`${what}`, async () => {
      const { status, stallMs, body } = await server.ask(request)
      expect(`${status} ${body.slice(0, 300)}`).toMatch(/^20[01] /)
      expect(stallMs).toBeLessThan(MAX_STALL_MS)
      expect(server.failures).toEqual([])
    })
  }
})
