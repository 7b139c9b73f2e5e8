/**
 * Keeps Pods off nodes whose taints they do not tolerate; prefers nodes with fewer soft taints
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/).
 */

import type { Node, Pod, Taint, Toleration } from '../../../api/generated/core-v1.ts'
import { tolerates } from '../../../api/core/v1/pod/tolerations.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { cycleKey } from '../../framework/cycle.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { fits, rejected } from '../../framework/verdict.ts'

const softTolerations = cycleKey<readonly DeepReadonly<Toleration>[]>('TaintToleration')

const UNTOLERATED = rejected('node(s) had untolerated taint(s)', { evictionMayHelp: false })

export const taintToleration: SchedulerPlugin = {
  name: 'TaintToleration',
  wakeOn: ['Node/add', 'Node/taints', 'Pod/tolerations'],
  lowerIsBetter: true,

  mayHelp(event, pod, { old, now }) {
    if (event === 'Pod/tolerations') return true
    const before = old as DeepReadonly<Node> | undefined
    return (before === undefined || isRefused(pod, before.spec?.taints)) && !isRefused(pod, nodeTaints(now))
  },

  filter(_cycle, { pod }, { taints }) {
    return isRefused(pod, taints) ? UNTOLERATED : fits
  },

  preScore(cycle, { pod }) {
    const soft = (pod.spec?.tolerations ?? []).filter(({ effect }) => !effect || effect === 'PreferNoSchedule')
    cycle.set(softTolerations, soft)
  },

  score(cycle, _pod, { taints }) {
    if (taints.length === 0) return 0
    const soft = cycle.get(softTolerations) ?? []
    return taints.filter((taint) => taint.effect === 'PreferNoSchedule' && !tolerates(soft, taint)).length
  },
}

const nodeTaints = (node: unknown) => (node as DeepReadonly<Node>).spec?.taints

function isRefused({ spec }: DeepReadonly<Pod>, taints: readonly DeepReadonly<Taint>[] = []): boolean {
  if (taints.length === 0) return false
  return taints.some(
    (taint) => (taint.effect === 'NoSchedule' || taint.effect === 'NoExecute') && !tolerates(spec?.tolerations, taint),
  )
}
