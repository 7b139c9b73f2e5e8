/** Policies of admission, one for each case, each about objects of its label: made, noticed, tried, and forgotten. */

import { configMap, of } from './objects.ts'
import { at, post, remove, script, type Step } from './script.ts'

const API = '/apis/admissionregistration.k8s.io/v1'
const GROUP = 'admissionregistration.k8s.io/v1'
/** A real API server notices policies once a second. */
const NOTICED = 2_500

export type Json = Readonly<Record<string, unknown>>

export interface Case {
  readonly name: string
  readonly spec: Json
  readonly binding?: Json
  readonly rule?: Json
  readonly steps: readonly Step[]
}

export const rule = (resources: string, operations = 'CREATE UPDATE', group = '', version = 'v1') => ({
  apiGroups: [group],
  apiVersions: [version],
  operations: operations.split(' '),
  resources: resources.split(' '),
})
export const holds = (expression: string, more: Json = {}) => ({ expression, ...more })
/** A ConfigMap that only the case's policy is about. */
export const labelled = (name: string, data: Json = { a: '1' }) =>
  configMap(`c-${name}`, { data }, { labels: { case: name } })
export const made = (name: string, data?: Json) => post(at('configmaps'), labelled(name, data))

/** A policy about ConfigMaps of its label, and one of these made. */
export const simple = (name: string, spec: Json, more: Partial<Case> = {}): Case => ({
  name,
  spec,
  steps: [made(name)],
  ...more,
})

/** A script about policies of the kind `Validating` or `Mutating`. */
export function scriptOf(name: string, kind: 'Validating' | 'Mutating', cases: readonly Case[]) {
  const [policies, bindings] = ['policies', 'policybindings'].map(
    (what) => `${API}/${kind.toLowerCase()}admission${what}`,
  )
  const actions = kind === 'Validating' ? { validationActions: ['Deny'] } : {}

  const prepare = cases.flatMap((each): Step[] => {
    const whole = {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': '$NS' } },
      objectSelector: { matchLabels: { case: each.name } },
      resourceRules: [rule('configmaps')],
      ...each.rule,
    }
    const policyName = `$NS-${each.name}`
    return [
      post(
        policies ?? '',
        of(GROUP, `${kind}AdmissionPolicy`, policyName, { spec: { matchConstraints: whole, ...each.spec } }),
      ),
      post(
        bindings ?? '',
        of(GROUP, `${kind}AdmissionPolicyBinding`, policyName, {
          spec: { policyName, ...actions, ...each.binding },
        }),
      ),
    ]
  })
  const [first, ...rest] = cases.flatMap(({ steps }) => steps)
  const forget = cases.flatMap((each) => [
    remove(`${bindings}/$NS-${each.name}`),
    remove(`${policies}/$NS-${each.name}`),
  ])
  return script(
    name,
    post(at('configmaps'), configMap('p1', { data: { a: '5' } }, { labels: { p: 'only' } })),
    ...prepare,
    { ...(first as Step), waitMs: NOTICED },
    ...rest,
    ...forget,
  )
}
