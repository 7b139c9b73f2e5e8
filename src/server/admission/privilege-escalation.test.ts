import { beforeAll, describe, expect, test } from 'vitest'

import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES } from '../../client/resources.ts'
import type { PolicyRule } from '../../api/generated/rbac-v1.ts'
import { startServer } from '../fixtures.ts'
import { answerOf } from './fixtures.ts'

const GROUP = 'rbac.authorization.k8s.io'
const server = await startServer()
beforeAll(async () => {
  const { client } = server
  const rules = [
    { apiGroups: [GROUP], resources: ['*'], verbs: ['get', 'create', 'update', 'patch'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
    { apiGroups: [GROUP], resources: ['clusterroles'], resourceNames: ['view'], verbs: ['bind'] },
    { apiGroups: [GROUP], resources: ['roles'], resourceNames: ['free'], verbs: ['escalate'] },
  ]
  await client.create(CLUSTER_ROLES, { metadata: { name: 'granter' }, rules })
  await client.create(CLUSTER_ROLE_BINDINGS, {
    metadata: { name: 'granter' },
    subjects: [{ kind: 'User', name: 'jane', apiGroup: GROUP }],
    roleRef: { kind: 'ClusterRole', name: 'granter', apiGroup: GROUP },
  })
  const much = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]
  await client.create(ROLES, { metadata: { name: 'much', namespace: 'default' }, rules: much })
  await client.create(ROLES, { metadata: { name: 'free', namespace: 'default' } })
})

const jane = () => server.clientFor('jane', ['system:authenticated'])
const NOT_HELD =
  'user "jane" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n'
const pods = (verbs: string[], more: Partial<PolicyRule> = {}): PolicyRule => ({
  apiGroups: [''],
  resources: ['pods'],
  verbs,
  ...more,
})

describe('a role', () => {
  const cases: readonly (readonly [rules: PolicyRule[], missing: string])[] = [
    [[pods(['get'])], ''],
    [[pods(['get'], { resourceNames: ['a'] })], ''],
    [[pods(['get', 'list', 'watch'])], '{APIGroups:[""], Resources:["pods"], Verbs:["list" "watch"]}'],
    [[pods(['get'], { resources: ['pods/log'] })], '{APIGroups:[""], Resources:["pods/log"], Verbs:["get"]}'],
    [
      [pods(['delete'], { resourceNames: ['a', 'b'] })],
      '{APIGroups:[""], Resources:["pods"], ResourceNames:["a"], Verbs:["delete"]}\n' +
        '{APIGroups:[""], Resources:["pods"], ResourceNames:["b"], Verbs:["delete"]}',
    ],
  ]
  test.each(cases)('with %j may be made unless it gives %s', async (rules, missing) => {
    const made = jane().create(ROLES, { metadata: { name: 'r', namespace: 'default' }, rules }, { dryRun: true })
    const refused = `roles.rbac.authorization.k8s.io "r" is forbidden: ${NOT_HELD}${missing}`
    expect(await answerOf(made)).toBe(missing === '' ? 'allowed' : refused)
  })

  test('of the cluster gives no path that its maker may not ask for, and gathers no others', async () => {
    const paths = [{ nonResourceURLs: ['/x', '/y*'], verbs: ['get'] }]
    const made = jane().create(CLUSTER_ROLES, { metadata: { name: 'r' }, rules: paths })
    expect(await answerOf(made)).toContain(
      '{NonResourceURLs:["/x"], Verbs:["get"]}\n{NonResourceURLs:["/y*"], Verbs:["get"]}',
    )
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] }
    const gathering = jane().create(CLUSTER_ROLES, { metadata: { name: 'r' }, aggregationRule })
    expect(await answerOf(gathering)).toBe(
      'clusterroles.rbac.authorization.k8s.io "r" is forbidden: must have cluster-admin privileges to use the aggregationRule',
    )
  })

  const ref = (name: string) => ({ name, namespace: 'default' })
  const merge = (name: string, body: object) => jane().patch(ROLES, ref(name), 'merge', body, { dryRun: true })

  test('is not changed by who does not hold its rules, but for what ties it to others', async () => {
    expect(await answerOf(merge('much', { metadata: { labels: { a: 'b' } } }))).toContain(
      `"much" is forbidden: ${NOT_HELD}{APIGroups:["*"], Resources:["*"], Verbs:["*"]}`,
    )
    expect(await answerOf(merge('much', { metadata: { finalizers: ['a.io/b'] } }))).toBe('allowed')
    expect(await answerOf(merge('free', { rules: [pods(['*'])] }))).toBe('allowed')
  })
})

describe('a binding', () => {
  const bind = (kind: string, name: string) =>
    answerOf(
      jane().create(
        ROLE_BINDINGS,
        { metadata: { name: 'b', namespace: 'default' }, roleRef: { kind, name, apiGroup: GROUP } },
        { dryRun: true },
      ),
    )

  test('gives only what its maker holds, or may bind', async () => {
    expect(await bind('Role', 'much')).toBe(
      `rolebindings.rbac.authorization.k8s.io "b" is forbidden: ${NOT_HELD}{APIGroups:["*"], Resources:["*"], Verbs:["*"]}`,
    )
    expect(await bind('Role', 'free')).toBe('allowed')
    expect(await bind('ClusterRole', 'view')).toBe('allowed')
    expect(await bind('ClusterRole', 'granter')).toBe('allowed')
  })

  test('of a role that is not there is told as if it were missing itself', async () => {
    expect(await bind('ClusterRole', 'none')).toBe('rolebindings.rbac.authorization.k8s.io "none" not found')
  })
})
