/** What a Node must be and what may change of it (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/). */

import { isIPv4 } from 'node:net'
import { readCidr, validateCidr } from '../../../../meta/addresses.ts'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { goQuote } from '../../../../meta/go-quote.ts'
import { labelValue, qualifiedName } from '../../../../meta/names.ts'
import {
  duplicate,
  forbiddenField,
  internalFault,
  invalidEach,
  invalidValue,
  judgeAll,
  required,
} from '../../../../meta/validation.ts'
import type { Node, NodeAddress, Taint } from '../../../generated/core-v1.ts'
import { validateTaintEffect } from '../pod/validation/scheduling.ts'
import { validateResourceAmount } from '../resource-names.ts'

type Shared = DeepReadonly<Node>

export function validateNode({ spec, status }: Shared, root: FieldPath): FieldError[] {
  return [
    // Kubernetes tells the places of taints and swap so.
    ...validateTaints(spec?.taints, root.child('metadata', 'taints')),
    ...validateResources(status, root.child('status')),
    ...validateSwap(status?.nodeInfo?.swap?.capacity, root.child('metadata', 'nodeSwapStatus', 'capacity')),
    ...validateDeclaredFeatures(status?.declaredFeatures, root.child('status', 'declaredFeatures')),
    ...validatePodCidrs(spec?.podCIDRs, root.child('spec', 'podCIDRs')),
  ]
}

function validateTaints(taints: readonly DeepReadonly<Taint>[] | undefined, path: FieldPath): FieldError[] {
  const seen = new Set<string>()
  return judgeAll(taints, (taint, at) => {
    const here = path.index(at)
    const { key, value = '', effect } = taint
    const faults = invalidEach(here.child('key'), key, qualifiedName(key))
    const wrong = labelValue(value)
    if (wrong.length > 0) faults.push(invalidValue(here.child('value'), value, wrong.join(';')))
    const stated: string = effect
    faults.push(
      ...(stated === '' ? [required(here.child('effect'))] : validateTaintEffect(stated, here.child('effect'))),
    )
    if (seen.has(`${effect} ${key}`)) {
      const fault = duplicate(here, { Key: key, Value: value, Effect: effect, TimeAdded: taint.timeAdded ?? null })
      faults.push({ ...fault, message: `${fault.message}: taints must be unique by key and effect pair` })
    }
    seen.add(`${effect} ${key}`)
    return faults
  })
}

function validateResources(status: Shared['status'], path: FieldPath): FieldError[] {
  return (['capacity', 'allocatable'] as const).flatMap((part) => {
    const amounts = status?.[part] ?? {}
    return judgeAll(Object.keys(amounts), (name) =>
      validateResourceAmount(name, amounts[name]!, path.child(part, name)),
    )
  })
}

function validateSwap(capacity: number | undefined, path: FieldPath): FieldError[] {
  return capacity === undefined || capacity > 0 ? [] : [invalidValue(path, capacity, 'must be greater than zero')]
}

const FEATURE = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/
const FEATURE_WORDS =
  "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes"
const MAX_FEATURE = 253

/** Names of features, sorted, each once. */
function validateDeclaredFeatures(features: readonly string[] | undefined, path: FieldPath): FieldError[] {
  return judgeAll(features, (feature, at) => {
    const faults: FieldError[] = []
    const words =
      feature.length > MAX_FEATURE
        ? `must be no more than ${MAX_FEATURE} characters`
        : FEATURE.test(feature)
          ? undefined
          : FEATURE_WORDS
    if (words !== undefined) {
      faults.push(invalidValue(path.index(at), feature, `invalid feature name ${goQuote(feature)}: ${words}`))
    }
    const next = features?.[at + 1]
    if (next === undefined || feature < next) return faults
    const there = path.index(at + 1)
    faults.push(
      feature === next ? duplicate(there, next) : invalidValue(there, next, 'list must be sorted alphabetically'),
    )
    return faults
  })
}

function validatePodCidrs(ranges: readonly string[] | undefined, path: FieldPath): FieldError[] {
  if (ranges === undefined) return []
  const faults = ranges.flatMap((range, at) => validateCidr(range, path.index(at)))
  if (ranges.length < 2) return faults
  const wrong = ranges.findIndex((range) => readCidr(range) === undefined)
  if (wrong >= 0) {
    const why = `invalid CIDR[${wrong}]: <nil> (invalid CIDR address: ${ranges[wrong]})`
    faults.push(internalFault(path, `invalid PodCIDRs. failed to check with dual stack with error:${why}`))
  }
  const families = new Set(ranges.map((range) => isIPv4(range.split('/')[0] ?? '')))
  if (wrong >= 0 || ranges.length > 2 || families.size < 2) {
    faults.push(invalidValue(path, ranges, 'may specify no more than one CIDR for each IP family'))
  }
  return faults
}

/** The rules of an update: what any Node must be is judged again by those of a change. */
export function validateNodeUpdate(node: Shared, old: Shared, root: FieldPath): FieldError[] {
  return [...validateNode(node, root), ...validateNodeChange(node, old, root)]
}

/** What may change of a Node, also through its status. */
export function validateNodeChange(node: Shared, old: Shared, root: FieldPath): FieldError[] {
  const status = root.child('status')
  const faults = [
    ...validateResources(node.status, status),
    ...validateDeclaredFeatures(node.status?.declaredFeatures, status.child('declaredFeatures')),
    ...validateAddresses(node.status?.addresses, status.child('addresses')),
    ...validatePodCidrChange(node.spec?.podCIDRs ?? [], old.spec?.podCIDRs ?? [], root.child('spec', 'podCIDRs')),
  ]
  const before = old.spec?.providerID ?? ''
  if (before !== '' && node.spec?.providerID !== before) {
    const words = 'node updates may not change providerID except from "" to valid'
    faults.push(forbiddenField(root.child('spec', 'providerID'), words))
  }
  faults.push(...validateTaints(node.spec?.taints, root.child('metadata', 'taints')))
  if ((node.spec?.externalID ?? '') !== (old.spec?.externalID ?? '')) {
    faults.push(forbiddenField(root.child('spec', 'externalID'), 'may not be updated'))
  }
  return faults
}

/** No address of a kind is told twice. */
function validateAddresses(addresses: readonly NodeAddress[] | undefined, path: FieldPath): FieldError[] {
  const seen = new Set<string>()
  return judgeAll(addresses, ({ type, address }, at) => {
    const key = `${type} ${address}`
    if (seen.has(key)) return [duplicate(path.index(at), { Type: type, Address: address })]
    seen.add(key)
    return []
  })
}

/** Ranges are given once; each that differs is a fault of its own. */
function validatePodCidrChange(now: readonly string[], before: readonly string[], path: FieldPath): FieldError[] {
  const fault = forbiddenField(path, 'node updates may not change podCIDR except from "" to valid')
  if (before.length > 0 && now.length !== before.length) return [fault]
  return before.filter((range, at) => range !== now[at]).map(() => fault)
}
