/** Writes what the scheduler has to say into the Pod's status. */

import type { Pod } from '../../api/generated/core-v1.ts'
import { type Clock, toTime } from '../../base/clock.ts'
import type { Client } from '../../client/client.ts'
import { PODS } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'

export interface Finding {
  readonly pod: DeepReadonly<Pod>
  readonly reason: string
  readonly message: string
  /** Empty takes the nomination back; absent leaves it. */
  readonly nominatedNode?: string
}

/** Tells others which node a Pod is going to. */
export async function setNomination(
  client: Client,
  pod: DeepReadonly<Pod>,
  nodeName: string,
  signal: AbortSignal,
): Promise<void> {
  if (pod.status?.nominatedNodeName === nodeName) return
  const { name = '', namespace = '', uid } = pod.metadata
  const body = { metadata: { uid }, status: { nominatedNodeName: nodeName } }
  await client.patch(PODS, { namespace, name }, 'merge', body, { subresource: 'status' }, signal)
}

/** Sets `PodScheduled` to False with the reason; nothing is written when the Pod says so already. */
export async function setUnschedulable(
  { client, clock }: { readonly client: Client; readonly clock: Clock },
  { pod, reason, message, nominatedNode }: Finding,
  signal: AbortSignal,
): Promise<void> {
  const now = pod.status?.conditions?.find((condition) => condition.type === 'PodScheduled')
  const sameNomination = nominatedNode === undefined || nominatedNode === (pod.status?.nominatedNodeName ?? '')
  if (now?.status === 'False' && now.reason === reason && now.message === message && sameNomination) return
  const condition = {
    type: 'PodScheduled',
    status: 'False',
    reason,
    message,
    observedGeneration: pod.metadata.generation,
    lastProbeTime: null,
    lastTransitionTime: now?.status === 'False' ? now.lastTransitionTime : toTime(clock.now()),
  }
  const { name = '', namespace = '', uid } = pod.metadata
  const body = {
    metadata: { uid },
    status: { conditions: [condition], ...(sameNomination ? {} : { nominatedNodeName: nominatedNode || null }) },
  }
  try {
    await client.patch(PODS, { namespace, name }, 'strategic', body, { subresource: 'status' }, signal)
  } catch (error) {
    if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error
  }
}
