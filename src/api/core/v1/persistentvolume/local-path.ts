/**
 * What the two halves of the built-in provisioner agree on: the controller makes PersistentVolumes, and the kubelet of
 * their node makes and removes the folders (https://kubernetes.io/docs/concepts/storage/dynamic-provisioning/).
 */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { labelValue, MAX_LABEL } from '../../../../meta/names.ts'
import type { PersistentVolume } from '../../../generated/core-v1.ts'

/** The `provisioner` of a StorageClass whose volumes are folders of the node that the first Pod runs on. */
export const LOCAL_PATH_PROVISIONER = 'gorae.dev/local-path'
/** On a volume: who made it. */
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by'
/** On a claim: the node that the scheduler has chosen for its first Pod. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node'
/** On a Node: below which folder its volumes lie. A volume's folder there has the volume's name. */
export const LOCAL_PATH_ROOT = 'gorae.dev/local-path-root'
/** On a volume: the node whose folder it is. The label may be shortened, the annotation never is. */
export const LOCAL_PATH_NODE = 'gorae.dev/node'
/** Keeps a volume until its folder is gone. */
export const LOCAL_PATH_FINALIZER = 'gorae.dev/local-path'

/** What `LOCAL_PATH_NODE` says as a label: the node's name, or its end when that is too long for a label. */
export function nodeLabel(node: string): string {
  if (labelValue(node).length === 0) return node
  return node.slice(-MAX_LABEL).replace(/^[^a-z0-9]+/, '')
}

/** Whether the volume is a folder that the kubelet of `node` looks after. */
export function isLocalPathOf({ metadata }: DeepReadonly<PersistentVolume>, node: string): boolean {
  return isLocalPath({ metadata }) && metadata.annotations?.[LOCAL_PATH_NODE] === node
}

/** Whether the built-in provisioner made the volume. */
export function isLocalPath({ metadata }: Pick<DeepReadonly<PersistentVolume>, 'metadata'>): boolean {
  return metadata.annotations?.[PROVISIONED_BY] === LOCAL_PATH_PROVISIONER
}
