/** Rules for podFailurePolicy and successPolicy (https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { goList } from '../../../../meta/go-quote.ts'
import { qualifiedName } from '../../../../meta/names.ts'
import {
  duplicate,
  invalidEach,
  invalidUnshown,
  invalidValue,
  nonNegative,
  notSupported,
  required,
  tooLong,
  tooMany,
} from '../../../../meta/validation.ts'
import { isGiven } from '../../../../wire/json/nil.ts'
import type { JobSpec, PodFailurePolicyRule, SuccessPolicyRule } from '../../../generated/batch-v1.ts'
import { countIndexes } from './indexes.ts'

const MAX_RULES = 20
const MAX_EXIT_CODES = 255
const MAX_CONDITIONS = 20
const MAX_SUCCEEDED_INDEXES = 64 * 1024
const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore']

/** Every fault of a Pod failure policy. */
export function validatePodFailurePolicy(spec: DeepReadonly<JobSpec>, path: FieldPath): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? []
  const at = path.child('rules')
  const containers = new Set(
    [...(spec.template?.spec?.containers ?? []), ...(spec.template?.spec?.initContainers ?? [])].map(
      ({ name }) => name,
    ),
  )
  return [
    ...(rules.length > MAX_RULES ? [tooMany(at, rules.length, MAX_RULES)] : []),
    ...rules.flatMap((rule, position) => validateRule(rule, { path: at.index(position), containers, spec })),
  ]
}

interface RuleContext {
  readonly path: FieldPath
  readonly containers: ReadonlySet<string>
  readonly spec: DeepReadonly<JobSpec>
}

function validateRule(rule: DeepReadonly<PodFailurePolicyRule>, { path, containers, spec }: RuleContext): FieldError[] {
  const { action, onExitCodes, onPodConditions } = rule
  const faults: FieldError[] = []
  const at = path.child('action')
  if (!action) faults.push(required(at, `valid values: ${goList(ACTIONS)}`))
  else if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) {
    faults.push(invalidValue(at, action, 'requires the backoffLimitPerIndex to be set'))
  } else if (!ACTIONS.includes(action)) faults.push(notSupported(at, action, ACTIONS))
  if (onExitCodes !== undefined) faults.push(...validateExitCodes(onExitCodes, path.child('onExitCodes'), containers))
  const patterns = onPodConditions ?? []
  if (patterns.length > MAX_CONDITIONS)
    faults.push(tooMany(path.child('onPodConditions'), patterns.length, MAX_CONDITIONS))
  for (const [position, { type, status }] of patterns.entries()) {
    const pattern = path.child('onPodConditions').index(position)
    faults.push(...invalidEach(pattern.child('type'), type, qualifiedName(type)))
    if (!status) faults.push(required(pattern.child('status'), `valid values: ${goList(['False', 'True', 'Unknown'])}`))
    else if (!['False', 'True', 'Unknown'].includes(status)) {
      faults.push(notSupported(pattern.child('status'), status, ['False', 'True', 'Unknown']))
    }
  }
  if (onExitCodes !== undefined && patterns.length > 0) {
    faults.push(invalidUnshown(path, 'specifying both OnExitCodes and OnPodConditions is not supported'))
  }
  if (onExitCodes === undefined && patterns.length === 0) {
    faults.push(invalidUnshown(path, 'specifying one of OnExitCodes and OnPodConditions is required'))
  }
  return faults
}

function validateExitCodes(
  { containerName, operator, values }: NonNullable<DeepReadonly<PodFailurePolicyRule>['onExitCodes']>,
  path: FieldPath,
  containers: ReadonlySet<string>,
): FieldError[] {
  const faults: FieldError[] = []
  if (!operator) faults.push(required(path.child('operator'), `valid values: ${goList(['In', 'NotIn'])}`))
  else if (operator !== 'In' && operator !== 'NotIn')
    faults.push(notSupported(path.child('operator'), operator, ['In', 'NotIn']))
  if (containerName !== undefined && !containers.has(containerName)) {
    faults.push(
      invalidValue(
        path.child('containerName'),
        containerName,
        'must be one of the container or initContainer names in the pod template',
      ),
    )
  }
  const at = path.child('values')
  if (values.length === 0)
    faults.push(invalidValue(at, isGiven(values) ? values : null, 'at least one value is required'))
  if (values.length > MAX_EXIT_CODES) faults.push(tooMany(at, values.length, MAX_EXIT_CODES))
  const known = new Set<number>()
  values.forEach((value, position) => {
    const here = at.index(position)
    if (operator === 'In' && value === 0) faults.push(invalidValue(here, 0, 'must not be 0 for the In operator'))
    if (known.has(value)) faults.push(duplicate(here, value))
    known.add(value)
  })
  const isOrdered = values.every((value, position) => position === 0 || (values[position - 1] ?? 0) <= value)
  if (!isOrdered) faults.push(invalidValue(at, values, 'must be ordered'))
  return faults
}

/** Every fault of a success policy. */
export function validateSuccessPolicy(spec: DeepReadonly<JobSpec>, path: FieldPath): FieldError[] {
  if (spec.completionMode !== 'Indexed')
    return [invalidValue(path, spec.successPolicy, 'requires indexed completion mode')]
  const rules = spec.successPolicy?.rules ?? []
  const at = path.child('rules')
  if (rules.length === 0)
    return [required(at, 'at least one rules must be specified when the successPolicy is specified')]
  if (rules.length > MAX_RULES) return [tooMany(at, rules.length, MAX_RULES)]
  return rules.flatMap((rule, position) => validateSuccessRule(rule, spec.completions ?? 0, at.index(position)))
}

function validateSuccessRule(
  { succeededIndexes, succeededCount }: DeepReadonly<SuccessPolicyRule>,
  completions: number,
  path: FieldPath,
): FieldError[] {
  if (succeededIndexes === undefined && succeededCount === undefined)
    return [required(path, 'at least one of succeededCount or succeededIndexes must be specified')]
  const faults: FieldError[] = []
  const indexes = path.child('succeededIndexes')
  const read = countIndexes(succeededIndexes ?? '', completions)
  if (Buffer.byteLength(succeededIndexes ?? '') > MAX_SUCCEEDED_INDEXES)
    faults.push(tooLong(indexes, MAX_SUCCEEDED_INDEXES))
  if ('fault' in read)
    faults.push(invalidValue(indexes, succeededIndexes, `error parsing succeededIndexes: ${read.fault}`))
  if (succeededCount === undefined) return faults
  const count = path.child('succeededCount')
  const atMost = (limit: number, of: string) => {
    if (succeededCount > limit)
      faults.push(invalidValue(count, succeededCount, `must be less than or equal to ${limit} (the number of ${of})`))
  }
  faults.push(...nonNegative(succeededCount, count))
  atMost(completions, 'specified completions')
  if (succeededIndexes !== undefined)
    atMost('value' in read ? read.value : 0, 'indexes in the specified succeededIndexes field')
  return faults
}
