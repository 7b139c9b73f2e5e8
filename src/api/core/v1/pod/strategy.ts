/** What becomes of a Pod when it is written and when it is deleted, before anything is checked. */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { draftOf } from '../../../../meta/deep-readonly.ts'
import type { LabelSelector, ObjectMeta } from '../../../../meta/types.ts'
import type { Affinity, Pod, PodAffinityTerm, PodCondition, PodSpec, PodStatus } from '../../../generated/core-v1.ts'
import { shareSpec } from './alike.ts'
import { fillAppArmor } from './app-armor.ts'
import { isGated, isScheduled, isTerminal, qosClassOf } from './facts.ts'

type Labels = Readonly<Record<string, string>> | undefined

/** A new Pod is pending, whatever its creator says. */
export function prepareForCreate(pod: Pod): void {
  const qosClass = qosClassOf(pod)
  pod.status = isGated(pod)
    ? { phase: 'Pending', qosClass, conditions: [gatedSince(pod.metadata.creationTimestamp)] }
    : { phase: 'Pending', qosClass }
  const spec = pod.spec
  if (spec === undefined) return
  mergeAffinityKeys(spec.affinity, pod.metadata.labels)
  for (const { matchLabelKeys, labelSelector } of spec.topologySpreadConstraints ?? []) {
    mergeKeys(labelSelector, matchLabelKeys, 'In', pod.metadata.labels)
  }
  fillAppArmor(pod)
  shareSpec(pod)
}

/** Kubernetes tells the time here, and that nothing was probed. */
function gatedSince(creation: string | undefined): PodCondition {
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'SchedulingGated',
    message: 'Scheduling is blocked due to non-empty scheduling gates',
    lastProbeTime: null,
    ...(creation !== undefined && { lastTransitionTime: creation }),
  }
  return condition as Omit<typeof condition, 'lastProbeTime'> // it is null in what is answered
}

/** "The same version of the app": the Pod's own values of these labels become part of the selectors. */
function mergeAffinityKeys(affinity: Affinity | undefined, labels: Labels): void {
  for (const part of [affinity?.podAffinity, affinity?.podAntiAffinity]) {
    for (const term of part?.requiredDuringSchedulingIgnoredDuringExecution ?? []) mergeTermKeys(term, labels)
    for (const { podAffinityTerm } of part?.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
      mergeTermKeys(podAffinityTerm, labels)
    }
  }
}

function mergeTermKeys(term: PodAffinityTerm, labels: Labels): void {
  mergeKeys(term.labelSelector, term.matchLabelKeys, 'In', labels)
  mergeKeys(term.labelSelector, term.mismatchLabelKeys, 'NotIn', labels)
}

function mergeKeys(
  selector: LabelSelector | undefined,
  keys: readonly string[] | undefined,
  operator: 'In' | 'NotIn',
  labels: Labels,
): void {
  if (selector === undefined) return
  for (const key of keys ?? []) {
    const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined
    if (value === undefined) continue
    selector.matchExpressions = [...(selector.matchExpressions ?? []), { key, operator, values: [value] }]
  }
}

/** An ordinary update leaves the status as it is. */
export function prepareForUpdate(pod: Pod, old: DeepReadonly<Pod>): void {
  pod.status = draftOf<PodStatus>(old.status ?? {})
}

/** A status update leaves the spec as it is. */
export function prepareForStatusUpdate(pod: Pod, old: DeepReadonly<Pod>): void {
  if (old.spec !== undefined) pod.spec = old.spec as PodSpec // shared: a status update ends here
  keep(pod.metadata, old.metadata, 'deletionTimestamp')
  delete pod.status?.nodeAllocatableResourceClaimStatuses
  const qos = old.status?.qosClass
  if (qos !== undefined && pod.status !== undefined) pod.status.qosClass ??= qos
}

function keep<T extends object, Key extends keyof T>(draft: T, old: DeepReadonly<T>, key: Key): void {
  const value = (old as T)[key]
  if (value === undefined) delete draft[key]
  else draft[key] = draftOf<T[Key]>(value)
}

/** The ephemeralcontainers subresource changes nothing else. */
export function prepareForEphemeralContainersUpdate(pod: Pod, old: DeepReadonly<Pod>): void {
  const added = pod.spec?.ephemeralContainers
  const spec: PodSpec = draftOf<PodSpec>(old.spec ?? { containers: [] })
  if (added === undefined) delete spec.ephemeralContainers
  else spec.ephemeralContainers = added
  pod.spec = spec
  pod.metadata = { ...draftOf<ObjectMeta>(old.metadata), ...versionOf(pod) }
  prepareForUpdate(pod, old)
}

/** The resize subresource changes only what the Pod and its containers ask for. */
export function prepareForResize(pod: Pod, old: DeepReadonly<Pod>): void {
  const asked = pod.spec
  const spec: PodSpec = draftOf<PodSpec>(old.spec ?? { containers: [] })
  for (const list of ['containers', 'initContainers'] as const) {
    const wanted = asked?.[list] ?? []
    // Containers that do not correspond are left for validation to refuse.
    if (wanted.length !== (spec[list]?.length ?? 0)) {
      spec[list] = wanted
      continue
    }
    for (const [at, container] of (spec[list] ?? []).entries()) {
      const { name, resources, resizePolicy } = wanted[at] ?? container
      container.name = name
      if (resources === undefined) delete container.resources
      else container.resources = resources
      if (resizePolicy === undefined) delete container.resizePolicy
      else container.resizePolicy = resizePolicy
    }
  }
  if (asked?.resources === undefined) delete spec.resources
  else spec.resources = asked.resources
  pod.spec = spec
  pod.metadata = { ...draftOf<ObjectMeta>(old.metadata), ...versionOf(pod) }
  prepareForUpdate(pod, old)
}

/** What an update brings of metadata on subresources that do not change it: the version it was made from. */
function versionOf({ metadata: { resourceVersion, managedFields } }: Pod) {
  return {
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(managedFields === undefined ? {} : { managedFields }),
  }
}

/**
 * Seconds between the request and the end: as asked, or as the Pod says. A Pod that runs nowhere, or no more, goes
 * at once.
 */
export function gracefulDelete(pod: DeepReadonly<Pod>, asked: number | undefined): number {
  if (!isScheduled(pod) || isTerminal(pod)) return 0
  const seconds = asked ?? pod.spec?.terminationGracePeriodSeconds ?? 0
  return seconds < 0 ? 1 : seconds
}
