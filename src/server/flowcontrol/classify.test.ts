import { describe, expect, test } from 'vitest'
import { userOf } from '../../client/user.ts'
import type { RequestInfo } from '../http/request/request-info.ts'
import { Classifier, inOrder } from './classify.ts'
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
  const classifier = new Classifier(inOrder(defaultFlowSchemas()).map((flow) => ({ schema: flow })))
  for (const { who, asks, schema } of cases) {
    const what = asks.isResource ? `${asks.resource} ${asks.subresource}` : asks.path
    test(`${who.name}, ${asks.verb} ${what}: ${schema}`, () => {
      expect(classifier.find(asks, who)?.schema.metadata.name).toBe(schema)
    })
  }
})
