/** One look at one replica owner: makes or removes Pods, then counts them. */

import { isActive } from '../../../api/core/v1/pod/facts.ts'
import type { PodTemplateSpec } from '../../../api/generated/core-v1.ts'
import type { Clock } from '../../../base/clock.ts'
import { again, type Outcome, settled } from '../../../base/work-queue.ts'
import type { Client } from '../../../client/client.ts'
import { PODS } from '../../../client/resources.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { KubeObject } from '../../../meta/types.ts'
import type { OwnerBackoff } from '../failure-backoff.ts'
import { ownedBy } from '../indexes.ts'
import { attempt } from '../loop.ts'
import { claim, controllerOf, controllerReference, isDeleting, keyOf, uidOf } from '../ownership.ts'
import type { OwnWrites } from '../own-writes.ts'
import type { PacedQueue } from '../pace.ts'
import type { PodControl } from '../pod-control.ts'
import { podFromTemplate } from '../pod-from-template.ts'
import type { ReadPod } from '../pods.ts'
import { candidatesOf } from '../selected.ts'
import { writeStatus } from '../write-status.ts'
import { crowdOf } from './rank.ts'
import type { ReplicaKind } from './replica-kind.ts'
import { planReplicas, type ReplicaFacts, replicaStatus, type ReplicaStatus, whenAvailable } from './replicas.ts'
import type { ReplicaCaches } from './wake-replica-owners.ts'

/** How long to wait for the cache to show our own writes when no event comes. */
const CATCH_UP_MS = 5_000

export interface ReplicaDeps<T extends KubeObject> extends ReplicaCaches<T> {
  readonly kind: ReplicaKind<T>
  readonly client: Client
  readonly clock: Clock
  readonly ownWrites: OwnWrites
  readonly control: PodControl
  readonly backoff: OwnerBackoff
  readonly paced: PacedQueue
}

export async function reconcileReplicas<T extends KubeObject>(
  deps: ReplicaDeps<T>,
  key: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const { kind, ownWrites } = deps
  const owner = deps.owners.get(key)
  if (owner === undefined) {
    ownWrites.forget(key)
    deps.backoff.forget(key)
    return settled // the garbage collector has the rest
  }
  if (!ownWrites.caughtUp(key)) return again(CATCH_UP_MS)
  const template = kind.template(owner)
  return template === undefined ? settled : bringAndReport(deps, owner, template, signal)
}

type Template = DeepReadonly<PodTemplateSpec>

async function bringAndReport<T extends KubeObject>(
  deps: ReplicaDeps<T>,
  owner: DeepReadonly<T>,
  template: Template,
  signal: AbortSignal,
): Promise<Outcome> {
  const { kind } = deps
  const object = owner as KubeObject
  const key = keyOf(object)
  const active = await claimActive(deps, owner, signal)
  const wanted = kind.wanted(owner)
  // With the number right, all there is to do is to count.
  deps.paced.begin(key, active.length === wanted ? active.length : 0)
  const held = deps.backoff.hold(key, ownedBy(deps.pods, uidOf(object)))
  const allowed = Math.max(Math.min(wanted, active.length), wanted - held.count)
  const failure = isDeleting(object)
    ? undefined
    : await attempt(() => bring(deps, object, { wanted: allowed, active, template }, signal))
  const facts: ReplicaFacts = {
    generation: object.metadata.generation,
    wanted,
    minReadySeconds: kind.minReadySeconds(owner),
    templateLabels: template.metadata?.labels,
    previous: kind.status(owner),
    pods: active,
    owned: ownedBy(deps.pods, uidOf(object)),
    failure,
    now: deps.clock.now(),
  }
  await report(deps, object, replicaStatus(facts), signal)
  if (failure !== undefined) throw failure
  const waits = [held.waitMs, whenAvailable(facts)].filter((wait) => wait !== undefined)
  return waits.length === 0 ? settled : again(Math.min(...waits))
}

function claimActive<T extends KubeObject>(
  { kind, client, pods }: ReplicaDeps<T>,
  owner: DeepReadonly<T>,
  signal: AbortSignal,
): Promise<readonly ReadPod[]> {
  const selector = kind.selector(owner)
  const candidates = candidatesOf(pods, owner as KubeObject, selector).filter(isActive)
  return claim({ client, owner: owner as KubeObject, ownerRef: kind.ref, ref: PODS, selector }, candidates, signal)
}

interface Wanted {
  readonly wanted: number
  readonly active: readonly ReadPod[]
  readonly template: Template
}

/** Makes or removes Pods until there are as many as wanted. */
async function bring<T extends KubeObject>(
  deps: ReplicaDeps<T>,
  owner: KubeObject,
  { wanted, active, template }: Wanted,
  signal: AbortSignal,
): Promise<void> {
  if (wanted === active.length) return
  const { kind, clock, control } = deps
  const crowd = wanted < active.length ? relatedPods(deps, owner) : []
  const plan = planReplicas(wanted, active, { now: clock.now(), crowd: crowdOf(crowd) })
  const namespace = owner.metadata.namespace ?? ''
  const reference = controllerReference(owner, kind.ref)
  const make = () => podFromTemplate({ namespace, owner: reference, template })
  await control.createMany(owner, plan.create, make, signal)
  await control.deleteMany(owner, plan.remove, signal)
}

/** The active Pods of every owner under the same controller: siblings crowd a node too. */
function relatedPods<T extends KubeObject>({ owners, pods }: ReplicaDeps<T>, owner: KubeObject): readonly ReadPod[] {
  const parent = controllerOf(owner)
  const siblings = parent === undefined ? [owner] : (ownedBy(owners, parent.uid) as readonly KubeObject[])
  return siblings.flatMap((sibling) => ownedBy(pods, uidOf(sibling))).filter(isActive)
}

async function report<T extends KubeObject>(
  { kind, client }: ReplicaDeps<T>,
  owner: KubeObject & { readonly status?: object },
  status: ReplicaStatus,
  signal: AbortSignal,
): Promise<void> {
  const { terminatingReplicas, ...rest } = status
  const told = kind.reportsTerminating ? { ...rest, terminatingReplicas } : rest
  await writeStatus<object>({ client, ref: kind.ref, object: owner, status: told }, signal)
}
