/** What is known of quotas and of everything they count, and what is asked about it. */

import type { CustomResourceDefinition } from '../../api/generated/apiextensions-v1.ts'
import type { Pod, ResourceQuota } from '../../api/generated/core-v1.ts'
import type { DeviceClass, ResourceClaim } from '../../api/generated/resource-v1.ts'
import { type DeviceFacts, firstClaims } from '../../api/core/v1/resourcequota/device-usage.ts'
import type { Counted } from '../../api/core/v1/resourcequota/usage.ts'
import type { Informer, InformerFactory } from '../../client/informer.ts'
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  DEVICE_CLASSES,
  PODS,
  RESOURCE_CLAIMS,
  RESOURCE_QUOTAS,
} from '../../client/resources.ts'
import type { KubeObject } from '../../meta/types.ts'
import { type AnyResource, builtInResources, customResource } from '../kit/all-resources.ts'
import { concerns, type Hard } from './concerns.ts'
import { counted } from './count.ts'

/** A resource whose objects are followed. */
export interface Followed {
  readonly resource: AnyResource
  readonly cache: Informer<KubeObject>
}

export interface Caches {
  readonly quotas: Informer<ResourceQuota>
  readonly definitions: Informer<CustomResourceDefinition>
  /** Every built-in resource that has namespaces. */
  readonly followed: readonly Followed[]
  readonly classes: Informer<DeviceClass>
  readonly pods: Informer<Pod>
  readonly claims: Informer<ResourceClaim>
}

export function openCaches(informers: InformerFactory): Caches {
  const quotas = informers.of(RESOURCE_QUOTAS)
  const definitions = informers.of(CUSTOM_RESOURCE_DEFINITIONS)
  const followed = builtInResources()
    .filter(({ namespaced, resource }) => namespaced && resource !== 'events')
    .map((resource) => ({ resource, cache: informers.of(resource) }))
  const classes = informers.of(DEVICE_CLASSES)
  const pods = informers.of(PODS)
  const claims = informers.of(RESOURCE_CLAIMS)
  return { quotas, definitions, followed, classes, pods, claims }
}

/** The resources that the quota counts and that are followed. */
export function concerned({ followed }: Caches, hard: Hard): readonly Followed[] {
  return followed.filter(({ resource }) => concerns(hard, resource))
}

/** Custom resources that the quota counts: nobody follows them here, the server is asked. */
export function customOf({ definitions }: Caches, hard: Hard): readonly AnyResource[] {
  return definitions
    .list()
    .flatMap((definition) => customResource(definition) ?? [])
    .filter((resource) => resource.namespaced && concerns(hard, resource))
}

/** The followed objects of a namespace that the quota counts. */
export function cachedObjects(caches: Caches, hard: Hard, namespace: string | undefined): Counted[] {
  return concerned(caches, hard).flatMap(({ resource, cache }) =>
    cache.list(namespace).map((object) => counted(resource, object)),
  )
}

/** For one count of one namespace. */
export function devicesIn({ classes, pods, claims }: Caches, namespace: string | undefined): DeviceFacts {
  let first: ReturnType<typeof firstClaims> | undefined
  return {
    nameOf: (name) => classes.get(name)?.spec.extendedResourceName,
    pod: (_, name) => pods.get(`${namespace}/${name}`),
    firstClaim: (_, podUid) => (first ??= firstClaims(claims.list(namespace))).get(podUid),
  }
}
