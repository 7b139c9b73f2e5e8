/** For tests of admission policies: a policy about ConfigMaps, and its binding. */

import type {
  MutatingAdmissionPolicySpec,
  NamedRuleWithOperations,
  ParamRef,
  ValidatingAdmissionPolicySpec,
  ValidationAction,
} from '../../../api/generated/admissionregistration-v1.ts'
import type { Client } from '../../../client/client.ts'
import {
  MUTATING_ADMISSION_POLICIES,
  MUTATING_ADMISSION_POLICY_BINDINGS,
  VALIDATING_ADMISSION_POLICIES,
  VALIDATING_ADMISSION_POLICY_BINDINGS,
} from '../../../client/resources.ts'

/** A rule about writes of some resources of the core group. */
export function ruleFor(resources: string, operations = 'CREATE UPDATE'): NamedRuleWithOperations {
  return {
    apiGroups: [''],
    apiVersions: ['v1'],
    operations: operations.split(' ') as NonNullable<NamedRuleWithOperations['operations']>,
    resources: resources.split(' '),
  }
}

/** Makes the mutating policy `p` and its binding `b`, about ConfigMaps unless the spec says otherwise. */
export async function putMutation(client: Client, name: string, spec: MutatingAdmissionPolicySpec): Promise<void> {
  const matchConstraints = { resourceRules: [ruleFor('configmaps')] }
  const whole: MutatingAdmissionPolicySpec = { matchConstraints, reinvocationPolicy: 'Never', ...spec }
  await client.create(MUTATING_ADMISSION_POLICIES, { metadata: { name }, spec: whole })
  await client.create(MUTATING_ADMISSION_POLICY_BINDINGS, {
    metadata: { name: `${name}-b` },
    spec: { policyName: name },
  })
}

export interface BindingOptions {
  readonly actions?: ValidationAction[]
  readonly paramRef?: ParamRef
}

/** Makes the policy `p` and its binding `b`, about ConfigMaps unless the spec says otherwise. */
export async function putPolicy(
  client: Client,
  spec: ValidatingAdmissionPolicySpec,
  { actions = ['Deny'], paramRef }: BindingOptions = {},
): Promise<void> {
  const matchConstraints = { resourceRules: [ruleFor('configmaps')] }
  await client.create(VALIDATING_ADMISSION_POLICIES, { metadata: { name: 'p' }, spec: { matchConstraints, ...spec } })
  const binding = { policyName: 'p', validationActions: actions, ...(paramRef === undefined ? {} : { paramRef }) }
  await client.create(VALIDATING_ADMISSION_POLICY_BINDINGS, { metadata: { name: 'b' }, spec: binding })
}
