/** Orders waiting Pods: higher priority first, then who waits longest (https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#effect-of-pod-priority-on-scheduling-order). */

import type { SchedulerPlugin } from '../../framework/plugin.ts'

export const prioritySort: SchedulerPlugin = {
  name: 'PrioritySort',

  isBefore(a, b) {
    const difference = (b.pod.spec?.priority ?? 0) - (a.pod.spec?.priority ?? 0)
    return difference === 0 ? a.since < b.since : difference < 0
  },
}
