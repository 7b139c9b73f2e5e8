/** Which resources a quota counts, by the names of its limits (https://kubernetes.io/docs/concepts/policy/resource-quotas/#object-count-quota). Pure. */

import { isExtendedResource } from '../../api/core/v1/resource-names.ts'
import { AS_RESOURCE, OF_DEVICE_CLASS } from '../../api/core/v1/resourcequota/device-usage.ts'
import type { AnyResource } from '../kit/all-resources.ts'

/** Limits, or amounts, by their names. */
export type Hard = Readonly<Record<string, string>>

/** Whether a quota with these names needs the objects of a resource. */
export function concerns(hard: Hard, { group, resource }: AnyResource): boolean {
  const names = Object.keys(hard)
  const counted = `count/${group === '' ? resource : `${resource}.${group}`}`
  if (names.includes(counted)) return true
  if (group === 'resource.k8s.io' && resource === 'resourceclaims') return names.some(isOfDeviceClass)
  if (group !== '') return false
  switch (resource) {
    case 'pods':
      return names.some((name) => !isOfOthers(name))
    case 'services':
      return names.some((name) => name === 'services' || name.startsWith('services.'))
    case 'persistentvolumeclaims':
      return names.some((name) => name.endsWith('requests.storage') || name.includes('persistentvolumeclaims'))
    default:
      return names.includes(resource)
  }
}

/** Names that classes of devices may have for Pods to ask by are among them, whether one has. */
const isOfDeviceClass = (name: string) =>
  name.endsWith(OF_DEVICE_CLASS) ||
  name.startsWith(`requests.${AS_RESOURCE}`) ||
  (name.startsWith(REQUESTS) && isExtendedResource(name.slice(REQUESTS.length)))

const REQUESTS = 'requests.'

/** Whether no Pod counts under a name. */
const isOfOthers = (name: string) =>
  name.startsWith('count/') || OTHERS.has(name) || name.includes('storageclass') || name.endsWith(OF_DEVICE_CLASS)

const OTHERS = new Set([
  'services',
  'services.nodeports',
  'services.loadbalancers',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'requests.storage',
])

/** The limits whose names something here uses; others are not counted at all. */
export function countable(hard: Hard, resources: readonly AnyResource[]): Hard {
  return Object.fromEntries(
    Object.entries(hard).filter(([name]) => resources.some((resource) => concerns({ [name]: '' }, resource))),
  )
}
