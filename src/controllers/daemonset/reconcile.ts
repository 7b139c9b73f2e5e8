/** One look at one DaemonSet: daemons are started and stopped, then its status is written. */

import type { ControllerRevision, DaemonSet } from '../../api/generated/apps-v1.ts'
import type { Node, Pod } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../base/clock.ts'
import { again, type Outcome, settled } from '../../base/work-queue.ts'
import type { Client } from '../../client/client.ts'
import type { Informer, Lister } from '../../client/informer.ts'
import { CONTROLLER_REVISIONS, DAEMON_SETS, PODS } from '../../client/resources.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import type { PlaceBackoff } from '../kit/failure-backoff.ts'
import { attempt } from '../kit/loop.ts'
import { claim, controllerReference, isDeleting, keyOf, nameOf, uidOf } from '../kit/ownership.ts'
import type { OwnWrites } from '../kit/own-writes.ts'
import type { PacedQueue } from '../kit/pace.ts'
import type { ReadPod } from '../kit/pods.ts'
import { presentRevision, removeRevisions, type RevisionFound } from '../kit/revisions/revision-control.ts'
import { hashOf, type ReadRevision, REVISION_LABEL, surplusRevisions } from '../kit/revisions/revisions.ts'
import { candidatesOf } from '../kit/selected.ts'
import { writeStatus } from '../kit/write-status.ts'
import { act, type ActDeps } from './act.ts'
import { type ReadDaemonSet, targetNode } from './nodes.ts'
import { type DaemonPlan, daemonStatus, type DaemonView, planDaemons, whenDaemonsAvailable } from './plan.ts'

const CATCH_UP_MS = 5_000

export interface DaemonSetDeps extends ActDeps {
  readonly client: Client
  readonly clock: Clock
  readonly sets: Lister<DaemonSet>
  readonly pods: Informer<Pod>
  readonly nodes: Lister<Node>
  readonly revisions: Informer<ControllerRevision>
  readonly paced: PacedQueue
  readonly ownWrites: OwnWrites
  readonly backoff: PlaceBackoff
}

type Specified = ReadDaemonSet & { readonly spec: NonNullable<ReadDaemonSet['spec']> }
type Found = Extract<RevisionFound, { readonly result: 'found' }>

export async function reconcileDaemonSet(deps: DaemonSetDeps, key: string, signal: AbortSignal): Promise<Outcome> {
  const set = deps.sets.get(key)
  if (!isSpecified(set)) {
    deps.ownWrites.forget(key)
    return settled
  }
  if (!deps.ownWrites.caughtUp(key)) return again(CATCH_UP_MS)
  if (selectorOf(set.spec.selector).isEmpty) {
    const message = 'This daemon set is selecting all pods. A non-empty selector is required.'
    deps.events.event(set, 'Warning', 'SelectingAll', message)
    return settled
  }
  if (isDeleting(set)) return settled
  const found = await revisionOfTemplate(deps, set, signal)
  if (found.result === 'found') return goOn(deps, set, found, signal)
  const status = { ...set.status, collisionCount: (set.status?.collisionCount ?? 0) + 1 }
  await writeStatus<object>({ client: deps.client, ref: DAEMON_SETS, object: set, status }, signal)
  return again(0)
}

const isSpecified = (set: ReadDaemonSet | undefined): set is Specified => set?.spec !== undefined

async function revisionOfTemplate(
  { client, revisions }: DaemonSetDeps,
  set: Specified,
  signal: AbortSignal,
): Promise<RevisionFound> {
  const selector = selectorOf(set.spec.selector)
  const owner = controllerReference(set, DAEMON_SETS)
  const known = await claim(
    { client, owner: set, ownerRef: DAEMON_SETS, ref: CONTROLLER_REVISIONS, selector },
    candidatesOf(revisions, set, selector),
    signal,
  )
  const wish = {
    owner,
    namespace: set.metadata.namespace ?? '',
    template: set.spec.template,
    annotations: set.metadata.annotations,
    collisionCount: set.status?.collisionCount,
    revisions: known,
  }
  return presentRevision(client, wish, signal)
}

async function goOn(deps: DaemonSetDeps, set: Specified, found: Found, signal: AbortSignal): Promise<Outcome> {
  const { client, clock, nodes, paced } = deps
  const pods = await claimPods(deps, set, signal)
  const everyNode = nodes.list()
  paced.begin(keyOf(set), everyNode.length)
  const view: DaemonView = { set, nodes: everyNode, pods, hash: hashOf(found.current), now: clock.now() }
  const { plan, waitMs } = delayFailing(deps.backoff, set, planDaemons(view))
  const failure = await attempt(() => act(deps, view, plan, signal))
  await writeStatus<object>({ client, ref: DAEMON_SETS, object: set, status: daemonStatus(view) }, signal)
  if (failure !== undefined) throw failure
  await removeRevisions(client, unusedRevisions(view, found), signal)
  const waits = [waitMs, whenDaemonsAvailable(view)].filter((wait) => wait !== undefined)
  return waits.length === 0 ? settled : again(Math.min(...waits))
}

function claimPods({ client, pods }: DaemonSetDeps, set: Specified, signal: AbortSignal): Promise<readonly ReadPod[]> {
  const selector = selectorOf(set.spec.selector)
  return claim(
    { client, owner: set, ownerRef: DAEMON_SETS, ref: PODS, selector },
    candidatesOf(pods, set, selector),
    signal,
  )
}

/** A plan without the Pods that must stay for now, and when to look at those again. */
interface Delayed {
  readonly plan: DaemonPlan
  readonly waitMs: number | undefined
}

/** Daemons that keep ending are not killed and replaced in a hot loop. */
function delayFailing(backoff: PlaceBackoff, set: ReadDaemonSet, plan: DaemonPlan): Delayed {
  const spared = backoff.spare(uidOf(set), plan.ended, (pod) => targetNode(pod) ?? '')
  const kept = (list: readonly ReadPod[]) => list.filter((pod) => !spared.pods.has(pod))
  return { plan: { ...plan, stop: kept(plan.stop), ended: kept(plan.ended) }, waitMs: spared.waitMs }
}

/** The revisions beyond the history limit that no Pod is of. */
function unusedRevisions({ set, pods }: DaemonView, { current, all }: Found): readonly ReadRevision[] {
  const live = new Set(pods.map((pod) => pod.metadata.labels?.[REVISION_LABEL]))
  const used = all.filter((revision) => revision === current || live.has(hashOf(revision)))
  return surplusRevisions(all, new Set(used.map(nameOf)), set.spec?.revisionHistoryLimit ?? 10)
}
