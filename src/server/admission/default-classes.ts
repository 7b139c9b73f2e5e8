/**
 * Claims and Ingresses that name no class get the default one
 * (https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass,
 * https://kubernetes.io/docs/concepts/services-networking/ingress/#default-ingress-class).
 */

import { IS_DEFAULT_CLASS } from '../../api/storage/v1/storageclass/resource.ts'
import type { PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import type { Ingress } from '../../api/generated/networking-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { KubeObject } from '../../meta/types.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import type { AdmissionPlugin } from './admission.ts'
import { creates } from './refuse.ts'

/** How both kinds named their class before there was a field. */
const OLD_STORAGE_CLASS = 'volume.beta.kubernetes.io/storage-class'
const OLD_INGRESS_CLASS = 'kubernetes.io/ingress.class'
const IS_OLD_DEFAULT_CLASS = 'storageclass.beta.kubernetes.io/is-default-class'
const IS_DEFAULT_INGRESS_CLASS = 'ingressclass.kubernetes.io/is-default-class'

export function defaultStorageClass(classes: WatchCache): AdmissionPlugin {
  return {
    name: 'DefaultStorageClass',
    mutate(request) {
      if (!creates(request, 'persistentvolumeclaims')) return
      const claim = request.object as PersistentVolumeClaim
      if (claim.spec?.storageClassName !== undefined) return
      if (claim.metadata.annotations?.[OLD_STORAGE_CLASS] !== undefined) return
      const name = newestDefault(classes, [IS_DEFAULT_CLASS, IS_OLD_DEFAULT_CLASS])
      if (name !== undefined) claim.spec = { ...claim.spec, storageClassName: name }
    },
  }
}

export function defaultIngressClass(classes: WatchCache): AdmissionPlugin {
  return {
    name: 'DefaultIngressClass',
    mutate(request) {
      if (!creates(request, 'ingresses.networking.k8s.io')) return
      const ingress = request.object as Ingress
      if (ingress.spec?.ingressClassName !== undefined) return
      if (ingress.metadata.annotations?.[OLD_INGRESS_CLASS] !== undefined) return
      const name = newestDefault(classes, [IS_DEFAULT_INGRESS_CLASS])
      if (name !== undefined) ingress.spec = { ...ingress.spec, ingressClassName: name }
    },
  }
}

/** The name of the default class; of several the newest, and of those the first by name. */
function newestDefault(classes: WatchCache, marks: readonly string[]): string | undefined {
  const isDefault = ({ metadata }: DeepReadonly<KubeObject>) =>
    marks.some((mark) => metadata.annotations?.[mark] === 'true')
  let newest: DeepReadonly<KubeObject> | undefined
  for (const { object } of classes.all()) {
    if (!isDefault(object)) continue
    const isNewer = (object.metadata.creationTimestamp ?? '') > (newest?.metadata.creationTimestamp ?? '')
    if (newest === undefined || isNewer) newest = object
  }
  return newest?.metadata.name
}
