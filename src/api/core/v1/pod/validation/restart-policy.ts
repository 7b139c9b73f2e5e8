/** A container's own restart policy and rules (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#individual-container-restart-policy-and-rules). */

import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { notSupported, required, tooMany } from '../../../../../meta/validation.ts'
import type { Container, ContainerRestartRule } from '../../../../generated/core-v1.ts'

const POLICIES = ['Always', 'Never', 'OnFailure']
const ACTIONS = ['Restart', 'RestartAllContainers']
const OPERATORS = ['In', 'NotIn']
const MAX_RULES = 20
const MAX_EXIT_CODES = 255

/** Of init containers: without a policy nothing more is said of the rules. */
export function validateInitRestartPolicy(container: DeepReadonly<Container>, path: FieldPath): FieldError[] {
  const faults = validateRestartPolicy(container, path)
  return container.restartPolicy === undefined ? faults.slice(0, 1) : faults
}

export function validateRestartPolicy(container: DeepReadonly<Container>, path: FieldPath): FieldError[] {
  const { restartPolicy, restartPolicyRules: rules = [] } = container
  const faults: FieldError[] = []
  const here = path.child('restartPolicy')
  if (restartPolicy !== undefined && !POLICIES.includes(restartPolicy)) {
    faults.push(notSupported(here, restartPolicy, POLICIES))
  }
  if (rules.length === 0) return faults
  if (restartPolicy === undefined) faults.push(required(here, 'must specify restartPolicy when restart rules are used'))
  const list = path.child('restartPolicyRules')
  if (rules.length > MAX_RULES) faults.push(tooMany(list, rules.length, MAX_RULES))
  for (const [at, rule] of rules.entries()) faults.push(...validateRule(rule, list.index(at)))
  return faults
}

function validateRule({ action = '', exitCodes }: DeepReadonly<ContainerRestartRule>, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  if (!ACTIONS.includes(action)) faults.push(notSupported(path.child('action'), action, ACTIONS))
  const here = path.child('exitCodes')
  if (exitCodes === undefined) return [...faults, required(here, 'must be specified')]
  if (!OPERATORS.includes(exitCodes.operator)) {
    faults.push(notSupported(here.child('operator'), exitCodes.operator ?? '', OPERATORS))
  }
  const count = exitCodes.values?.length ?? 0
  if (count > MAX_EXIT_CODES) faults.push(tooMany(here.child('values'), count, MAX_EXIT_CODES))
  return faults
}
