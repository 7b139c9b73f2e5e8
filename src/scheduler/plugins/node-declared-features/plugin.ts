/**
 * Pods that need something not every kubelet can do go to nodes that say they can
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/node-declared-features/).
 */

import type { Node, Pod } from '../../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { cycleKey } from '../../framework/cycle.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { fits, rejected, skip } from '../../framework/verdict.ts'

const LACKING = rejected("node(s) didn't match Pod's required features", { evictionMayHelp: false })

const needed = cycleKey<readonly string[]>('NodeDeclaredFeatures')

export const nodeDeclaredFeatures: SchedulerPlugin = {
  name: 'NodeDeclaredFeatures',
  // What a Pod needs stands in fields that never change: only nodes can help it.
  wakeOn: ['Node/add', 'Node/declared-features'],

  mayHelp: (_event, pod, { now }) => declaresAll(now as DeepReadonly<Node>, featuresOf(pod)),

  preFilter(cycle, { pod }) {
    const features = featuresOf(pod)
    if (features.length === 0) return { verdict: skip }
    cycle.set(needed, features)
    return { verdict: fits }
  },

  filter: (cycle, _pod, { node }) => (declaresAll(node, cycle.get(needed) ?? []) ? fits : LACKING),
}

const declaresAll = ({ status }: DeepReadonly<Node>, features: readonly string[]): boolean =>
  features.every((feature) => status?.declaredFeatures?.includes(feature) === true)

/** The features a node must have to run the Pod. */
function featuresOf({ spec }: DeepReadonly<Pod>): readonly string[] {
  const features: string[] = []
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]
  const restartsAll = containers.some(({ restartPolicyRules = [] }) =>
    restartPolicyRules.some(({ action }) => action === 'RestartAllContainers'),
  )
  if (restartsAll) features.push('RestartAllContainersOnContainerExits')
  if (spec?.hostNetwork === true && spec.hostUsers === false) features.push('UserNamespacesHostNetworkSupport')
  return features
}
