/** StatefulSet: Pods that keep their names and their storage (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/). */

import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { CONTROLLER_REVISIONS, PERSISTENT_VOLUME_CLAIMS, PODS, STATEFUL_SETS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import { PlaceBackoff } from '../kit/failure-backoff.ts'
import { candidatesOf } from '../kit/selected.ts'
import { indexByController } from '../kit/indexes.ts'
import { attempt, type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { claim, controllerReference, isDeleting, keyOf, nameOf, placeOf, uidOf } from '../kit/ownership.ts'
import { OwnWrites } from '../kit/own-writes.ts'
import { observeOwnWrites, PodControl, type PodTexts } from '../kit/pod-control.ts'
import { isFinished, nextAvailability } from '../kit/pods.ts'
import { presentRevision, removeRevisions } from '../kit/revisions/revision-control.ts'
import { type ReadRevision, surplusRevisions, templateOf } from '../kit/revisions/revisions.ts'
import { wakeOwners } from '../kit/wake-owners.ts'
import { writeStatus } from '../kit/write-status.ts'
import { checkLeftOvers, keepClaimOwners, makeClaims, makeClaimsFirst } from './claims.ts'
import { isWithin, missingLabels, ordinalOf, type ReadStatefulSet, revisionOf, statefulPod } from './identity.ts'
import { planStateful, type StatefulPlan, statefulStatus, type StatefulView } from './plan.ts'

const CATCH_UP_MS = 5_000

const TEXTS: PodTexts = {
  created: (set, pod) => `Create Pod ${pod} in StatefulSet ${nameOf(set)} successful`,
  createFailed: (set, pod, why) => `Create Pod ${pod} in StatefulSet ${nameOf(set)} failed error: ${why}`,
  deleted: (set, pod) => `Delete Pod ${pod} in StatefulSet ${nameOf(set)} successful`,
  keepsQuiet: (error) => hasReason(error, 'AlreadyExists'),
  deleteFailed: (set, pod, why) => `Delete Pod ${pod} in StatefulSet ${nameOf(set)} failed error: ${why}`,
}

export function statefulSetController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const sets = deps.informers.of(STATEFUL_SETS)
  const pods = deps.informers.of(PODS)
  const revisions = deps.informers.of(CONTROLLER_REVISIONS)
  const claims = deps.informers.of(PERSISTENT_VOLUME_CLAIMS)
  const queue = createWorkQueue(clock)
  const ownWrites = new OwnWrites(clock)
  const events = deps.events('statefulset-controller')
  const control = new PodControl({ client, events, ownWrites, texts: TEXTS })
  const claimControl = { client, claims, events }
  const backoff = new PlaceBackoff(clock)
  indexByController(pods)
  indexByController(revisions)
  observeOwnWrites(pods, ownWrites)

  const enqueue = (set: ReadStatefulSet) => queue.add(keyOf(set))
  sets.on({
    added: enqueue,
    updated: enqueue,
    deleted(set) {
      backoff.forget(uidOf(set))
      enqueue(set)
    },
  })
  wakeOwners(pods, {
    ref: STATEFUL_SETS,
    owners: sets,
    selector: (set) => selectorOf(set.spec?.selector),
    mayClaim: (set, pod) => ordinalOf(set, pod) !== undefined,
    wake: (key) => queue.add(key),
  })

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const set = sets.get(key)
    if (set?.spec === undefined) {
      ownWrites.forget(key)
      return settled
    }
    if (!ownWrites.caughtUp(key) || !ownWrites.hasVersion(key, set)) return again(CATCH_UP_MS)
    const selector = selectorOf(set.spec.selector)
    const known = await claim(
      { client, owner: set, ownerRef: STATEFUL_SETS, ref: CONTROLLER_REVISIONS, selector },
      candidatesOf(revisions, set, selector),
      signal,
    )
    const mine = await claim(
      { client, owner: set, ownerRef: STATEFUL_SETS, ref: PODS, selector },
      candidatesOf(pods, set, selector).filter((pod) => ordinalOf(set, pod) !== undefined),
      signal,
    )
    const found = await presentRevision(
      client,
      {
        owner: controllerReference(set, STATEFUL_SETS),
        namespace: set.metadata.namespace ?? '',
        template: set.spec.template,
        annotations: set.metadata.annotations,
        collisionCount: set.status?.collisionCount,
        revisions: known,
      },
      signal,
    )
    if (found.result === 'collision') {
      const status = { ...set.status, collisionCount: (set.status?.collisionCount ?? 0) + 1 }
      await writeStatus<object>({ client, ref: STATEFUL_SETS, object: set, status, onConflict: 'throw' }, signal)
      return again(0)
    }
    const current = found.all.find((revision) => nameOf(revision) === set.status?.currentRevision) ?? found.current
    const view = { set, pods: mine, current: nameOf(current), update: nameOf(found.current), now: clock.now() }
    return carryOut(view, [...found.all], signal)
  }

  const carryOut = async (view: StatefulView, all: readonly ReadRevision[], signal: AbortSignal): Promise<Outcome> => {
    const { set, pods: mine, now } = view
    const { plan, waitMs } = delayFailing(set, planStateful(view))
    const failure = await attempt(() => act(view, plan, all, signal))
    const done = failure === undefined ? plan : { create: [], remove: [] }
    const status = statefulStatus(view, done)
    const object: typeof set = set
    const written = await writeStatus<object>(
      { client, ref: STATEFUL_SETS, object, status, onConflict: 'throw' },
      signal,
    )
    if (written !== undefined) ownWrites.expectVersion(keyOf(set), written)
    if (failure !== undefined) throw failure
    const live = new Set([view.current, view.update, ...mine.map(revisionOf)])
    await removeRevisions(client, surplusRevisions(all, live, set.spec?.revisionHistoryLimit ?? 10), signal)
    const minReady = set.spec?.minReadySeconds ?? 0
    const available = minReady === 0 ? undefined : nextAvailability(mine, minReady, now)
    const waits = [waitMs, available].filter((wait) => wait !== undefined)
    return waits.length === 0 ? settled : again(Math.min(...waits))
  }

  /** A Pod that ends as soon as it begins is not removed and made again in a hot loop. */
  const delayFailing = (set: ReadStatefulSet, plan: StatefulPlan) => {
    const spared = backoff.spare(uidOf(set), plan.remove.filter(isFinished), nameOf)
    return {
      plan: { create: plan.create, remove: plan.remove.filter((pod) => !spared.pods.has(pod)) },
      waitMs: spared.waitMs,
    }
  }

  const act = async (
    { set, pods: mine }: StatefulView,
    plan: StatefulPlan,
    all: readonly ReadRevision[],
    signal: AbortSignal,
  ): Promise<void> => {
    for (const pod of mine) {
      const ordinal = ordinalOf(set, pod)
      const isWaiting = pod.status?.phase === 'Pending' && !isDeleting(set)
      if (ordinal !== undefined && isWaiting && isWithin(set, ordinal))
        await makeClaims(claimControl, set, ordinal, signal)
      await keepClaimOwners(claimControl, set, pod, signal)
      const labels = missingLabels(set, pod)
      if (labels !== undefined) {
        await client.patch(PODS, placeOf(pod), 'merge', { metadata: { labels } }, undefined, signal)
        const told = `Update Pod ${nameOf(pod)} in StatefulSet ${nameOf(set)} successful`
        events.event(set, 'Normal', 'SuccessfulUpdate', told)
      }
    }
    for (const { ordinal, revision } of plan.create) {
      checkLeftOvers(claimControl, set, ordinal)
      await makeClaimsFirst(claimControl, set, ordinal, signal)
      const made = all.find((candidate) => nameOf(candidate) === revision)
      const template = (made === undefined ? undefined : templateOf(made)) ?? set.spec?.template
      if (template !== undefined) await control.create(set, statefulPod(set, ordinal, { template, revision }), signal)
    }
    for (const pod of plan.remove) await control.delete(set, pod, signal)
  }

  return loopController({
    name: 'statefulset',
    queue,
    reconcile,
    log: deps.log,
    waitFor: [sets, pods, revisions, claims],
  })
}
