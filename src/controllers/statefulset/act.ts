/** Carries out a step of a StatefulSet: Pods and their claims, made, mended and removed (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-storage). */

import type { Client } from '../../client/client.ts'
import { PODS } from '../../client/resources.ts'
import type { Events } from '../kit/events.ts'
import { isDeleting, nameOf, placeOf } from '../kit/ownership.ts'
import type { PodControl } from '../kit/pod-control.ts'
import type { ReadPod } from '../kit/pods.ts'
import { type ReadRevision, templateOf } from '../kit/revisions/revisions.ts'
import { checkLeftOvers, type ClaimControlDeps, keepClaimOwners, makeClaims, makeClaimsFirst } from './claims.ts'
import { isWithin, missingLabels, ordinalOf, type ReadStatefulSet, statefulPod } from './identity.ts'
import type { StatefulPlan, StatefulView } from './plan.ts'

export interface ActDeps {
  readonly client: Client
  readonly events: Events
  readonly control: PodControl
  readonly claimControl: ClaimControlDeps
}

/** A plan, and the revisions whose templates it needs. */
export interface Step {
  readonly plan: StatefulPlan
  readonly revisions: readonly ReadRevision[]
}

/** Mends the Pods that are there, then makes, then removes; the first failure ends it. */
export async function act(
  deps: ActDeps,
  { set, pods }: StatefulView,
  { plan, revisions }: Step,
  signal: AbortSignal,
): Promise<void> {
  for (const pod of pods) await mend(deps, set, pod, signal)
  for (const { ordinal, revision } of plan.create) {
    const made = revisions.find((candidate) => nameOf(candidate) === revision)
    await make(deps, set, { ordinal, revision, made }, signal)
  }
  for (const pod of plan.remove) await deps.control.delete(set, pod, signal)
}

/** Gives a Pod what it lacks: its claims while it waits for them, their owners, its labels. */
async function mend(
  { client, events, claimControl }: ActDeps,
  set: ReadStatefulSet,
  pod: ReadPod,
  signal: AbortSignal,
): Promise<void> {
  const ordinal = ordinalOf(set, pod)
  const isWaiting = pod.status?.phase === 'Pending' && !isDeleting(set)
  if (ordinal !== undefined && isWaiting && isWithin(set, ordinal)) await makeClaims(claimControl, set, ordinal, signal)
  await keepClaimOwners(claimControl, set, pod, signal)
  const labels = missingLabels(set, pod)
  if (labels === undefined) return
  await client.patch(PODS, placeOf(pod), 'merge', { metadata: { labels } }, undefined, signal)
  const told = `Update Pod ${nameOf(pod)} in StatefulSet ${nameOf(set)} successful`
  events.event(set, 'Normal', 'SuccessfulUpdate', told)
}

interface NewPod {
  readonly ordinal: number
  /** The name of the revision, and the revision itself where it is there. */
  readonly revision: string
  readonly made: ReadRevision | undefined
}

/** Makes one Pod, its claims first. */
async function make(
  { control, claimControl }: ActDeps,
  set: ReadStatefulSet,
  { ordinal, revision, made }: NewPod,
  signal: AbortSignal,
): Promise<void> {
  checkLeftOvers(claimControl, set, ordinal)
  await makeClaimsFirst(claimControl, set, ordinal, signal)
  const template = (made === undefined ? undefined : templateOf(made)) ?? set.spec?.template
  if (template !== undefined) await control.create(set, statefulPod(set, ordinal, { template, revision }), signal)
}
