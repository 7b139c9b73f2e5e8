/**
 * Extended resources that devices stand behind: Pods ask for them as they ask for CPU, and a DeviceClass says which
 * devices are meant (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#extended-resource).
 */

import type { DeviceClass } from '../../api/generated/resource-v1.ts'
import type { Informer } from '../../client/informer.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { amountOf } from '../snapshot/resources.ts'
import type { NodeInfo } from '../snapshot/node-info.ts'

type ReadClass = DeepReadonly<DeviceClass>

/** The class of the devices behind a resource; undefined where there is none. */
export type ClassFor = (resource: string) => ReadClass | undefined

/** Every class is asked for under this name, too. */
const OF_CLASS = 'deviceclass.resource.kubernetes.io/'
const BY_RESOURCE = 'extendedResource'

/** For clusters without devices. */
export const noClass: ClassFor = () => undefined

/** Finds the classes of an informer. Of several that name one resource, the newest counts. */
export function classesByResource(classes: Informer<DeviceClass>): ClassFor {
  classes.addIndex(BY_RESOURCE, resourcesOf)
  return (resource) => {
    const [first, ...others] = isDeviceResource(resource) ? classes.byIndex(BY_RESOURCE, resource) : []
    return others.reduce((best, next) => (best !== undefined && comesBefore(best, next) ? best : next), first)
  }
}

/** The resources under which a class is asked for. */
export function resourcesOf({ metadata: { name = '' }, spec }: ReadClass): readonly string[] {
  const { extendedResourceName } = spec
  return [`${OF_CLASS}${name}`, ...(extendedResourceName === undefined ? [] : [extendedResourceName])]
}

function comesBefore({ metadata: a }: ReadClass, { metadata: b }: ReadClass): boolean {
  const [timeA, timeB] = [a.creationTimestamp ?? '', b.creationTimestamp ?? '']
  return timeA === timeB ? (a.name ?? '') < (b.name ?? '') : timeA > timeB
}

/** Whether it is a resource that devices may stand behind. */
export const isDeviceResource = (name: string): boolean => isExtendedResource(name) || name.startsWith(OF_CLASS)

/** Only a resource of a domain that is not Kubernetes's own is an extended one. */
export const isExtendedResource = (name: string): boolean => name.includes('/') && !name.includes('kubernetes.io/')

/** The class behind a resource that the node itself does not offer. */
export function classBehind(resource: string, node: NodeInfo, classFor: ClassFor): ReadClass | undefined {
  return amountOf(node.allocatable, resource) > 0 ? undefined : classFor(resource)
}
