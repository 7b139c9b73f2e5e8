/** Whether, and how, the claims of a Pod can be met on one node. Pure. */

import type { Node, PersistentVolume } from '../../../api/generated/core-v1.ts'
import type { StorageClass } from '../../../api/generated/storage-v1.ts'
import { matchesNodeSelector, matchesNodeSelectorTerm } from '../../../api/core/v1/node/node-selector.ts'
import { SELECTED_NODE } from '../../../api/core/v1/persistentvolume/local-path.ts'
import { bestVolume } from '../../../api/core/v1/persistentvolume/match.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { selectorOf } from '../../../meta/label-selector.ts'
import { cmpQuantity } from '../../../meta/quantity.ts'
import type { ReadClaim, VolumeListers } from '../../framework/pod-claims.ts'

type ReadVolume = DeepReadonly<PersistentVolume>
type ReadNode = DeepReadonly<Node>

/** What has to be done before a Pod may be bound to a node. */
export interface NodeVolumes {
  /** Claims that get a volume that is there. */
  readonly bindings: readonly { readonly claim: ReadClaim; readonly volume: ReadVolume }[]
  /** Claims that get one made for this node. */
  readonly provisions: readonly ReadClaim[]
}

const NO_PROVISIONER = 'kubernetes.io/no-provisioner'
const CONFLICT = "node(s) didn't match PersistentVolume's node affinity"
const NOTHING_FREE = "node(s) didn't find available persistent volumes to bind"
const NOT_ENOUGH = 'node(s) did not have enough free storage'
const NO_SUCH_VOLUME = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'

const canReach = (volume: ReadVolume, node: ReadNode): boolean => {
  const required = volume.spec?.nodeAffinity?.required
  return required === undefined || matchesNodeSelector(required, node)
}

/** Why bound claims keep the Pod off the node; empty when they do not. */
export function conflicts(bound: readonly ReadClaim[], node: ReadNode, listers: VolumeListers): readonly string[] {
  const reasons = new Set<string>()
  for (const claim of bound) {
    const volume = listers.volumes.get(claim.spec?.volumeName ?? '')
    if (volume === undefined) reasons.add(NO_SUCH_VOLUME)
    else if (!canReach(volume, node)) reasons.add(CONFLICT)
  }
  return [...reasons]
}

export interface Wish {
  readonly unbound: readonly ReadClaim[]
  readonly node: ReadNode
  /** Volumes that Pods in flight are about to get. */
  readonly taken: ReadonlySet<string>
}

/** How unbound claims are met on the node, or why they cannot be. */
export function meet({ unbound, node, taken }: Wish, listers: VolumeListers): NodeVolumes | string {
  const used = new Set(taken)
  const bindings: { claim: ReadClaim; volume: ReadVolume }[] = []
  const provisions: ReadClaim[] = []
  for (const claim of unbound) {
    const chosen = claim.metadata.annotations?.[SELECTED_NODE]
    if (chosen !== undefined) {
      if (chosen !== node.metadata.name) return CONFLICT
      provisions.push(claim)
      continue
    }
    const near = listers.volumes
      .list()
      .filter((volume) => !used.has(volume.metadata.name ?? '') && canReach(volume, node))
    const volume = bestVolume(claim, near)
    if (volume !== undefined) {
      used.add(volume.metadata.name ?? '')
      bindings.push({ claim, volume })
      continue
    }
    const objection = whyNotProvisioned(claim, node, listers)
    if (objection !== undefined) return objection
    provisions.push(claim)
  }
  return { bindings, provisions }
}

function whyNotProvisioned(claim: ReadClaim, node: ReadNode, listers: VolumeListers): string | undefined {
  const storageClass = listers.classes.get(claim.spec?.storageClassName ?? '')
  if (storageClass === undefined || storageClass.provisioner === NO_PROVISIONER) return NOTHING_FREE
  if (!isAllowed(storageClass, node)) return NOTHING_FREE
  return hasCapacity(claim, storageClass, node, listers) ? undefined : NOT_ENOUGH
}

function isAllowed({ allowedTopologies = [] }: DeepReadonly<StorageClass>, node: ReadNode): boolean {
  if (allowedTopologies.length === 0) return true
  return allowedTopologies.some(({ matchLabelExpressions = [] }) =>
    matchesNodeSelectorTerm(
      { matchExpressions: matchLabelExpressions.map(({ key, values }) => ({ key, operator: 'In', values })) },
      node,
    ),
  )
}

/** Drivers that tell of their capacity are asked; all others always have room. */
function hasCapacity(
  claim: ReadClaim,
  storageClass: DeepReadonly<StorageClass>,
  node: ReadNode,
  { csiDrivers, capacities }: VolumeListers,
): boolean {
  if (csiDrivers.get(storageClass.provisioner)?.spec?.storageCapacity !== true) return true
  const size = claim.spec?.resources?.requests?.storage ?? '0'
  return capacities.list().some((capacity) => {
    if (capacity.storageClassName !== storageClass.metadata.name) return false
    const most = capacity.maximumVolumeSize ?? capacity.capacity
    if (most === undefined || cmpQuantity(most, size) < 0) return false
    return capacity.nodeTopology !== undefined && selectorOf(capacity.nodeTopology).matches(node.metadata.labels)
  })
}
