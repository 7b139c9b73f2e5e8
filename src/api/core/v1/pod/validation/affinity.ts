/** Which nodes a Pod may go to (https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/). */

import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { dnsSubdomain, labelName, labelValue, qualifiedName } from '../../../../../meta/names.ts'
import { validateLabelSelector } from '../../../../../meta/validate-label-selector.ts'
import {
  ENOUGH,
  forbiddenField,
  invalidEach,
  invalidValue,
  judgeAll,
  required,
} from '../../../../../meta/validation.ts'
import type {
  Affinity,
  NodeAffinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
} from '../../../../generated/core-v1.ts'

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'

export function validateAffinity(affinity: DeepReadonly<Affinity> | undefined, path: FieldPath): FieldError[] {
  if (affinity === undefined) return []
  return [
    ...validateNodeAffinity(affinity.nodeAffinity, path.child('nodeAffinity')),
    ...validatePodAffinity(affinity.podAffinity, path.child('podAffinity')),
    ...validatePodAffinity(affinity.podAntiAffinity, path.child('podAntiAffinity')),
  ]
}

function validateNodeAffinity(affinity: DeepReadonly<NodeAffinity> | undefined, path: FieldPath): FieldError[] {
  if (affinity === undefined) return []
  const faults: FieldError[] = []
  const wanted = affinity[REQUIRED]
  if (wanted !== undefined) faults.push(...validateNodeSelector(wanted, path.child(REQUIRED)))
  for (const [at, { weight, preference }] of (affinity[PREFERRED] ?? []).entries()) {
    if (faults.length > ENOUGH) break
    const here = path.child(PREFERRED).index(at)
    faults.push(
      ...validateWeight(weight, here),
      ...validateNodeSelectorTerm(preference, here.child('preference'), true),
    )
  }
  return faults
}

function validateWeight(weight: number, path: FieldPath): FieldError[] {
  return weight >= 1 && weight <= 100 ? [] : [invalidValue(path.child('weight'), weight, 'must be in the range 1-100')]
}

/** Terms of which a node must meet one; shared with PersistentVolumes. */
export function validateNodeSelector(selector: DeepReadonly<NodeSelector>, path: FieldPath): FieldError[] {
  const terms = path.child('nodeSelectorTerms')
  const list = selector.nodeSelectorTerms ?? []
  if (list.length === 0) return [required(terms, 'must have at least one node selector term')]
  return list.flatMap((term, at) => validateNodeSelectorTerm(term, terms.index(at)))
}

/** A term that is only preferred may have values that no label has: those are warned of. */
function validateNodeSelectorTerm(
  term: DeepReadonly<NodeSelectorTerm>,
  path: FieldPath,
  anyValue = false,
): FieldError[] {
  return [
    ...judgeAll(term.matchExpressions, (requirement, at) =>
      validateNodeLabel(requirement, path.child('matchExpressions').index(at), anyValue),
    ),
    ...judgeAll(term.matchFields, (requirement, at) =>
      validateNodeField(requirement, path.child('matchFields').index(at)),
    ),
  ]
}

function validateNodeLabel(
  requirement: DeepReadonly<NodeSelectorRequirement>,
  path: FieldPath,
  anyValue: boolean,
): FieldError[] {
  const { key, operator, values = [] } = requirement
  return [
    ...validateNodeOperator(operator, values.length, path),
    ...invalidEach(path.child('key'), key, qualifiedName(key)),
    ...(anyValue
      ? []
      : values.flatMap((value, at) => invalidEach(path.child('values').index(at), value, labelValue(value)))),
  ]
}

function validateNodeOperator(operator: string, values: number, path: FieldPath): FieldError[] {
  const here = path.child('values')
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values > 0 ? [] : [required(here, "must be specified when `operator` is 'In' or 'NotIn'")]
    case 'Exists':
    case 'DoesNotExist':
      if (values === 0) return []
      return [forbiddenField(here, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
    case 'Gt':
    case 'Lt':
      return values === 1 ? [] : [required(here, "must be specified single value when `operator` is 'Lt' or 'Gt'")]
    default:
      return [invalidValue(path.child('operator'), operator, 'not a valid selector operator')]
  }
}

function validateNodeField(requirement: DeepReadonly<NodeSelectorRequirement>, path: FieldPath): FieldError[] {
  const { key, operator, values = [] } = requirement
  const faults: FieldError[] = []
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length !== 1) {
      const words = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
      faults.push(required(path.child('values'), words))
    }
  } else faults.push(invalidValue(path.child('operator'), operator, 'not a valid selector operator'))
  if (key !== 'metadata.name') {
    faults.push(invalidValue(path.child('key'), key, 'not a valid field selector key'))
    return faults
  }
  const names = values.flatMap((value, at) => invalidEach(path.child('values').index(at), value, dnsSubdomain(value)))
  return [...faults, ...names]
}

function validatePodAffinity(affinity: DeepReadonly<PodAffinity> | undefined, path: FieldPath): FieldError[] {
  if (affinity === undefined) return []
  const faults: FieldError[] = []
  for (const [at, term] of (affinity[REQUIRED] ?? []).entries()) {
    if (faults.length > ENOUGH) break
    faults.push(...validatePodAffinityTerm(term, path.child(REQUIRED).index(at)))
  }
  for (const [at, { weight, podAffinityTerm }] of (affinity[PREFERRED] ?? []).entries()) {
    if (faults.length > ENOUGH) break
    const here = path.child(PREFERRED).index(at)
    faults.push(
      ...validateWeight(weight, here),
      ...validatePodAffinityTerm(podAffinityTerm, here.child('podAffinityTerm')),
    )
  }
  return faults
}

function validatePodAffinityTerm(term: DeepReadonly<PodAffinityTerm>, path: FieldPath): FieldError[] {
  const faults = [
    ...validateLabelSelector(term.labelSelector, path.child('labelSelector')),
    ...validateLabelSelector(term.namespaceSelector, path.child('namespaceSelector')),
    ...judgeAll(term.namespaces, (name) => invalidEach(path.child('namespace'), name, labelName(name, false))),
    ...validateMatchKeys(term, path),
  ]
  const here = path.child('topologyKey')
  if (term.topologyKey === '') faults.push(required(here, 'can not be empty'))
  faults.push(...invalidEach(here, term.topologyKey, qualifiedName(term.topologyKey)))
  return faults
}

function validateMatchKeys(term: DeepReadonly<PodAffinityTerm>, path: FieldPath): FieldError[] {
  const { matchLabelKeys = [], mismatchLabelKeys = [], labelSelector } = term
  const faults: FieldError[] = []
  for (const field of ['matchLabelKeys', 'mismatchLabelKeys'] as const) {
    const keys = term[field] ?? []
    if (keys.length > 0 && labelSelector === undefined) {
      faults.push(forbiddenField(path.child(field), 'must not be specified when labelSelector is not set'))
    }
    for (const [at, key] of keys.entries()) {
      if (faults.length > ENOUGH) break
      faults.push(...invalidEach(path.child(field).index(at), key, qualifiedName(key)))
    }
  }
  const mismatched = new Set(mismatchLabelKeys)
  for (const [at, key] of matchLabelKeys.entries()) {
    if (faults.length > ENOUGH) break
    if (mismatched.has(key)) {
      faults.push(
        invalidValue(
          path.child('matchLabelKeys').index(at),
          key,
          'exists in both matchLabelKeys and mismatchLabelKeys',
        ),
      )
    }
  }
  return faults
}
