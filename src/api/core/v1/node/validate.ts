/** What a Node must be and what may change of it (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/). */

import { isIP, isIPv4 } from 'node:net'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { labelValue, qualifiedName } from '../../../../meta/names.ts'
import {
  deepEqual,
  duplicate,
  ENOUGH,
  forbiddenField,
  invalidEach,
  invalidValue,
  judgeAll,
  required,
} from '../../../../meta/validation.ts'
import type { Node, Taint } from '../../../generated/core-v1.ts'
import { validateTaintEffect } from '../pod/validation/scheduling.ts'
import { validateResourceAmount, validateResourceName } from '../resource-names.ts'

type Shared = DeepReadonly<Node>

export function validateNode(node: Shared, root: FieldPath): FieldError[] {
  const { spec, status } = node
  return [
    // Kubernetes tells the place of taints so.
    ...validateTaints(spec?.taints, root.child('metadata', 'taints')),
    ...(['capacity', 'allocatable'] as const).flatMap((part) =>
      validateAmounts(status?.[part], root.child('status', part)),
    ),
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
      const fault = duplicate(here, taint)
      faults.push({ ...fault, message: `${fault.message}: taints must be unique by key and effect pair` })
    }
    seen.add(`${effect} ${key}`)
    return faults
  })
}

function validateAmounts(amounts: Readonly<Record<string, string>> | undefined, path: FieldPath): FieldError[] {
  return Object.entries(amounts ?? {}).flatMap(([name, amount]) => [
    ...validateResourceName(name, path.key(name)),
    ...validateResourceAmount(name, amount, path.key(name)),
  ])
}

function validatePodCidrs(ranges: readonly string[] | undefined, path: FieldPath): FieldError[] {
  if (ranges === undefined) return []
  const faults = ranges.flatMap((range, at) => validateCidr(range, path.index(at)))
  const families = new Set(ranges.map((range) => isIPv4(range.split('/')[0] ?? '')))
  if (ranges.length > 1 && (ranges.length > 2 || families.size < 2)) {
    faults.push(invalidValue(path, ranges, 'may specify no more than one CIDR for each IP family'))
  }
  return faults
}

/** An address range of either family, such as `10.9.8.0/24`. */
export function validateCidr(range: string, path: FieldPath): FieldError[] {
  const [address = '', bits = ''] = range.split('/')
  const family = isIP(address)
  const isRight = family !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)
  if (isRight && range.split('/').length === 2) return []
  return [invalidValue(path, range, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')]
}

export function validateNodeUpdate(node: Shared, old: Shared, root: FieldPath): FieldError[] {
  const faults = [
    ...validateNodeAtUpdate(node, old, root),
    ...validateTaints(node.spec?.taints, root.child('metadata', 'taints')),
  ]
  if ((node.spec?.externalID ?? '') !== (old.spec?.externalID ?? '')) {
    faults.push(forbiddenField(root.child('spec', 'externalID'), 'may not be updated'))
  }
  return faults
}

/** What any Node must be, and the rules of a change but for those that come last. */
function validateNodeAtUpdate(node: Shared, old: Shared, root: FieldPath): FieldError[] {
  const faults = validateNode(node, root)
  const seen = new Set<string>()
  for (const [at, address] of (node.status?.addresses ?? []).entries()) {
    if (faults.length > ENOUGH) break
    const key = `${address.type} ${address.address}`
    if (seen.has(key)) faults.push(duplicate(root.child('status', 'addresses').index(at), address))
    seen.add(key)
  }
  const spec = root.child('spec')
  if ((old.spec?.podCIDRs?.length ?? 0) > 0 && !deepEqual(node.spec?.podCIDRs, old.spec?.podCIDRs)) {
    const words = 'node updates may not change podCIDR except from "" to valid'
    faults.push(forbiddenField(spec.child('podCIDRs'), words))
  }
  const before = old.spec?.providerID ?? ''
  if (before !== '' && node.spec?.providerID !== before) {
    const words = 'node updates may not change providerID except from "" to valid'
    faults.push(forbiddenField(spec.child('providerID'), words))
  }
  return faults
}
