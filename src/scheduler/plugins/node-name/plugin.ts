/** A Pod that names its node goes there or nowhere (https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#nodename). */

import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { fits, rejected } from '../../framework/verdict.ts'

export const nodeName: SchedulerPlugin = {
  name: 'NodeName',
  wakeOn: ['Node/add'],

  filter(_cycle, { pod }, node) {
    const wanted = pod.spec?.nodeName ?? ''
    if (wanted === '' || wanted === node.name) return fits
    return rejected("node(s) didn't match the requested node name", { evictionMayHelp: false })
  },
}
