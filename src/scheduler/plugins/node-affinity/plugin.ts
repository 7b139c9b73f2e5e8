/**
 * nodeSelector and node affinity: required terms filter, preferred terms score
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity).
 */

import type { Node } from '../../../api/generated/core-v1.ts'
import {
  matchesNodeSelector,
  matchesNodeSelectorTerm,
  matchesRequiredNodeAffinity,
  nodeNamesOf,
} from '../../../api/core/v1/node/node-selector.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { PluginArgs } from '../../config/types.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import { fits, rejected, skip } from '../../framework/verdict.ts'

const MISMATCH = rejected("node(s) didn't match Pod's node affinity/selector", { evictionMayHelp: false })
const ENFORCED = rejected("node(s) didn't match scheduler-enforced node affinity", { evictionMayHelp: false })
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'

/** The plugin; `addedAffinity` holds for every Pod of the profile. */
export function nodeAffinity({ addedAffinity }: PluginArgs['NodeAffinity'] = {}): SchedulerPlugin {
  const enforced = addedAffinity?.[REQUIRED]
  const alwaysPreferred = addedAffinity?.[PREFERRED] ?? []
  const preferredBy = ({ spec }: PodInfo['pod']) => [
    ...alwaysPreferred,
    ...(spec?.affinity?.nodeAffinity?.[PREFERRED] ?? []),
  ]
  const isOutside = (node: DeepReadonly<Node>) => enforced !== undefined && !matchesNodeSelector(enforced, node)
  return {
    name: 'NodeAffinity',
    wakeOn: ['Node/add', 'Node/labels'],

    mayHelp(_event, pod, { old, now }) {
      const node = now as DeepReadonly<Node>
      if (isOutside(node) || !matchesRequiredNodeAffinity(pod.spec, node)) return false
      const before = old as DeepReadonly<Node> | undefined
      return before === undefined || isOutside(before) || !matchesRequiredNodeAffinity(pod.spec, before)
    },

    preFilter(_cycle, { pod }) {
      const required = pod.spec?.affinity?.nodeAffinity?.[REQUIRED]
      if (required === undefined && pod.spec?.nodeSelector === undefined && enforced === undefined)
        return { verdict: skip }
      const onlyNodes = nodeNamesOf(required)
      if (onlyNodes === undefined) return { verdict: fits }
      if (onlyNodes.size === 0) return { verdict: rejected('pod affinity terms conflict', { evictionMayHelp: false }) }
      return { verdict: fits, onlyNodes }
    },

    filter(_cycle, { pod }, { node }) {
      if (isOutside(node)) return ENFORCED
      return matchesRequiredNodeAffinity(pod.spec, node) ? fits : MISMATCH
    },

    preScore: (_cycle, { pod }) => (preferredBy(pod).length === 0 ? skip : fits),

    score(_cycle, { pod }, { node }) {
      return preferredBy(pod).reduce(
        (sum, { preference, weight }) => sum + (matchesNodeSelectorTerm(preference, node) ? weight : 0),
        0,
      )
    },
  }
}
