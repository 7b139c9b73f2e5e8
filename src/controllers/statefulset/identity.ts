/** Who a Pod of a StatefulSet is: its ordinal, name, labels and storage (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#pod-identity). Pure. */

import type { StatefulSet } from '../../api/generated/apps-v1.ts'
import type { PersistentVolumeClaim, Pod, PodTemplateSpec } from '../../api/generated/core-v1.ts'
import { PODS, STATEFUL_SETS } from '../../client/resources.ts'
import { type DeepReadonly, draftOf } from '../../meta/deep-readonly.ts'
import type { OwnerReference } from '../../meta/types.ts'
import { controllerReference, nameOf, type ReadObject } from '../kit/ownership.ts'
import { podFromTemplate } from '../kit/pod-from-template.ts'
import type { ReadPod } from '../kit/pods.ts'
import { REVISION_LABEL } from '../kit/revisions/revisions.ts'

export type ReadStatefulSet = DeepReadonly<StatefulSet>
export type ReadClaim = DeepReadonly<PersistentVolumeClaim>

const POD_NAME = 'statefulset.kubernetes.io/pod-name'
const POD_INDEX = 'apps.kubernetes.io/pod-index'

export const replicasOf = (set: ReadStatefulSet): number => set.spec?.replicas ?? 1
export const startOf = (set: ReadStatefulSet): number => set.spec?.ordinals?.start ?? 0
export const podName = (set: ReadStatefulSet, ordinal: number): string => `${nameOf(set)}-${ordinal}`

/** The ordinal of a Pod of this set; undefined for a Pod whose name says it is none. */
export function ordinalOf(set: ReadStatefulSet, pod: ReadPod): number | undefined {
  const match = /^(.*)-(0|[1-9][0-9]{0,8})$/.exec(nameOf(pod))
  return match?.[1] === nameOf(set) ? Number(match[2]) : undefined
}

export const isWithin = (set: ReadStatefulSet, ordinal: number): boolean =>
  ordinal >= startOf(set) && ordinal < startOf(set) + replicasOf(set)

function identityLabels(set: ReadStatefulSet, ordinal: number): Record<string, string> {
  return { [POD_NAME]: podName(set, ordinal), [POD_INDEX]: String(ordinal) }
}

/** Labels that the Pod lacks and should have; undefined when it has them all. */
export function missingLabels(set: ReadStatefulSet, pod: ReadPod): Record<string, string> | undefined {
  const ordinal = ordinalOf(set, pod)
  if (ordinal === undefined) return undefined
  const wanted = identityLabels(set, ordinal)
  return Object.entries(wanted).every(([key, value]) => pod.metadata.labels?.[key] === value) ? undefined : wanted
}

export const revisionOf = (pod: ReadPod): string => pod.metadata.labels?.[REVISION_LABEL] ?? ''

/** The Pod of an ordinal, of the template of a revision. */
export function statefulPod(
  set: ReadStatefulSet,
  ordinal: number,
  { template, revision }: { readonly template: DeepReadonly<PodTemplateSpec>; readonly revision: string },
): Pod {
  const owner = controllerReference(set, STATEFUL_SETS)
  const pod = podFromTemplate({ namespace: set.metadata.namespace ?? '', owner, template })
  pod.metadata.name = podName(set, ordinal)
  pod.metadata.labels = { ...pod.metadata.labels, ...identityLabels(set, ordinal), [REVISION_LABEL]: revision }
  if (pod.spec === undefined) return pod
  pod.spec.hostname = podName(set, ordinal)
  if (set.spec?.serviceName !== undefined && set.spec.serviceName !== '') pod.spec.subdomain = set.spec.serviceName
  const claims = claimsOf(set, ordinal)
  const mounted = [...claims].map(([name, claim]) => ({
    name,
    persistentVolumeClaim: { claimName: nameOf(claim) },
  }))
  const others = (pod.spec.volumes ?? []).filter((volume) => !claims.has(volume.name))
  if (mounted.length > 0) pod.spec.volumes = [...others, ...mounted]
  return pod
}

/** The claims of an ordinal by the name of their volume. */
export function claimsOf(set: ReadStatefulSet, ordinal: number): ReadonlyMap<string, PersistentVolumeClaim> {
  const claims = new Map<string, PersistentVolumeClaim>()
  for (const template of set.spec?.volumeClaimTemplates ?? []) {
    const claim = draftOf<PersistentVolumeClaim>(template)
    const volume = nameOf(template)
    delete claim.status
    claim.metadata = {
      ...claim.metadata,
      name: `${volume}-${podName(set, ordinal)}`,
      namespace: set.metadata.namespace ?? '',
      labels: { ...claim.metadata.labels, ...set.spec?.selector.matchLabels },
    }
    claims.set(volume, claim)
  }
  return claims
}

/** What the retention policy makes of the owners of a claim. */
export interface ClaimOwners {
  readonly owners: readonly OwnerReference[]
  /** Whether somebody else controls the claim, so that the policy cannot hold for it. */
  readonly hasConflict: boolean
}

/**
 * The owners a claim should have by the retention policy: the set, if the claim goes with it; the Pod, if the claim
 * goes with a scale-down that removes the Pod. References of others stay, and so do those of an earlier set or Pod of
 * the same name: they are the garbage collector's business.
 */
export function claimOwners(set: ReadStatefulSet, pod: ReadObject, claim: ReadClaim): ClaimOwners {
  const present = (claim.metadata.ownerReferences ?? []) as readonly OwnerReference[]
  const { whenDeleted = 'Retain', whenScaled = 'Retain' } = set.spec?.persistentVolumeClaimRetentionPolicy ?? {}
  const ours = [controllerReference(set, STATEFUL_SETS), controllerReference(pod, PODS)]
  const isSame = (one: OwnerReference, other: OwnerReference) =>
    one.apiVersion === other.apiVersion && one.kind === other.kind && one.name === other.name
  const isStale = present.some((reference) => ours.some((own) => isSame(own, reference) && own.uid !== reference.uid))
  const others = present.filter((reference) => !ours.some((own) => isSame(own, reference)))
  const isManaged = whenDeleted !== 'Retain' || whenScaled !== 'Retain'
  const hasConflict = isManaged && (isStale || others.some(({ controller }) => controller === true))
  if (isStale) return { owners: present, hasConflict }
  if (hasConflict) return { owners: others, hasConflict }
  const ordinal = ordinalOf(set, pod as ReadPod)
  const isCondemned = ordinal !== undefined && !isWithin(set, ordinal)
  const wantsPod = whenScaled === 'Delete' && isCondemned
  const wantsSet = whenDeleted === 'Delete' && !wantsPod
  const wanted = ours.filter(({ kind }) => (kind === 'Pod' ? wantsPod : wantsSet))
  return { owners: [...others, ...wanted], hasConflict }
}

/** Whether a claim still belongs to an earlier Pod of the ordinal, with which a scale-down deletes it. */
export function isLeftOver(set: ReadStatefulSet, ordinal: number, claim: ReadClaim): boolean {
  if (set.spec?.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return false
  return (claim.metadata.ownerReferences ?? []).some(
    ({ kind, name }) => kind === 'Pod' && name === podName(set, ordinal),
  )
}
