/** Tolerations, spreading and gates (https://kubernetes.io/docs/concepts/scheduling-eviction/). */

import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { intFault } from '../../../../../meta/go-integers.ts'
import { labelValue, qualifiedName } from '../../../../../meta/names.ts'
import { validateLabelSelector } from '../../../../../meta/validate-label-selector.ts'
import {
  duplicate,
  ENOUGH,
  forbiddenField,
  invalidEach,
  invalidValue,
  judgeAll,
  notSupported,
  required,
} from '../../../../../meta/validation.ts'
import type { PodSchedulingGate, Toleration, TopologySpreadConstraint } from '../../../../generated/core-v1.ts'

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

export function validateTolerations(tolerations: readonly Toleration[] | undefined, path: FieldPath): FieldError[] {
  return judgeAll(tolerations, (toleration, at) => validateToleration(toleration, path.index(at)))
}

function validateToleration(toleration: Toleration, path: FieldPath): FieldError[] {
  const { key = '', operator = '', effect = '', tolerationSeconds } = toleration
  const faults: FieldError[] = []
  if (key !== '') faults.push(...invalidEach(path.child('key'), key, qualifiedName(key)))
  else if (operator !== 'Exists') {
    const words = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
    faults.push(invalidValue(path.child('operator'), operator, words))
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    const words = "effect must be 'NoExecute' when `tolerationSeconds` is set"
    faults.push(invalidValue(path.child('effect'), effect, words))
  }
  faults.push(...validateTolerationValue(toleration, path))
  if (effect !== '') faults.push(...validateTaintEffect(effect, path.child('effect')))
  return faults
}

function validateTolerationValue(toleration: Toleration, path: FieldPath): FieldError[] {
  const { operator = '', value = '' } = toleration
  switch (operator) {
    case '':
    case 'Equal': {
      const wrong = labelValue(value)
      return wrong.length === 0 ? [] : [invalidValue(path.child('operator'), value, wrong.join(';'))]
    }
    case 'Exists':
      if (value === '') return []
      return [invalidValue(path.child('operator'), value, "value must be empty when `operator` is 'Exists'")]
    case 'Gt':
    case 'Lt':
      return invalidEach(path.child('value'), value, integerFaults(value))
    default:
      return [notSupported(path.child('operator'), operator, ['Equal', 'Exists'])]
  }
}

/** What keeps a text from being a whole number, written without ornaments, of 64 bits. */
function integerFaults(value: string): string[] {
  const isPlain = /^(0|-?[1-9]\d*)$/.test(value)
  const shape =
    value === '' ? 'must be non-empty' : isPlain ? undefined : 'must be a valid decimal integer in canonical form'
  return [shape, intFault(value)].filter((fault) => fault !== undefined)
}

/** What a taint does; shared with Nodes. */
export function validateTaintEffect(effect: string, path: FieldPath): FieldError[] {
  return EFFECTS.includes(effect) ? [] : [notSupported(path, effect, EFFECTS)]
}

export function validateSchedulingGates(
  gates: readonly PodSchedulingGate[] | undefined,
  path: FieldPath,
): FieldError[] {
  const faults: FieldError[] = []
  const seen = new Set<string>()
  for (const [at, { name }] of (gates ?? []).entries()) {
    if (faults.length > ENOUGH) break
    faults.push(...invalidEach(path.index(at), name, qualifiedName(name)))
    if (seen.has(name)) faults.push(duplicate(path.index(at), name))
    seen.add(name)
  }
  return faults
}

type Constraint = DeepReadonly<TopologySpreadConstraint>

export function validateSpreadConstraints(
  constraints: readonly Constraint[] | undefined,
  path: FieldPath,
): FieldError[] {
  const list = constraints ?? []
  const twin = ({ topologyKey, whenUnsatisfiable }: Constraint) => `{${topologyKey}, ${whenUnsatisfiable}}`
  const last = new Map(list.map((constraint, at) => [twin(constraint), at]))
  return judgeAll(list, (constraint, at) => {
    const here = path.index(at)
    const faults = validateSpreadConstraint(constraint, here)
    const name = twin(constraint)
    if (last.get(name)! > at) faults.push(duplicate(here.child('{topologyKey, whenUnsatisfiable}'), name))
    return [
      ...faults,
      ...validateSpreadPolicies(constraint, here),
      ...validateSpreadKeys(constraint, here.child('matchLabelKeys')),
      ...validateLabelSelector(constraint.labelSelector, here.child('labelSelector')),
    ]
  })
}

const ACTIONS = ['DoNotSchedule', 'ScheduleAnyway']

function validateSpreadConstraint(constraint: Constraint, path: FieldPath): FieldError[] {
  const { maxSkew, topologyKey, minDomains, whenUnsatisfiable } = constraint
  const faults: FieldError[] = []
  if (maxSkew <= 0) faults.push(invalidValue(path.child('maxSkew'), maxSkew, 'must be greater than zero'))
  if (topologyKey === '') faults.push(required(path.child('topologyKey'), 'can not be empty'))
  if (!ACTIONS.includes(whenUnsatisfiable)) {
    faults.push(notSupported(path.child('whenUnsatisfiable'), whenUnsatisfiable, ACTIONS))
  }
  if (minDomains === undefined) return faults
  const here = path.child('minDomains')
  if (minDomains <= 0) faults.push(invalidValue(here, minDomains, 'must be greater than zero'))
  if (whenUnsatisfiable !== 'DoNotSchedule') {
    const words = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`
    faults.push(invalidValue(here, minDomains, words))
  }
  return faults
}

function validateSpreadPolicies(constraint: Constraint, path: FieldPath): FieldError[] {
  const supported = ['Honor', 'Ignore']
  return (['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const).flatMap((field) => {
    const policy = constraint[field]
    return policy === undefined || supported.includes(policy)
      ? []
      : [notSupported(path.child(field), policy, supported)]
  })
}

function validateSpreadKeys({ matchLabelKeys = [], labelSelector }: Constraint, path: FieldPath): FieldError[] {
  if (matchLabelKeys.length === 0) return []
  if (labelSelector === undefined) {
    return [forbiddenField(path, 'must not be specified when labelSelector is not set')]
  }
  return matchLabelKeys.flatMap((key, at) => invalidEach(path.index(at), key, qualifiedName(key)))
}
