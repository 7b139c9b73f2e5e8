/** What a node's conditions become when its kubelet falls silent (https://kubernetes.io/docs/reference/node/node-status/#condition). Pure. */

import type { Node, NodeCondition } from '../../api/generated/core-v1.ts'
import { toTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'

export type ReadNode = DeepReadonly<Node>
export type ReadNodeCondition = DeepReadonly<NodeCondition>

/** What only the kubelet knows. */
const KUBELETS_OWN = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']

export const nodeCondition = (node: ReadNode, type: string): ReadNodeCondition | undefined =>
  node.status?.conditions?.find((condition) => condition.type === type)

/** `True`, `False` or `Unknown`; a node that never said anything is `Unknown`. */
export const readiness = (node: ReadNode): string => nodeCondition(node, 'Ready')?.status ?? 'Unknown'

/** The conditions of a node of which nothing is heard any more; the same array when they say so already. */
export function silencedConditions(node: ReadNode, now: number): readonly ReadNodeCondition[] {
  const before = node.status?.conditions ?? []
  const time = toTime(now)
  let conditions = before
  for (const type of KUBELETS_OWN) {
    const at = conditions.findIndex((condition) => condition.type === type)
    const known = conditions[at]
    if (known === undefined) {
      const { creationTimestamp } = node.metadata
      conditions = [
        ...conditions,
        {
          type,
          status: 'Unknown',
          ...(creationTimestamp === undefined ? {} : { lastHeartbeatTime: creationTimestamp }),
          lastTransitionTime: time,
          reason: 'NodeStatusNeverUpdated',
          message: 'Kubelet never posted node status.',
        },
      ]
    } else if (known.status !== 'Unknown') {
      const reason = 'NodeStatusUnknown'
      const message = 'Kubelet stopped posting node status.'
      conditions = conditions.with(at, { ...known, status: 'Unknown', lastTransitionTime: time, reason, message })
    }
  }
  return conditions
}

/** Changes whenever the kubelet posts. */
export function heartbeatOf(node: ReadNode): string {
  return (node.status?.conditions ?? []).map(({ type, lastHeartbeatTime }) => `${type}=${lastHeartbeatTime}`).join(';')
}
