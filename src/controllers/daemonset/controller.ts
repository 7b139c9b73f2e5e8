/** DaemonSet: one Pod on every node that fits (https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/). */

import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { CONTROLLER_REVISIONS, DAEMON_SETS, NODES, PODS } from '../../client/resources.ts'
import { selectorOf } from '../../meta/label-selector.ts'
import { sameJson } from '../kit/equal.ts'
import { PlaceBackoff } from '../kit/failure-backoff.ts'
import { candidatesOf } from '../kit/selected.ts'
import { indexByController } from '../kit/indexes.ts'
import { attempt, type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { claim, controllerReference, isDeleting, keyOf, nameOf, uidOf } from '../kit/ownership.ts'
import { PacedQueue } from '../kit/pace.ts'
import { OwnWrites } from '../kit/own-writes.ts'
import { observeOwnWrites, PodControl } from '../kit/pod-control.ts'
import type { ReadPod } from '../kit/pods.ts'
import { presentRevision, removeRevisions } from '../kit/revisions/revision-control.ts'
import { hashOf, REVISION_LABEL, surplusRevisions } from '../kit/revisions/revisions.ts'
import { wakeOwners } from '../kit/wake-owners.ts'
import { writeStatus } from '../kit/write-status.ts'
import { belonging, daemonPod, type ReadDaemonSet, type ReadNode, targetNode } from './nodes.ts'
import { type DaemonPlan, daemonStatus, type DaemonView, planDaemons, whenDaemonsAvailable } from './plan.ts'

const CATCH_UP_MS = 5_000

export function daemonSetController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const sets = deps.informers.of(DAEMON_SETS)
  const pods = deps.informers.of(PODS)
  const nodes = deps.informers.of(NODES)
  const revisions = deps.informers.of(CONTROLLER_REVISIONS)
  const queue = createWorkQueue(clock)
  const paced = new PacedQueue(queue, clock)
  const ownWrites = new OwnWrites(clock)
  const events = deps.events('daemonset-controller')
  const control = new PodControl({ client, events, ownWrites })
  const backoff = new PlaceBackoff(clock)
  indexByController(pods)
  indexByController(revisions)
  observeOwnWrites(pods, ownWrites)

  const enqueue = (set: ReadDaemonSet) => queue.add(keyOf(set))
  sets.on({
    added: enqueue,
    updated: enqueue,
    deleted(set) {
      backoff.forget(uidOf(set))
      enqueue(set)
    },
  })
  wakeOwners(pods, {
    ref: DAEMON_SETS,
    owners: sets,
    selector: (set) => selectorOf(set.spec?.selector),
    wake: (key) => paced.add(key),
  })
  const wakeFor = (...versions: readonly ReadNode[]) => {
    for (const set of sets.list()) {
      const [now, before] = versions.map((node) => belonging(set, node))
      if (before === undefined ? now?.stays === true : !sameJson(now, before)) enqueue(set)
    }
  }
  nodes.on({
    added: (node) => wakeFor(node),
    updated(node, old) {
      if (node.metadata.labels !== old.metadata.labels || node.spec !== old.spec) wakeFor(node, old)
    },
    deleted: (node) => wakeFor(node),
  })

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const set = sets.get(key)
    if (set?.spec === undefined) {
      ownWrites.forget(key)
      return settled
    }
    if (!ownWrites.caughtUp(key)) return again(CATCH_UP_MS)
    const selector = selectorOf(set.spec.selector)
    if (selector.isEmpty) {
      const message = 'This daemon set is selecting all pods. A non-empty selector is required.'
      events.event(set, 'Warning', 'SelectingAll', message)
      return settled
    }
    if (isDeleting(set)) return settled
    const owner = controllerReference(set, DAEMON_SETS)
    const ownRevisions = await claim(
      { client, owner: set, ownerRef: DAEMON_SETS, ref: CONTROLLER_REVISIONS, selector },
      candidatesOf(revisions, set, selector),
      signal,
    )
    const { template } = set.spec
    const found = await presentRevision(
      client,
      {
        owner,
        namespace: set.metadata.namespace ?? '',
        template,
        annotations: set.metadata.annotations,
        collisionCount: set.status?.collisionCount,
        revisions: ownRevisions,
      },
      signal,
    )
    if (found.result === 'collision') {
      const status = { ...set.status, collisionCount: (set.status?.collisionCount ?? 0) + 1 }
      await writeStatus<object>({ client, ref: DAEMON_SETS, object: set, status }, signal)
      return again(0)
    }
    const mine = await claim(
      { client, owner: set, ownerRef: DAEMON_SETS, ref: PODS, selector },
      candidatesOf(pods, set, selector),
      signal,
    )
    const hash = hashOf(found.current)
    const everyNode = nodes.list()
    paced.begin(key, everyNode.length)
    const view: DaemonView = { set, nodes: everyNode, pods: mine, hash, now: clock.now() }
    const { plan, waitMs } = delayFailing(set, planDaemons(view))
    const failure = await attempt(() => carryOut(set, plan, hash, signal))
    const status = daemonStatus(view)
    await writeStatus<object>({ client, ref: DAEMON_SETS, object: set, status }, signal)
    if (failure !== undefined) throw failure
    const live = new Set(mine.map((pod) => pod.metadata.labels?.[REVISION_LABEL]))
    const used = found.all.filter((revision) => revision === found.current || live.has(hashOf(revision)))
    const surplus = surplusRevisions(found.all, new Set(used.map(nameOf)), set.spec.revisionHistoryLimit ?? 10)
    await removeRevisions(client, surplus, signal)
    const waits = [waitMs, whenDaemonsAvailable(view)].filter((wait) => wait !== undefined)
    return waits.length === 0 ? settled : again(Math.min(...waits))
  }

  /** Daemons that keep ending are not killed and replaced in a hot loop. */
  const delayFailing = (set: ReadDaemonSet, plan: DaemonPlan): { plan: DaemonPlan; waitMs: number | undefined } => {
    const spared = backoff.spare(uidOf(set), plan.ended, (pod) => targetNode(pod) ?? '')
    const kept = (list: readonly ReadPod[]) => list.filter((pod) => !spared.pods.has(pod))
    return { plan: { ...plan, stop: kept(plan.stop), ended: kept(plan.ended) }, waitMs: spared.waitMs }
  }

  const carryOut = async (set: ReadDaemonSet, plan: DaemonPlan, hash: string, signal: AbortSignal): Promise<void> => {
    for (const pod of plan.ended) {
      const where = `daemon pod ${keyOf(pod)} on node ${targetNode(pod)}`
      if (pod.status?.phase === 'Failed') {
        events.event(set, 'Warning', 'FailedDaemonPod', `Found failed ${where}, will try to kill it`)
      } else {
        events.event(set, 'Normal', 'SucceededDaemonPod', `Found succeeded ${where}, will try to delete it`)
      }
    }
    const made = (index: number) => daemonPod(set, plan.start[index] ?? '', hash)
    await control.createMany(set, plan.start.length, made, signal)
    await control.deleteMany(set, plan.stop, signal)
  }

  const waitFor = [sets, pods, nodes, revisions]
  return loopController({ name: 'daemonset', queue, reconcile, log: deps.log, waitFor, workers: 2 })
}
