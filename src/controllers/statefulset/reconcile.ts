/** One look at one StatefulSet: at most one step, then its status. */

import { isTerminal } from '../../api/core/v1/pod/facts.ts'
import type { ControllerRevision, StatefulSet } from '../../api/generated/apps-v1.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../base/clock.ts'
import { again, type Outcome, settled } from '../../base/work-queue.ts'
import type { Informer, Lister } from '../../client/informer.ts'
import { CONTROLLER_REVISIONS, PODS, STATEFUL_SETS } from '../../client/resources.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import type { PlaceBackoff } from '../kit/failure-backoff.ts'
import { attempt } from '../kit/loop.ts'
import { claim, controllerReference, keyOf, nameOf, uidOf } from '../kit/ownership.ts'
import type { OwnWrites } from '../kit/own-writes.ts'
import { nextAvailability, type ReadPod } from '../kit/pods.ts'
import { presentRevision, removeRevisions, type RevisionWish } from '../kit/revisions/revision-control.ts'
import { type ReadRevision, surplusRevisions } from '../kit/revisions/revisions.ts'
import { candidatesOf } from '../kit/selected.ts'
import { writeStatus } from '../kit/write-status.ts'
import { act, type ActDeps } from './act.ts'
import { ordinalOf, type ReadStatefulSet, revisionOf } from './identity.ts'
import { planStateful, type StatefulPlan, statefulStatus, type StatefulView } from './plan.ts'

const CATCH_UP_MS = 5_000

export interface StatefulSetDeps extends ActDeps {
  readonly clock: Clock
  readonly sets: Lister<StatefulSet>
  readonly pods: Informer<Pod>
  readonly revisions: Informer<ControllerRevision>
  readonly ownWrites: OwnWrites
  readonly backoff: PlaceBackoff
}

export async function reconcileStatefulSet(deps: StatefulSetDeps, key: string, signal: AbortSignal): Promise<Outcome> {
  const { client, ownWrites } = deps
  const set = deps.sets.get(key)
  if (set?.spec === undefined) {
    ownWrites.forget(key)
    return settled
  }
  if (!ownWrites.caughtUp(key) || !ownWrites.hasVersion(key, set)) return again(CATCH_UP_MS)
  const known = await claimRevisions(deps, set, signal)
  const pods = await claimPods(deps, set, signal)
  const found = await presentRevision(client, revisionWish(set, set.spec.template, known), signal)
  if (found.result === 'collision') {
    const status = { ...set.status, collisionCount: (set.status?.collisionCount ?? 0) + 1 }
    await writeStatus<object>({ client, ref: STATEFUL_SETS, object: set, status, onConflict: 'throw' }, signal)
    return again(0)
  }
  const current = found.all.find((revision) => nameOf(revision) === set.status?.currentRevision) ?? found.current
  const view = { set, pods, current: nameOf(current), update: nameOf(found.current), now: deps.clock.now() }
  return takeStep(deps, view, [...found.all], signal)
}

function claimRevisions({ client, revisions }: StatefulSetDeps, set: ReadStatefulSet, signal: AbortSignal) {
  const selector = selectorOf(set.spec?.selector)
  return claim(
    { client, owner: set, ownerRef: STATEFUL_SETS, ref: CONTROLLER_REVISIONS, selector },
    candidatesOf(revisions, set, selector),
    signal,
  )
}

/** Of the Pods that the set selects only those are its own that have its name and a number. */
function claimPods({ client, pods }: StatefulSetDeps, set: ReadStatefulSet, signal: AbortSignal) {
  const selector = selectorOf(set.spec?.selector)
  return claim(
    { client, owner: set, ownerRef: STATEFUL_SETS, ref: PODS, selector },
    candidatesOf(pods, set, selector).filter((pod) => ordinalOf(set, pod) !== undefined),
    signal,
  )
}

function revisionWish(
  set: ReadStatefulSet,
  template: RevisionWish['template'],
  revisions: readonly ReadRevision[],
): RevisionWish {
  return {
    owner: controllerReference(set, STATEFUL_SETS),
    namespace: set.metadata.namespace ?? '',
    template,
    annotations: set.metadata.annotations,
    collisionCount: set.status?.collisionCount,
    revisions,
  }
}

async function takeStep(
  deps: StatefulSetDeps,
  view: StatefulView,
  revisions: readonly ReadRevision[],
  signal: AbortSignal,
): Promise<Outcome> {
  const { client, ownWrites } = deps
  const { set } = view
  const { plan, waitMs } = delayFailing(deps.backoff, set, planStateful(view))
  const failure = await attempt(() => act(deps, view, { plan, revisions }, signal))
  const done = failure === undefined ? plan : { create: [], remove: [] }
  const written = await writeStatus<object>(
    { client, ref: STATEFUL_SETS, object: set, status: statefulStatus(view, done), onConflict: 'throw' },
    signal,
  )
  if (written !== undefined) ownWrites.expectVersion(keyOf(set), written)
  if (failure !== undefined) throw failure
  const live = new Set([view.current, view.update, ...view.pods.map(revisionOf)])
  const surplus = surplusRevisions(revisions, live, set.spec?.revisionHistoryLimit ?? 10)
  await removeRevisions(client, surplus, signal)
  const waits = [waitMs, whenAvailable(view)].filter((wait) => wait !== undefined)
  return waits.length === 0 ? settled : again(Math.min(...waits))
}

function whenAvailable({ set, pods, now }: StatefulView): number | undefined {
  const minReady = set.spec?.minReadySeconds ?? 0
  return minReady === 0 ? undefined : nextAvailability(pods, minReady, now)
}

/** A plan without the Pods that must stay for now, and when to look at those again. */
interface Delayed {
  readonly plan: StatefulPlan
  readonly waitMs: number | undefined
}

/** A Pod that ends as soon as it begins is not removed and made again in a hot loop. */
function delayFailing(backoff: PlaceBackoff, set: ReadStatefulSet, plan: StatefulPlan): Delayed {
  const spared = backoff.spare<ReadPod>(uidOf(set), plan.remove.filter(isTerminal), nameOf)
  return {
    plan: { create: plan.create, remove: plan.remove.filter((pod) => !spared.pods.has(pod)) },
    waitMs: spared.waitMs,
  }
}
