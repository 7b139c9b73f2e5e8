/** Keeps Pods off cordoned nodes (https://kubernetes.io/docs/concepts/architecture/nodes/#manual-node-administration). */

import { tolerates } from '../../../api/core/v1/pod/tolerations.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { fits, rejected } from '../../framework/verdict.ts'

const CORDON = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const

export const nodeUnschedulable: SchedulerPlugin = {
  name: 'NodeUnschedulable',
  wakeOn: ['Node/add', 'Node/taints', 'Pod/tolerations'],

  filter(_cycle, { pod }, { node }) {
    if (node.spec?.unschedulable !== true || tolerates(pod.spec?.tolerations, CORDON)) return fits
    return rejected('node(s) were unschedulable', { evictionMayHelp: false })
  },
}
