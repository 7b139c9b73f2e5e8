import { describe, expect, test } from 'vitest'
import { userOf } from '../../client/user.ts'
import { parseUrl, requestInfo } from '../http/request/request-info.ts'
import { type Level, policyRuling } from './policy.ts'
import { readAuditPolicy } from './read-policy.ts'

const policy = (rules: string, more = '') =>
  readAuditPolicy(`apiVersion: audit.k8s.io/v1\nkind: Policy\n${more}\nrules:\n${rules}`)

const RULES = `
- {level: None, users: [quiet]}
- {level: None, nonResourceURLs: ['/healthz*', /version]}
- {level: Metadata, resources: [{group: '', resources: [secrets, 'pods/*']}]}
- {level: Request, resources: [{group: apps, resources: ['*/scale']}, {group: '*', resources: [widgets], resourceNames: [one]}]}
- {level: RequestResponse, namespaces: [shop], verbs: [create]}
- {level: None, userGroups: [robots]}
- {level: Request, namespaces: ['']}
- {level: Metadata, nonResourceURLs: ['*']}
`

const cases: readonly (readonly [string, string, string, Level])[] = [
  ['quiet', 'GET', '/api/v1/namespaces/shop/secrets/a', 'None'],
  ['jane', 'GET', '/healthz/etcd', 'None'],
  ['jane', 'GET', '/version', 'None'],
  ['jane', 'GET', '/versions', 'Metadata'],
  ['jane', 'GET', '/api/v1/namespaces/shop/secrets/a', 'Metadata'],
  ['jane', 'GET', '/api/v1/namespaces/home/pods/a/log', 'Metadata'],
  ['jane', 'GET', '/api/v1/namespaces/home/services/a', 'None'],
  ['jane', 'PUT', '/apis/apps/v1/namespaces/home/deployments/a/scale', 'Request'],
  ['jane', 'GET', '/apis/x.io/v1/namespaces/home/widgets/one', 'Request'],
  ['jane', 'GET', '/apis/x.io/v1/namespaces/home/widgets/two', 'None'],
  ['jane', 'POST', '/api/v1/namespaces/shop/configmaps', 'RequestResponse'],
  ['jane', 'GET', '/api/v1/namespaces/shop/configmaps', 'None'],
  ['robot', 'GET', '/api/v1/nodes', 'None'],
  ['jane', 'GET', '/api/v1/nodes', 'Request'],
]

describe('an audit policy', () => {
  const rulingOf = policyRuling(policy(RULES))
  test.each(cases)('records of what %s asks with %s %s: %s', (name, method, url, level) => {
    const user = userOf(name, name === 'robot' ? ['robots'] : [])
    expect(rulingOf(requestInfo(method, parseUrl(url)), user).level).toBe(level)
  })

  test('omits the stages of both the rule and the policy, and owners of fields as the rule says', () => {
    const rules = '- {level: Metadata, omitStages: [ResponseStarted], omitManagedFields: false}'
    const of = policyRuling(policy(rules, 'omitStages: [RequestReceived]\nomitManagedFields: true'))
    const { omitStages, omitManagedFields } = of(requestInfo('GET', parseUrl('/api/v1/pods')), undefined)
    expect([...omitStages].sort()).toEqual(['RequestReceived', 'ResponseStarted'])
    expect(omitManagedFields).toBe(false)
  })
})

const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n'
const faults: readonly (readonly [string, string, RegExp])[] = [
  ['of another kind', 'apiVersion: v1\nkind: Pod\n', /Policy of audit\.k8s\.io\/v1/],
  ['without rules', HEAD, /0 rules/],
  ['that is no YAML', 'a: [', /audit policy/],
  ['whose rules are no list', `${HEAD}rules: 5`, /rules has to be a list/],
  [
    'with a number for a user',
    `${HEAD}rules: [{level: None, users: [5]}]`,
    /rules\[0\]\.users\[0\] has to be a string/,
  ],
  ['without a level', `${HEAD}rules: [{verbs: [get]}]`, /rules\[0\]\.level: Required value/],
  [
    'of an unknown level',
    `${HEAD}rules: [{level: All}]`,
    /Unsupported value: "All": supported values: "None", "Metadata"/,
  ],
  ['of an unknown stage', `${HEAD}omitStages: [End]\nrules: [{level: None}]`, /omitStages\[0\]: .* allowed stages are/],
  ['with a path that is none', `${HEAD}rules: [{level: None, nonResourceURLs: [version]}]`, /must begin with a '\/'/],
  [
    'with a star amid a path',
    `${HEAD}rules: [{level: None, nonResourceURLs: ['/a*b']}]`,
    /must be the final character/,
  ],
  [
    'for paths and resources',
    `${HEAD}rules: [{level: None, nonResourceURLs: [/a], namespaces: [a]}]`,
    /cannot apply to both/,
  ],
  [
    'for a group that is none',
    `${HEAD}rules: [{level: None, resources: [{group: a/v1}]}]`,
    /resources\.group: Invalid value/,
  ],
  [
    'with names of nothing',
    `${HEAD}rules: [{level: None, resources: [{resourceNames: [a]}]}]`,
    /at least one resource/,
  ],
]

describe('an audit policy is refused', () => {
  test.each(faults)('%s', (_, text, fault) => {
    expect(() => readAuditPolicy(text)).toThrow(fault)
  })
})
