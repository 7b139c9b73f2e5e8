/**
 * The ResourceClaims of Pods: which are made from a template, whose they are, and who still uses them
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/). Pure.
 */

import { isTerminal } from '../../api/core/v1/pod/facts.ts'
import { claimNameOf, podClaimsOf } from '../../api/core/v1/pod/resource-claims.ts'
import type { PodResourceClaim } from '../../api/generated/core-v1.ts'
import type { ResourceClaim, ResourceClaimSpec, ResourceClaimTemplate } from '../../api/generated/resource-v1.ts'
import { type DeepReadonly, draftOf } from '../../meta/deep-readonly.ts'
import { controllerOf, isDeleting, nameOf, uidOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'

export type ReadClaim = DeepReadonly<ResourceClaim>
export type ReadTemplate = DeepReadonly<ResourceClaimTemplate>
export type ReadPodClaim = DeepReadonly<PodResourceClaim>
export type Consumer = NonNullable<NonNullable<ReadClaim['status']>['reservedFor']>[number]

/** On a claim of a template: which of the Pod's claims it is. */
const POD_CLAIM = 'resource.kubernetes.io/pod-claim-name'
/** Keeps a claim until its devices are given back. */
export const DELETE_PROTECTION = 'resource.kubernetes.io/delete-protection'
/** So much of a generated name is the Pod's and the claim's; a hyphen and five letters follow. */
const LONGEST_BASE = 57
/** More Pods than these cannot share a claim. */
const MAX_RESERVED = 256

/** Whether the claim was made for this very Pod. */
export const isFor = (claim: ReadClaim, pod: ReadPod): boolean => controllerOf(claim)?.uid === uidOf(pod)

/** Whether the claim is the one that was made for the Pod's claim of this name. */
export const isMadeFor = (claim: ReadClaim, pod: ReadPod, podClaim: ReadPodClaim): boolean =>
  isFor(claim, pod) && claim.metadata.annotations?.[POD_CLAIM] === podClaim.name

/** The claim of a template, for a Pod. */
export function claimFrom(template: ReadTemplate, pod: ReadPod, podClaim: ReadPodClaim): ResourceClaim {
  const { metadata = {}, spec } = template.spec
  const owner = { apiVersion: 'v1', kind: 'Pod', name: nameOf(pod), uid: uidOf(pod), controller: true }
  return {
    metadata: {
      generateName: generateName(nameOf(pod), podClaim.name),
      namespace: pod.metadata.namespace ?? '',
      ...(metadata.labels === undefined ? {} : { labels: { ...metadata.labels } }),
      annotations: { ...metadata.annotations, [POD_CLAIM]: podClaim.name },
      ownerReferences: [owner],
    },
    spec: draftOf<ResourceClaimSpec>(spec),
  }
}

/** Long names are both cut, each by its share. */
function generateName(pod: string, claim: string): string {
  const whole = `${pod}-${claim}-`
  if (whole.length <= LONGEST_BASE) return whole
  const share = (text: string) => text.slice(0, Math.floor((text.length * LONGEST_BASE) / whole.length))
  return `${share(pod)}-${share(claim)}`
}

/** Whether the Pod will not run, or not any more. */
export const isDone = (pod: ReadPod): boolean =>
  isTerminal(pod) || (isDeleting(pod) && (pod.spec?.nodeName ?? '') === '')

export const isReservedFor = (claim: ReadClaim, pod: ReadPod): boolean =>
  (claim.status?.reservedFor ?? []).some(({ uid }) => uid === uidOf(pod))

/** Whether a Pod that has its node already may use the claim. */
export const canReserve = (claim: ReadClaim): boolean =>
  claim.status?.allocation !== undefined && (claim.status.reservedFor ?? []).length < MAX_RESERVED

/** The claim as used by a Pod too. */
export function reservedAlso(claim: ReadClaim, pod: ReadPod): ResourceClaim {
  const draft = draftOf<ResourceClaim>(claim)
  const consumer = { resource: 'pods', name: nameOf(pod), uid: uidOf(pod) }
  draft.status = { ...draft.status, reservedFor: [...(draft.status?.reservedFor ?? []), consumer] }
  return draft
}

/** The claim as used by these only; its devices are given back with the last user. */
export function reservedOnlyBy(claim: ReadClaim, remaining: readonly Consumer[]): ResourceClaim {
  const draft = draftOf<ResourceClaim>(claim)
  const { reservedFor: _users, allocation, ...rest } = draft.status ?? {}
  const isFree = remaining.length === 0 && isProtected(claim)
  draft.status = {
    ...rest,
    ...(allocation === undefined || isFree ? {} : { allocation }),
    ...(remaining.length === 0 ? {} : { reservedFor: remaining.map((consumer) => ({ ...consumer })) }),
  }
  return draft
}

export const isProtected = ({ metadata }: ReadClaim): boolean =>
  metadata.finalizers?.includes(DELETE_PROTECTION) === true

/** The Pod that a claim was made for. */
export function ownerOf(claim: ReadClaim): { readonly name: string; readonly uid: string } | undefined {
  const owner = controllerOf(claim)
  return owner?.apiVersion === 'v1' && owner.kind === 'Pod' ? owner : undefined
}

/** Whether a Pod still lacks something that the controller makes. */
export function needsWork(pod: ReadPod, claimOf: (name: string) => ReadClaim | undefined): boolean {
  if (isDeleting(pod) || isDone(pod)) return false
  return podClaimsOf(pod).some((podClaim) => {
    const named = claimNameOf(pod, podClaim)
    if (named === 'none') return false
    if (named === 'unknown') return true
    const claim = claimOf(named.name)
    if (claim === undefined) return podClaim.resourceClaimTemplateName !== undefined
    if (named.isMade && !isFor(claim, pod)) return true
    const hasNode = (pod.spec?.nodeName ?? '') !== ''
    return hasNode && !isReservedFor(claim, pod) && canReserve(claim)
  })
}
