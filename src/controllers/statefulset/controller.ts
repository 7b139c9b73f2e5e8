/** StatefulSet: Pods that keep their names and their storage (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/). */

import { createWorkQueue } from '../../base/work-queue.ts'
import { CONTROLLER_REVISIONS, PERSISTENT_VOLUME_CLAIMS, PODS, STATEFUL_SETS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import { PlaceBackoff } from '../kit/failure-backoff.ts'
import { indexByController } from '../kit/indexes.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { keyOf, nameOf, uidOf } from '../kit/ownership.ts'
import { OwnWrites } from '../kit/own-writes.ts'
import { observeOwnWrites, PodControl, type PodTexts } from '../kit/pod-control.ts'
import { wakeOwners } from '../kit/wake-owners.ts'
import { ordinalOf, type ReadStatefulSet } from './identity.ts'
import { reconcileStatefulSet } from './reconcile.ts'

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
  const parts = { client, clock, sets, pods, revisions, ownWrites, events, control, claimControl, backoff }
  const reconcile = (key: string, signal: AbortSignal) => reconcileStatefulSet(parts, key, signal)
  const waitFor = [sets, pods, revisions, claims]
  return loopController({ name: 'statefulset', queue, reconcile, log: deps.log, waitFor })
}
