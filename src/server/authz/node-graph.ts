/**
 * Which objects a node has to do with: what the Pods bound to it name, and what those objects lead to. Kept up with
 * every change, so that a question is answered by looking up, however large the cluster is
 * (https://kubernetes.io/docs/reference/access-authn-authz/node/).
 */

import { MIRROR_POD } from '../../api/core/v1/pod/facts.ts'
import {
  podClaimNames,
  podConfigMapNames,
  podResourceClaimNames,
  podSecretNames,
} from '../../api/core/v1/pod/references.ts'
import type { PersistentVolume, Pod } from '../../api/generated/core-v1.ts'
import type { ResourceSlice } from '../../api/generated/resource-v1.ts'
import type { VolumeAttachment } from '../../api/generated/storage-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { deepEqual } from '../../meta/validation.ts'
import type { StoredObject } from '../registry/stored-object.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'

export type RelatedKind =
  | 'configmaps'
  | 'persistentvolumeclaims'
  | 'persistentvolumes'
  | 'pods'
  | 'resourceclaims'
  | 'resourceslices'
  | 'secrets'
  | 'serviceaccounts'
  | 'volumeattachments'

export interface GraphSources {
  readonly pods: WatchCache
  readonly volumes: WatchCache
  readonly attachments: WatchCache
  readonly slices: WatchCache
}

type SharedPod = DeepReadonly<Pod>
type Volume = DeepReadonly<PersistentVolume>

const keyOf = (kind: RelatedKind, namespace: string, name: string) => `${kind}/${namespace}/${name}`

export class NodeGraph {
  readonly #sources: GraphSources
  /** By object: the nodes with Pods that name it, and how many such Pods. */
  readonly #nodes = new Map<string, Map<string, number>>()
  /** By Secret: the volumes that name it. */
  readonly #volumesOf = new Map<string, Set<string>>()

  constructor(sources: GraphSources) {
    this.#sources = sources
    for (const { object } of sources.pods.all()) this.#countPod(object as SharedPod, 1)
    for (const stored of sources.volumes.all()) this.#noteVolume(stored, true)
    sources.pods.onChange(({ previous, current }) => this.#podChanged(podOf(previous), podOf(current)))
    sources.volumes.onChange(({ previous, current }) => {
      if (previous !== undefined) this.#noteVolume(previous, false)
      if (current !== undefined) this.#noteVolume(current, true)
    })
  }

  /** Whether the node has to do with the object. */
  isRelated(node: string, kind: RelatedKind, namespace: string, name: string): boolean {
    const { pods, attachments, slices } = this.#sources
    switch (kind) {
      case 'pods':
        return podOf(pods.get(namespace, name))?.spec?.nodeName === node
      case 'volumeattachments':
        return (attachments.get('', name)?.object as DeepReadonly<VolumeAttachment> | undefined)?.spec.nodeName === node
      case 'resourceslices':
        return (slices.get('', name)?.object as DeepReadonly<ResourceSlice> | undefined)?.spec.nodeName === node
      case 'persistentvolumes':
        return this.#hasVolume(node, name)
      case 'secrets':
        return this.#hasNamed(node, kind, namespace, name) || this.#hasSecretOfVolume(node, namespace, name)
      case 'configmaps':
      case 'persistentvolumeclaims':
      case 'resourceclaims':
      case 'serviceaccounts':
        return this.#hasNamed(node, kind, namespace, name)
    }
  }

  #hasNamed(node: string, kind: RelatedKind, namespace: string, name: string): boolean {
    return this.#nodes.get(keyOf(kind, namespace, name))?.has(node) === true
  }

  /** A volume is its node's by the claim that it is bound to. */
  #hasVolume(node: string, name: string): boolean {
    const claim = (this.#sources.volumes.get('', name)?.object as Volume | undefined)?.spec?.claimRef
    if (claim === undefined) return false
    return this.#hasNamed(node, 'persistentvolumeclaims', claim.namespace ?? '', claim.name ?? '')
  }

  #hasSecretOfVolume(node: string, namespace: string, name: string): boolean {
    const volumes = this.#volumesOf.get(keyOf('secrets', namespace, name)) ?? []
    return [...volumes].some((volume) => this.#hasVolume(node, volume))
  }

  #podChanged(before: SharedPod | undefined, now: SharedPod | undefined): void {
    // Most changes are of the status: what a bound Pod names stays the same, with these exceptions.
    if (before !== undefined && now !== undefined && namesTheSame(before, now)) return
    if (before !== undefined) this.#countPod(before, -1)
    if (now !== undefined) this.#countPod(now, 1)
  }

  #countPod(pod: SharedPod, by: 1 | -1): void {
    const { nodeName = '' } = pod.spec ?? {}
    if (nodeName === '') return
    for (const key of namedBy(pod)) {
      const nodes = this.#nodes.get(key) ?? new Map<string, number>()
      const count = (nodes.get(nodeName) ?? 0) + by
      if (count > 0) nodes.set(nodeName, count)
      else nodes.delete(nodeName)
      if (nodes.size > 0) this.#nodes.set(key, nodes)
      else this.#nodes.delete(key)
    }
  }

  #noteVolume({ name, object }: StoredObject, isThere: boolean): void {
    for (const key of secretsOf(object as Volume)) {
      const volumes = this.#volumesOf.get(key) ?? new Set<string>()
      if (isThere) volumes.add(name)
      else volumes.delete(name)
      if (volumes.size > 0) this.#volumesOf.set(key, volumes)
      else this.#volumesOf.delete(key)
    }
  }
}

const podOf = (stored: StoredObject | undefined) => stored?.object as SharedPod | undefined

function namesTheSame(a: SharedPod, b: SharedPod): boolean {
  return (
    a.metadata.uid === b.metadata.uid &&
    a.spec?.nodeName === b.spec?.nodeName &&
    a.spec?.ephemeralContainers?.length === b.spec?.ephemeralContainers?.length &&
    deepEqual(a.status?.resourceClaimStatuses, b.status?.resourceClaimStatuses) &&
    deepEqual(a.status?.extendedResourceClaimStatus, b.status?.extendedResourceClaimStatus)
  )
}

/** The objects that a Pod names. A mirror Pod gives its node nothing: the node makes it. */
function namedBy(pod: SharedPod): string[] {
  const { namespace = '', annotations } = pod.metadata
  if (annotations?.[MIRROR_POD] !== undefined) return []
  const { serviceAccountName = '' } = pod.spec ?? {}
  const all: readonly (readonly [RelatedKind, readonly string[]])[] = [
    ['serviceaccounts', serviceAccountName === '' ? [] : [serviceAccountName]],
    ['secrets', podSecretNames(pod)],
    ['configmaps', podConfigMapNames(pod)],
    ['persistentvolumeclaims', podClaimNames(pod)],
    ['resourceclaims', podResourceClaimNames(pod)],
  ]
  return all.flatMap(([kind, names]) => names.map((name) => keyOf(kind, namespace, name)))
}

/** The Secrets that a node needs to mount a bound volume. */
function secretsOf({ spec }: Volume): string[] {
  if (spec?.claimRef === undefined) return []
  const { claimRef, azureFile, cephfs, cinder, csi, flexVolume, iscsi, rbd, scaleIO, storageos } = spec
  const { namespace: own = '' } = claimRef
  const refs = [
    azureFile && { name: azureFile.secretName, namespace: azureFile.secretNamespace },
    csi?.nodePublishSecretRef,
    csi?.nodeStageSecretRef,
    csi?.nodeExpandSecretRef,
    ...[cephfs, cinder, flexVolume, iscsi, rbd, scaleIO, storageos].map((source) => source?.secretRef),
  ]
  return refs.flatMap((ref) => {
    const { name = '', namespace = '' } = ref ?? {}
    return name === '' ? [] : [keyOf('secrets', namespace === '' ? own : namespace, name)]
  })
}
