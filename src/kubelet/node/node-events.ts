/** What happens to a node, as events about it tell (https://kubernetes.io/docs/reference/node/node-status/). Pure. */

import type { NodeCondition, NodeStatus } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { KubeObject } from '../../meta/types.ts'

export interface NodeEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

/** The node as events refer to it: by its name, which tools look for in the place of the uid. */
export const nodeReference = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, uid: name },
})

const REASONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  MemoryPressure: { True: 'NodeHasInsufficientMemory', False: 'NodeHasSufficientMemory' },
  DiskPressure: { True: 'NodeHasDiskPressure', False: 'NodeHasNoDiskPressure' },
  PIDPressure: { True: 'NodeHasInsufficientPID', False: 'NodeHasSufficientPID' },
  Ready: { True: 'NodeReady', False: 'NodeNotReady' },
}

type Status = DeepReadonly<NodeStatus>

/** What has changed from one status to the next. A node that was never ready does not become unready. */
export function nodeEvents(name: string, before: Status | undefined, after: Status): readonly NodeEvent[] {
  const changed = (after.conditions ?? []).flatMap((condition) => {
    const reason = REASONS[condition.type]?.[condition.status]
    const old = before?.conditions?.find(({ type }) => type === condition.type)
    return reason === undefined || !isNews(condition, old) ? [] : [told(name, reason)]
  })
  const [old, fresh] = [before?.nodeInfo?.bootID, after.nodeInfo?.bootID]
  if (old === undefined || old === '' || fresh === undefined || old === fresh) return changed
  const message = `Node ${name} has been rebooted, boot id: ${fresh}`
  return [{ type: 'Warning', reason: 'Rebooted', message }, ...changed]
}

function isNews({ type, status }: DeepReadonly<NodeCondition>, old: DeepReadonly<NodeCondition> | undefined): boolean {
  if (type === 'Ready' && status !== 'True') return old?.status === 'True'
  return old?.status !== status
}

const told = (name: string, reason: string): NodeEvent => ({
  type: 'Normal',
  reason,
  message: `Node ${name} status is now: ${reason}`,
})

/** What a kubelet says of the machine's cgroups as it starts. */
export function cgroupEvents(version: 1 | 2): readonly NodeEvent[] {
  if (version === 2) return []
  const message =
    'cgroup v1 detected. cgroup v1 support is deprecated and will be removed in a future release. Please migrate to cgroup v2. More information at https://git.k8s.io/enhancements/keps/sig-node/5573-remove-cgroup-v1'
  return [{ type: 'Warning', reason: 'CgroupV1', message }]
}
