/** Keeps Pods off cordoned nodes (https://kubernetes.io/docs/concepts/architecture/nodes/#manual-node-administration). */

import type { Node } from '../../../api/generated/core-v1.ts'
import { tolerates } from '../../../api/core/v1/pod/tolerations.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { fits, rejected } from '../../framework/verdict.ts'

const CORDON = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const

export const nodeUnschedulable: SchedulerPlugin = {
  name: 'NodeUnschedulable',
  wakeOn: ['Node/add', 'Node/taints', 'Pod/tolerations'],

  mayHelp(event, pod, { old, now }) {
    if (event === 'Pod/tolerations') return true
    const [before, after] = [old as DeepReadonly<Node> | undefined, now as DeepReadonly<Node>]
    const isClosed = (node: DeepReadonly<Node>) =>
      node.spec?.unschedulable === true && !tolerates(pod.spec?.tolerations, CORDON)
    return (before === undefined || isClosed(before)) && !isClosed(after)
  },

  filter(_cycle, { pod }, { node }) {
    if (node.spec?.unschedulable !== true || tolerates(pod.spec?.tolerations, CORDON)) return fits
    return rejected('node(s) were unschedulable', { evictionMayHelp: false })
  },
}
