/**
 * Resources that the scheduler gave a Pod as devices of a claim
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#extended-resource). Pure.
 */

import type { PodView } from '../pods/pod-view.ts'

/** Whether that resource of a container comes from the Pod's claim. */
export const isDeviceOfClaim = ({ status }: PodView, container: string, resource: string): boolean =>
  (status?.extendedResourceClaimStatus?.requestMappings ?? []).some(
    ({ containerName, resourceName }) => containerName === container && resourceName === resource,
  )
