/** A Pod with scheduling gates is not tried at all (https://kubernetes.io/docs/concepts/scheduling-eviction/pod-scheduling-readiness/). */

import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { fits, rejected } from '../../framework/verdict.ts'

export const schedulingGates: SchedulerPlugin = {
  name: 'SchedulingGates',
  wakeOn: ['Pod/scheduling-gates'],

  preEnqueue(pod) {
    const gates = (pod.spec?.schedulingGates ?? []).map((gate) => gate.name)
    if (gates.length === 0) return fits
    return rejected(`waiting for scheduling gates: [${gates.join(' ')}]`, { evictionMayHelp: false })
  },
}
