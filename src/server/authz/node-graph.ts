/**
 * Which objects a node has to do with: what the Pods bound to it name, and what those objects lead to. Which Pods a node
 * has is kept up with every change; what a Pod names is read when its node first asks. So a write costs nearly nothing, and
 * a question no more than a look at the node's own Pods, however large the cluster is
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

/** A Pod on a node, and what it was last found to name. */
interface BoundPod {
  readonly namespace: string
  readonly name: string
  known: { readonly pod: SharedPod; readonly names: ReadonlySet<string> } | undefined
}

const NOTHING: ReadonlySet<string> = new Set()

const keyOf = (kind: RelatedKind, namespace: string, name: string) => `${kind}/${namespace}/${name}`

export class NodeGraph {
  readonly #sources: GraphSources
  /** By node, and by namespace and name: the Pods bound to it. */
  readonly #podsOn = new Map<string, Map<string, BoundPod>>()
  /** By Secret: the volumes that name it. */
  readonly #volumesOf = new Map<string, Set<string>>()

  constructor(sources: GraphSources) {
    this.#sources = sources
    for (const { object } of sources.pods.all()) this.#bind(object as SharedPod, true)
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
    const key = keyOf(kind, namespace, name)
    for (const bound of this.#podsOn.get(node)?.values() ?? []) {
      if (bound.namespace === namespace && this.#namesOf(bound).has(key)) return true
    }
    return false
  }

  /** What a Pod names; most changes are of its status and leave that as it was. */
  #namesOf(bound: BoundPod): ReadonlySet<string> {
    const pod = podOf(this.#sources.pods.get(bound.namespace, bound.name))
    if (pod === undefined) return NOTHING
    const { known } = bound
    if (known?.pod === pod) return known.names
    const isSame = known !== undefined && namesTheSame(known.pod, pod)
    bound.known = { pod, names: isSame ? known.names : new Set(namedBy(pod)) }
    return bound.known.names
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
    if (before?.spec?.nodeName === now?.spec?.nodeName && before?.metadata.name === now?.metadata.name) return
    if (before !== undefined) this.#bind(before, false)
    if (now !== undefined) this.#bind(now, true)
  }

  #bind({ metadata, spec }: SharedPod, isThere: boolean): void {
    const { nodeName = '' } = spec ?? {}
    if (nodeName === '') return
    const { namespace = '', name = '' } = metadata
    const pods = this.#podsOn.get(nodeName) ?? new Map<string, BoundPod>()
    if (isThere) pods.set(`${namespace}/${name}`, { namespace, name, known: undefined })
    else pods.delete(`${namespace}/${name}`)
    if (pods.size > 0) this.#podsOn.set(nodeName, pods)
    else this.#podsOn.delete(nodeName)
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
