/**
 * The names of resources and how each is counted
 * (https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/).
 */

import type { FieldError, FieldPath } from '../../../meta/field-path.ts'
import { qualifiedName } from '../../../meta/names.ts'
import { cmpQuantity, parseQuantity } from '../../../meta/quantity.ts'
import { invalidEach, invalidValue, NOT_NEGATIVE } from '../../../meta/validation.ts'

const CONTAINER = new Set(['cpu', 'memory', 'ephemeral-storage'])
const WHOLE = new Set([
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
])
const STANDARD = new Set([
  ...CONTAINER,
  ...WHOLE,
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'storage',
  'requests.storage',
])

const HUGE_PAGES = 'hugepages-'

export const isHugePages = (name: string) => name.startsWith(HUGE_PAGES)

/** Kubernetes's own: without a domain, or of its own domain. */
export const isNativeResource = (name: string) => !name.includes('/') || name.includes('kubernetes.io/')

/** What a device plugin or an operator adds to nodes, such as `example.com/gpu`. */
export function isExtendedResource(name: string): boolean {
  if (isNativeResource(name) || name.startsWith('requests.')) return false
  return qualifiedName(`requests.${name}`).length === 0
}

/** Whether containers may ask for less than their limit. */
export const isOvercommittable = (name: string) => isNativeResource(name) && !isHugePages(name)

/** Whether amounts must be whole. */
const isWholeResource = (name: string) => WHOLE.has(name) || isExtendedResource(name)

const isStandardResource = (name: string) => STANDARD.has(name) || isHugePages(name)
const isContainerResource = (name: string) => CONTAINER.has(name) || isHugePages(name)
export const isQuotaResource = (name: string) =>
  STANDARD.has(name) || isHugePages(name) || isHugePages(name.replace(/^requests\./, ''))

/** A name of anything that is counted. */
export function validateResourceName(name: string, path: FieldPath): FieldError[] {
  const faults = invalidEach(path, name, qualifiedName(name))
  if (faults.length > 0) return faults
  if (name.includes('/') || isStandardResource(name)) return []
  return [invalidValue(path, name, 'must be a standard resource type or fully qualified')]
}

/** A name of what a container may ask for. */
export function validateContainerResourceName(name: string, path: FieldPath): FieldError[] {
  // The usual names need no look at their letters.
  if (CONTAINER.has(name)) return []
  const faults = validateResourceName(name, path)
  if (!name.includes('/')) {
    if (!isContainerResource(name)) faults.push(invalidValue(path, name, 'must be a standard resource for containers'))
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    faults.push(invalidValue(path, name, "doesn't follow extended resource name standard"))
  }
  return faults
}

/** An amount: not negative, and whole where its resource is. */
export function validateResourceAmount(name: string, amount: string, path: FieldPath): FieldError[] {
  const faults = nonNegativeAmount(amount, path)
  if (!CONTAINER.has(name) && isWholeResource(name)) {
    const value = parseQuantity(amount)
    if (value !== undefined && value.nano % 1_000_000_000n !== 0n)
      faults.push(invalidValue(path, amount, 'must be an integer'))
  }
  return faults
}

function nonNegativeAmount(amount: string, path: FieldPath): FieldError[] {
  // Only texts with a sign can be below zero.
  if (!amount.startsWith('-') || cmpQuantity(amount, '0') >= 0) return []
  return [invalidValue(path, amount, NOT_NEGATIVE)]
}

export function positiveAmount(amount: string, path: FieldPath): FieldError[] {
  return cmpQuantity(amount, '0') > 0 ? [] : [invalidValue(path, amount, 'must be greater than zero')]
}
