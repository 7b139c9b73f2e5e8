import { describe, expect, test } from 'vitest'

import { ManualClock } from '../../base/manual-clock.ts'
import { metricsText } from '../../base/metrics/text.ts'
import type { UserInfo } from '../../client/user.ts'
import { isApiError } from '../../meta/errors.ts'
import type { Authorizer } from '../authz/authorizer.ts'
import { ImpersonationMetrics } from '../http/metrics/impersonation-metrics.ts'
import { type ActingUser, Impersonation } from './impersonation.ts'
import { wantedUser } from './impersonation-headers.ts'

/** Allows what is listed: `verb resource[/subresource] name`. A star stands for any name. */
function allowing(...rights: readonly string[]): Authorizer {
  return {
    onResource: (_, { verb, resource, subresource, name }) => {
      const what = `${verb} ${resource}${subresource === '' ? '' : `/${subresource}`}`
      return { isAllowed: rights.includes(`${what} ${name}`) || rights.includes(`${what} *`) }
    },
    onPath: (_, { verb, path }) => ({ isAllowed: rights.includes(`${verb} ${path}`) }),
  }
}

const AGENT: UserInfo = {
  name: 'system:serviceaccount:ns:agent',
  groups: [],
  extra: { 'authentication.kubernetes.io/node-name': ['n1'] },
}
const LIST = { verb: 'list', group: '', version: 'v1', resource: 'pods', subresource: '', namespace: '', name: '' }
const on = (mode: string) => `impersonate-on:${mode}:list pods *`
const asked = (...headers: readonly string[]) => wantedUser(headers.flatMap((line) => line.split(': ')))!
const jane = 'Impersonate-User: jane'

function acting(impersonation: Impersonation, headers: readonly string[]): ActingUser | string {
  try {
    return impersonation.actingAs(AGENT, asked(...headers), LIST)
  } catch (error) {
    if (!isApiError(error)) throw error
    return error.message
  }
}

describe('whom the headers ask to act as', () => {
  test('nobody, where they say nothing of it', () =>
    expect(wantedUser(['Accept', '*/*', 'Impersonator', 'x'])).toBeUndefined())

  test('has groups and values as they were sent, commas and all', () =>
    expect(
      asked(
        jane,
        'impersonate-group: a, b',
        'IMPERSONATE-GROUP: c',
        'Impersonate-Extra-a%2FB: x',
        'Impersonate-Uid: u',
      ),
    ).toEqual({ name: 'jane', uid: 'u', groups: ['a, b', 'c'], extra: new Map([['a/b', ['x']]]) }))

  test('must have a name', () =>
    expect(() => wantedUser(['Impersonate-Group', 'g', 'Impersonate-Extra-K', 'v'])).toThrow(
      'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"g"}, ' +
        'Extra:map[string][]string{"k":[]string{"v"}}} without impersonating a user name',
    ))
})

describe('a caller acts as somebody else', () => {
  const known = ['system:authenticated']
  const allowed: [what: string, rights: readonly string[], headers: readonly string[], acting: object][] = [
    ['in any request', ['impersonate users jane'], [jane], { user: { name: 'jane', groups: known } }],
    [
      'in this request',
      [on('user-info'), 'impersonate:user-info users jane'],
      [jane],
      { user: { name: 'jane', groups: known }, constraint: 'impersonate:user-info' },
    ],
    [
      'as a service account',
      [on('serviceaccount'), 'impersonate:serviceaccount serviceaccounts x'],
      ['Impersonate-User: system:serviceaccount:ns:x'],
      {
        user: {
          name: 'system:serviceaccount:ns:x',
          groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', ...known],
        },
        constraint: 'impersonate:serviceaccount',
      },
    ],
    [
      'as any node',
      [on('arbitrary-node'), 'impersonate:arbitrary-node nodes n2'],
      ['Impersonate-User: system:node:n2'],
      {
        user: { name: 'system:node:n2', groups: ['system:nodes', ...known] },
        constraint: 'impersonate:arbitrary-node',
      },
    ],
    [
      'as its own node',
      [on('associated-node'), 'impersonate:associated-node nodes *'],
      ['Impersonate-User: system:node:n1'],
      {
        user: { name: 'system:node:n1', groups: ['system:nodes', ...known] },
        constraint: 'impersonate:associated-node',
      },
    ],
    [
      'as a node without its groups, by the right to all requests',
      ['impersonate users system:node:n1'],
      ['Impersonate-User: system:node:n1'],
      { user: { name: 'system:node:n1', groups: known } },
    ],
    [
      'as one of many groups, by a right to all of them',
      [on('user-info'), 'impersonate:user-info users jane', 'impersonate:user-info groups *'],
      [jane, ...['a', 'b', 'c', 'd'].map((group) => `Impersonate-Group: ${group}`)],
      { user: { name: 'jane', groups: ['a', 'b', 'c', 'd', ...known] }, constraint: 'impersonate:user-info' },
    ],
    [
      'as nobody known',
      ['impersonate users *'],
      ['Impersonate-User: system:anonymous'],
      { user: { name: 'system:anonymous', groups: ['system:unauthenticated'] } },
    ],
    [
      'as a master, by the right to all requests only',
      [
        on('user-info'),
        'impersonate:user-info users *',
        'impersonate:user-info groups *',
        'impersonate users *',
        'impersonate groups *',
      ],
      [jane, 'Impersonate-Group: system:masters'],
      { user: { name: 'jane', groups: ['system:masters', ...known] } },
    ],
  ]
  for (const [what, rights, headers, expected] of allowed) {
    test(`${what}`, () => expect(acting(new Impersonation(allowing(...rights)), headers)).toEqual(expected))
  }
})

describe('a caller who may not act as somebody else is told', () => {
  const cannot = (verb: string, what: string) => `User "${AGENT.name}" cannot ${verb} resource ${what}`
  const at = 'at the cluster scope'
  const user = [on('user-info'), 'impersonate:user-info users jane']
  const extra = cannot('impersonate:user-info', `"userextras" in API group "authentication.k8s.io" ${at}`)
  const refusedCases: [what: string, rights: readonly string[], headers: readonly string[], told: string][] = [
    [
      'of the request',
      [],
      [jane],
      `pods is forbidden: ${cannot('impersonate-on:user-info:list', `"pods" in API group "" ${at}`)}`,
    ],
    [
      'of the name',
      [on('user-info')],
      [jane],
      `users.authentication.k8s.io "jane" is forbidden: ${cannot('impersonate:user-info', `"users" in API group "authentication.k8s.io" ${at}`)}`,
    ],
    [
      'of all nodes, where it is its own',
      [on('associated-node'), 'impersonate:associated-node nodes n1'],
      ['Impersonate-User: system:node:n1'],
      `nodes.authentication.k8s.io "*" is forbidden: ${cannot('impersonate:associated-node', `"nodes" in API group "authentication.k8s.io" ${at}`)}`,
    ],
    [
      'of the old right, where no other is for what it asks',
      [],
      ['Impersonate-User: system:serviceaccount:ns:x', 'Impersonate-Uid: u'],
      `serviceaccounts "x" is forbidden: ${cannot('impersonate', '"serviceaccounts" in API group "" in the namespace "ns"')}`,
    ],
    [
      'of masters',
      user,
      [jane, 'Impersonate-Group: system:masters'],
      `groups.authentication.k8s.io "system:masters" is forbidden: ${cannot('impersonate:user-info', `"groups" in API group "authentication.k8s.io" ${at}`)}: impersonating the system:masters group is not allowed`,
    ],
    [
      'of a key that is no domain and path',
      user,
      [jane, 'Impersonate-Extra-foo: x'],
      `userextras.authentication.k8s.io is forbidden: ${extra}: impersonating an invalid key in extra is not allowed: extra.key: Invalid value: "foo": must be a domain-prefixed path (such as "acme.io/foo")`,
    ],
    [
      'of an empty value',
      user,
      [jane, 'Impersonate-Extra-a.io%2Ffoo: '],
      `userextras.authentication.k8s.io is forbidden: ${extra}: impersonating the empty string value in extra is not allowed`,
    ],
  ]
  for (const [what, rights, headers, told] of refusedCases) {
    test(`${what}`, () => expect(acting(new Impersonation(allowing(...rights)), headers)).toBe(told))
  }

  test('first what is wrong with the right that served last', () => {
    const impersonation = new Impersonation(allowing('impersonate users jane'))
    acting(impersonation, [jane])
    expect(acting(impersonation, ['Impersonate-User: bob'])).toBe(
      `users "bob" is forbidden: ${cannot('impersonate', `"users" in API group "" ${at}`)}`,
    )
  })
})

test('every attempt and every right that was asked for is counted', () => {
  const metrics = new ImpersonationMetrics()
  const clock = new ManualClock()
  const count = (rights: readonly string[]) => {
    acting(new Impersonation(allowing(...rights), { clock, metrics }), [jane])
  }
  count([on('user-info'), 'impersonate:user-info users jane'])
  count(['impersonate users jane'])
  count([])
  const text = metricsText(metrics.families)
  const told = text.split('\n').filter((line) => /_total\{|_duration_seconds_count\{/.test(line))
  const kinds = ['attempts', 'authorization_attempts'].map((kind) => `apiserver_impersonation_${kind}`)
  const [attempts, checks] = kinds as [string, string]
  const figures = [
    [attempts, '{decision="allowed",mode="user-info"} 1'],
    [attempts, '{decision="allowed",mode="legacy"} 1'],
    [attempts, '{decision="denied",mode=""} 1'],
    [checks, '{decision="allowed",mode="user-info"} 2'],
    [checks, '{decision="denied",mode="user-info"} 2'],
    [checks, '{decision="allowed",mode="legacy"} 1'],
    [checks, '{decision="denied",mode="legacy"} 1'],
  ]
  const expected = figures.flatMap(([name, rest]) => [`${name}_total${rest}`, `${name}_duration_seconds_count${rest}`])
  expect(new Set(told)).toEqual(new Set(expected))
})
