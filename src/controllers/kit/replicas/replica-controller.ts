/**
 * The controller behind ReplicaSet and ReplicationController: keeps a stated number of like Pods alive
 * (https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/).
 */

import type { Pod, PodTemplateSpec } from '../../../api/generated/core-v1.ts'
import { again, createWorkQueue, type Outcome, settled, type WorkQueue } from '../../../base/work-queue.ts'
import type { Informer } from '../../../client/informer.ts'
import { PODS, type ResourceRef } from '../../../client/resources.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { Selector } from '../../../meta/label-selector.ts'
import type { KubeObject } from '../../../meta/types.ts'
import { OwnerBackoff } from '../failure-backoff.ts'
import { indexByController, ownedBy } from '../indexes.ts'
import { candidatesOf, indexBySelector, selecting } from '../selected.ts'
import { attempt, type Controller, type ControllerDeps, loopController } from '../loop.ts'
import { claim, controllerOf, controllerReference, isDeleting, keyOf, pointsAt, uidOf } from '../ownership.ts'
import { OwnWrites } from '../own-writes.ts'
import { observeOwnWrites, PodControl } from '../pod-control.ts'
import { PacedQueue } from '../pace.ts'
import { podFromTemplate } from '../pod-from-template.ts'
import { isActive, type ReadPod } from '../pods.ts'
import { crowdOf } from './rank.ts'
import { planReplicas, type ReplicaFacts, replicaStatus, type ReplicaStatus, whenAvailable } from './replicas.ts'
import { writeStatus } from '../write-status.ts'

/** How long to wait for the cache to show our own writes when no event comes. */
const CATCH_UP_MS = 5_000

/** What one kind of replica owner looks like. */
export interface ReplicaKind<T extends KubeObject> {
  readonly name: string
  readonly ref: ResourceRef<T>
  readonly wanted: (owner: DeepReadonly<T>) => number
  readonly minReadySeconds: (owner: DeepReadonly<T>) => number
  readonly selector: (owner: DeepReadonly<T>) => Selector
  readonly template: (owner: DeepReadonly<T>) => DeepReadonly<PodTemplateSpec> | undefined
  readonly status: (owner: DeepReadonly<T>) => ReplicaStatus | undefined
  readonly reportsTerminating: boolean
}

/** A controller for one kind. */
export function replicaController<T extends KubeObject>(kind: ReplicaKind<T>, deps: ControllerDeps): Controller {
  const owners = deps.informers.of(kind.ref)
  const pods = deps.informers.of(PODS)
  const queue = createWorkQueue(deps.clock)
  const ownWrites = new OwnWrites(deps.clock)
  const events = deps.events(`${kind.name}-controller`)
  const control = new PodControl({ client: deps.client, events, ownWrites })
  const backoff = new OwnerBackoff(deps.clock)
  indexByController(owners)
  indexByController(pods)
  observeOwnWrites(pods, ownWrites)
  const paced = new PacedQueue(queue, deps.clock)
  wake(kind, owners, pods, { queue, paced })

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const owner = owners.get(key)
    if (owner === undefined) {
      ownWrites.forget(key)
      backoff.forget(key)
      return settled // the garbage collector has the rest
    }
    if (!ownWrites.caughtUp(key)) return again(CATCH_UP_MS)
    const template = kind.template(owner)
    if (template === undefined) return settled

    const candidates = candidatesOf(pods, owner as KubeObject, kind.selector(owner)).filter(isActive)
    const active = await claim(
      { client: deps.client, owner, ownerRef: kind.ref, ref: PODS, selector: kind.selector(owner) },
      candidates,
      signal,
    )
    const wanted = kind.wanted(owner)
    // With the number right, all there is to do is to count.
    paced.begin(key, active.length === wanted ? active.length : 0)
    const held = backoff.hold(key, ownedBy(pods, uidOf(owner as KubeObject)))
    const failure = isDeleting(owner as KubeObject)
      ? undefined
      : await attempt(() =>
          bring(owner, Math.max(Math.min(wanted, active.length), wanted - held.count), active, template, signal),
        )
    const facts: ReplicaFacts = {
      generation: (owner as KubeObject).metadata.generation,
      wanted,
      minReadySeconds: kind.minReadySeconds(owner),
      templateLabels: template.metadata?.labels,
      previous: kind.status(owner),
      pods: active,
      owned: ownedBy(pods, uidOf(owner as KubeObject)),
      failure,
      now: deps.clock.now(),
    }
    await report(owner, replicaStatus(facts), signal)
    if (failure !== undefined) throw failure
    const waits = [held.waitMs, whenAvailable(facts)].filter((wait) => wait !== undefined)
    return waits.length === 0 ? settled : again(Math.min(...waits))
  }

  const bring = async (
    owner: DeepReadonly<T>,
    wanted: number,
    active: readonly ReadPod[],
    template: DeepReadonly<PodTemplateSpec>,
    signal: AbortSignal,
  ) => {
    const object = owner as KubeObject
    if (wanted === active.length) return
    const crowd = wanted < active.length ? relatedPods(object) : []
    const plan = planReplicas(wanted, active, { now: deps.clock.now(), crowd: crowdOf(crowd) })
    const namespace = object.metadata.namespace ?? ''
    const reference = controllerReference(object, kind.ref)
    await control.createMany(
      object,
      plan.create,
      () => podFromTemplate({ namespace, owner: reference, template }),
      signal,
    )
    await control.deleteMany(object, plan.remove, signal)
  }

  /** The active Pods of every owner under the same controller: siblings crowd a node too. */
  const relatedPods = (owner: KubeObject): readonly ReadPod[] => {
    const parent = controllerOf(owner)
    const siblings = parent === undefined ? [owner] : (ownedBy(owners, parent.uid) as readonly KubeObject[])
    return siblings.flatMap((sibling) => ownedBy(pods, uidOf(sibling))).filter(isActive)
  }

  const report = async (owner: DeepReadonly<T>, status: ReplicaStatus, signal: AbortSignal) => {
    const { terminatingReplicas, ...rest } = status
    const told = kind.reportsTerminating ? { ...rest, terminatingReplicas } : rest
    const object: KubeObject & { readonly status?: object } = owner as KubeObject
    await writeStatus<object>({ client: deps.client, ref: kind.ref, object, status: told }, signal)
  }

  return loopController({ name: kind.name, queue, reconcile, log: deps.log, waitFor: [owners, pods] })
}

/** Puts owners into the queue when they or their Pods change. */
function wake<T extends KubeObject>(
  kind: ReplicaKind<T>,
  owners: Informer<T>,
  pods: Informer<Pod>,
  { queue, paced }: { readonly queue: WorkQueue; readonly paced: PacedQueue },
): void {
  const enqueue = (owner: DeepReadonly<T>) => queue.add(keyOf(owner as KubeObject))
  owners.on({
    added: enqueue,
    updated(owner, old) {
      const [now, before] = [owner as KubeObject, old as KubeObject]
      const isSame = now.metadata.generation === before.metadata.generation && isDeleting(now) === isDeleting(before)
      if (isSame) paced.add(keyOf(now))
      else enqueue(owner)
    },
    deleted: enqueue,
  })

  indexBySelector(owners, kind.selector)
  const wakeController = (pod: ReadPod, to: Pick<WorkQueue, 'add'> | PacedQueue = queue) => {
    const controller = controllerOf(pod)
    if (controller === undefined || !pointsAt(controller, kind.ref)) return
    to.add(`${pod.metadata.namespace}/${controller.name}`)
  }
  /** An orphan may be claimed by any owner of its namespace that matches. */
  const wakeClaimants = (pod: ReadPod) => {
    for (const owner of selecting(owners, pod.metadata.namespace, pod.metadata.labels)) {
      if (kind.selector(owner).matches(pod.metadata.labels)) enqueue(owner)
    }
  }
  pods.on({
    added: (pod) => (controllerOf(pod) === undefined ? wakeClaimants(pod) : wakeController(pod, paced)),
    updated(pod, old) {
      const [owner, before] = [controllerOf(pod), controllerOf(old)]
      if (owner?.uid !== before?.uid) wakeController(old)
      if (owner === undefined) wakeClaimants(pod)
      else wakeController(pod, owner.uid === before?.uid && isActive(old) === isActive(pod) ? paced : queue)
    },
    deleted: (pod) => wakeController(pod),
  })
}
