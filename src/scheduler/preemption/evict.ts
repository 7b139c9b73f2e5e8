/** Carries a preemption out: tells each victim why it goes and deletes it, and takes back lesser nominations. */

import { type Clock, toTime } from '../../base/clock.ts'
import type { Client } from '../../client/client.ts'
import type { Happening } from '../../client/event-series.ts'
import { PODS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import type { PostFilterRequest } from '../framework/plugin.ts'
import type { WaitingPods } from '../framework/waiting-pods.ts'
import type { PodInfo } from '../snapshot/pod-info.ts'
import type { Candidate } from './victims.ts'

export interface EvictDeps {
  readonly client: Client
  readonly clock: Clock
  readonly tell: (happening: Happening) => void
  /** Pods that are held before they are bound give way without being deleted. */
  readonly waiting?: WaitingPods
}

/** Evicts the victims of a candidate, in their order. */
export async function makeRoom(
  { pod, snapshot }: PostFilterRequest,
  { nodeName, victims }: Candidate,
  deps: EvictDeps,
  signal: AbortSignal,
): Promise<void> {
  // Less important Pods that wait for this node's room will not get it: they look for another.
  for (const lesser of snapshot.nominatedTo(nodeName))
    if (lesser.priority < pod.priority && lesser.uid !== pod.uid) await clearNomination(lesser, deps, signal)
  for (const victim of victims) await evict(victim, pod, nodeName, deps, signal)
}

async function clearNomination({ pod }: PodInfo, { client }: EvictDeps, signal: AbortSignal): Promise<void> {
  const { name = '', namespace = '', uid } = pod.metadata
  const body = { metadata: { uid }, status: { nominatedNodeName: null } }
  await unlessGone(client.patch(PODS, { namespace, name }, 'merge', body, { subresource: 'status' }, signal))
}

async function evict(
  victim: PodInfo,
  pod: PodInfo,
  nodeName: string,
  deps: EvictDeps,
  signal: AbortSignal,
): Promise<void> {
  const { metadata } = victim.pod
  const { name = '', namespace = '', uid = '' } = metadata
  if (metadata.deletionTimestamp !== undefined) return
  const tell = (note: string) =>
    deps.tell({
      regarding: victim.pod,
      related: pod.pod,
      type: 'Normal',
      reason: 'Preempted',
      action: 'Preempting',
      note,
    })
  const message = `Preempted by pod ${pod.uid} on node ${nodeName}`
  const held = deps.waiting?.get(uid)
  if (held !== undefined) {
    held.reject('DefaultPreemption', 'preempted')
    return tell(`${message} (in kube-scheduler memory).`)
  }
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'PreemptionByScheduler',
    message: `${pod.pod.spec?.schedulerName ?? 'default-scheduler'}: preempting to accommodate a higher priority pod`,
    observedGeneration: metadata.generation,
    lastTransitionTime: toTime(deps.clock.now()),
  }
  // Where in the list the condition stands is part of the patch: at its end.
  const order = [...(victim.pod.status?.conditions ?? []), condition].map(({ type }) => ({ type }))
  const status = { conditions: [condition], '$setElementOrder/conditions': order }
  const body = { metadata: { uid }, status }
  const at = { namespace, name }
  const done = await unlessGone(
    (async () => {
      await deps.client.patch(PODS, at, 'strategic', body, { subresource: 'status' }, signal)
      await deps.client.delete(PODS, at, { preconditions: { uid } }, signal)
    })(),
  )
  if (done) tell(message)
}

/** False where the Pod is gone, or is another one by now. */
async function unlessGone(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (hasReason(error, 'NotFound') || hasReason(error, 'Conflict')) return false
    throw error
  }
}
