/**
 * nodeSelector and node affinity: required terms filter, preferred terms score
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity).
 */

import {
  matchesNodeSelectorTerm,
  matchesRequiredNodeAffinity,
  nodeNamesOf,
} from '../../../api/core/v1/node/node-selector.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import { fits, rejected, skip } from '../../framework/verdict.ts'

const MISMATCH = "node(s) didn't match Pod's node affinity/selector"

export const nodeAffinity: SchedulerPlugin = {
  name: 'NodeAffinity',
  wakeOn: ['Node/add', 'Node/labels'],

  preFilter(_cycle, { pod }) {
    const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
    if (required === undefined && pod.spec?.nodeSelector === undefined) return { verdict: skip }
    const onlyNodes = nodeNamesOf(required)
    return onlyNodes === undefined ? { verdict: fits } : { verdict: fits, onlyNodes }
  },

  filter(_cycle, { pod }, { node }) {
    return matchesRequiredNodeAffinity(pod.spec, node) ? fits : rejected(MISMATCH, { evictionMayHelp: false })
  },

  preScore(_cycle, { pod }) {
    const preferred = pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    return preferred.length === 0 ? skip : fits
  },

  score(_cycle, { pod }, { node }) {
    const preferred = pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    return preferred.reduce(
      (sum, { preference, weight }) => sum + (matchesNodeSelectorTerm(preference, node) ? weight : 0),
      0,
    )
  },
}
