/** Two Pods on one node cannot have the same host port. */

import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { fits, rejected, skip } from '../../framework/verdict.ts'

export const nodePorts: SchedulerPlugin = {
  name: 'NodePorts',
  wakeOn: ['AssignedPod/delete', 'Node/add'],

  preFilter: (_cycle, pod) => ({ verdict: pod.hostPorts.length === 0 ? skip : fits }),

  filter(_cycle, pod, node) {
    if (!pod.hostPorts.some((port) => node.portTaken(port))) return fits
    return rejected("node(s) didn't have free ports for the requested pod ports")
  },
}
