/** What the built-in provisioner does for a claim, and with a volume that nobody needs any more (https://kubernetes.io/docs/concepts/storage/dynamic-provisioning/). Pure. */

import {
  isLocalPath,
  LOCAL_PATH_FINALIZER,
  LOCAL_PATH_NODE,
  LOCAL_PATH_PROVISIONER,
  LOCAL_PATH_ROOT,
  nodeLabel,
  PROVISIONED_BY,
} from '../../api/core/v1/persistentvolume/local-path.ts'
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import type { StorageClass } from '../../api/generated/storage-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { isDeleting, nameOf, uidOf } from '../kit/ownership.ts'

export type ReadClaim = DeepReadonly<PersistentVolumeClaim>
export type ReadVolume = DeepReadonly<PersistentVolume>

const HOSTNAME = 'kubernetes.io/hostname'
const MODES = ['ReadWriteOnce', 'ReadWriteOncePod']

export interface ClaimView {
  readonly claim: ReadClaim
  readonly storageClass: DeepReadonly<StorageClass> | undefined
  /** Where the claim's first Pod runs; undefined while that is not known. */
  readonly nodeName: string | undefined
  readonly node: DeepReadonly<Node> | undefined
}

export type ClaimVerdict =
  | { readonly do: 'leave' }
  | { readonly do: 'make'; readonly volume: PersistentVolume }
  | { readonly do: 'refuse'; readonly why: string }
  /** The node cannot serve: the scheduler shall choose again. */
  | { readonly do: 'reselect'; readonly why: string }

/** The volume's name tells the claim: made twice, it is made once. */
export const volumeNameFor = (claim: ReadClaim): string => `pvc-${uidOf(claim)}`

export function decideClaim({ claim, storageClass, nodeName, node }: ClaimView): ClaimVerdict {
  if (storageClass?.provisioner !== LOCAL_PATH_PROVISIONER) return { do: 'leave' }
  if (isDeleting(claim) || (claim.spec?.volumeName ?? '') !== '') return { do: 'leave' }
  if (nodeName === undefined) {
    if (storageClass.volumeBindingMode === 'WaitForFirstConsumer') return { do: 'leave' }
    return { do: 'refuse', why: 'configuration error, no node was specified' }
  }
  const why = unsupported(claim)
  if (why !== undefined) return { do: 'refuse', why }
  if (node === undefined) return { do: 'reselect', why: `node ${JSON.stringify(nodeName)} not found` }
  const root = node.metadata.annotations?.[LOCAL_PATH_ROOT]
  if (root === undefined) {
    return { do: 'reselect', why: `node ${JSON.stringify(nodeName)} has no folder for volumes` }
  }
  return { do: 'make', volume: volumeFor(claim, storageClass, { node, root }) }
}

/** What neither folders nor files of one node can do. */
function unsupported({ spec }: ReadClaim): string | undefined {
  if (spec?.selector !== undefined) return 'claim.Spec.Selector is not supported'
  if (spec?.dataSource !== undefined || spec?.dataSourceRef !== undefined) return 'data sources are not supported'
  if (!(spec?.accessModes ?? []).every((mode) => MODES.includes(mode))) {
    return 'only the access modes ReadWriteOnce and ReadWriteOncePod are supported'
  }
  return undefined
}

interface Place {
  readonly node: DeepReadonly<Node>
  readonly root: string
}

function volumeFor(claim: ReadClaim, storageClass: DeepReadonly<StorageClass>, { node, root }: Place) {
  const name = volumeNameFor(claim)
  const nodeName = nameOf(node)
  const hostname = node.metadata.labels?.[HOSTNAME] ?? nodeName
  const { namespace = '', resourceVersion = '' } = claim.metadata
  const { mountOptions } = storageClass
  const volume: PersistentVolume = {
    metadata: {
      name,
      labels: { [LOCAL_PATH_NODE]: nodeLabel(nodeName) },
      annotations: { [PROVISIONED_BY]: LOCAL_PATH_PROVISIONER, [LOCAL_PATH_NODE]: nodeName },
      finalizers: [LOCAL_PATH_FINALIZER],
    },
    spec: {
      capacity: { storage: claim.spec?.resources?.requests?.['storage'] ?? '0' },
      accessModes: [...(claim.spec?.accessModes ?? [])],
      volumeMode: claim.spec?.volumeMode ?? 'Filesystem',
      storageClassName: nameOf(storageClass),
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      ...(mountOptions === undefined ? {} : { mountOptions: [...mountOptions] }),
      local: { path: `${root}/${name}` },
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace,
        name: nameOf(claim),
        uid: uidOf(claim),
        resourceVersion,
      },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: HOSTNAME, operator: 'In', values: [hostname] }] }],
        },
      },
    },
  }
  return volume
}

/** `delete`: the object; its finalizer waits for the folder. `forget`: the node is gone, and the folder with it. */
export type VolumeVerdict = 'leave' | 'delete' | 'forget'

export function decideVolume(volume: ReadVolume, isNodeThere: (name: string) => boolean): VolumeVerdict {
  if (!isLocalPath(volume)) return 'leave'
  if (!isDeleting(volume)) {
    const isUnwanted = volume.status?.phase === 'Released' && volume.spec?.persistentVolumeReclaimPolicy === 'Delete'
    return isUnwanted ? 'delete' : 'leave'
  }
  const isHeld = volume.metadata.finalizers?.includes(LOCAL_PATH_FINALIZER) === true
  const node = volume.metadata.annotations?.[LOCAL_PATH_NODE] ?? ''
  return isHeld && !isNodeThere(node) ? 'forget' : 'leave'
}
