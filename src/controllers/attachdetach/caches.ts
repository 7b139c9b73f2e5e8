/** What is known of Pods, nodes, volumes and their attachments, and what is asked about it. */

import { isTerminal } from '../../api/core/v1/pod/facts.ts'
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/generated/core-v1.ts'
import type { CSIDriver, VolumeAttachment } from '../../api/generated/storage-v1.ts'
import type { Informer, InformerFactory } from '../../client/informer.ts'
import {
  CSI_DRIVERS,
  NODES,
  PERSISTENT_VOLUME_CLAIMS,
  PERSISTENT_VOLUMES,
  PODS,
  VOLUME_ATTACHMENTS,
} from '../../client/resources.ts'
import { indexByClaim, indexByNode, indexOnce, podsOfClaim } from '../kit/indexes.ts'
import type { ReadPod } from '../kit/pods.ts'
import { nodeOf, type ReadAttachment, type ReadNode, type ReadVolume } from './decide.ts'

const BY_VOLUME = 'persistentVolume'
const BY_NODE = 'node'
/** Kubelets that leave attaching to us say so. */
const MANAGED = 'volumes.kubernetes.io/controller-managed-attach-detach'

export const isManaged = ({ metadata }: ReadNode): boolean => metadata.annotations?.[MANAGED] === 'true'
export const volumeOf = ({ spec }: ReadAttachment): string => spec.source.persistentVolumeName ?? ''

export interface Caches {
  readonly pods: Informer<Pod>
  readonly nodes: Informer<Node>
  readonly claims: Informer<PersistentVolumeClaim>
  readonly volumes: Informer<PersistentVolume>
  readonly attachments: Informer<VolumeAttachment>
  readonly drivers: Informer<CSIDriver>
}

/** The shared caches, with the indexes that the questions below need. */
export function indexedCaches(informers: InformerFactory): Caches {
  const pods = informers.of(PODS)
  const nodes = informers.of(NODES)
  const claims = informers.of(PERSISTENT_VOLUME_CLAIMS)
  const volumes = informers.of(PERSISTENT_VOLUMES)
  const attachments = informers.of(VOLUME_ATTACHMENTS)
  const drivers = informers.of(CSI_DRIVERS)
  indexByClaim(pods)
  indexByNode(pods)
  indexOnce(attachments, BY_VOLUME, (attachment) => [volumeOf(attachment)])
  indexOnce(attachments, BY_NODE, (attachment) => [nodeOf(attachment)])
  return { pods, nodes, claims, volumes, attachments, drivers }
}

/** Where the volume is attached, or shall be. */
export const attachmentsOf = ({ attachments }: Caches, volume: string): readonly ReadAttachment[] =>
  attachments.byIndex(BY_VOLUME, volume)

/** What is attached to the node, or shall be. */
export const attachmentsTo = ({ attachments }: Caches, node: string): readonly ReadAttachment[] =>
  attachments.byIndex(BY_NODE, node)

/** The Pods on nodes that want the volume: as long as they are there, unless they are over. */
export function usersOf({ pods, nodes, claims }: Caches, { metadata, spec }: ReadVolume): readonly ReadPod[] {
  const { claimRef } = spec ?? {}
  const key = `${claimRef?.namespace}/${claimRef?.name}`
  const claim = claims.get(key)
  const isBound = claim?.spec?.volumeName === metadata.name && claim?.metadata.uid === claimRef?.uid
  if (claim === undefined || !isBound) return []
  return podsOfClaim(pods, key).filter((pod) => {
    const node = nodes.get(pod.spec?.nodeName ?? '')
    return node !== undefined && isManaged(node) && !isTerminal(pod)
  })
}
