/** Which changes may make a Pod fit that its own or others' affinity kept out. */

import type { Node, Pod } from '../../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { selectorOf } from '../../../meta/label-selector.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'
import type { AffinityTerm } from '../../snapshot/snapshot.ts'

type ReadPod = DeepReadonly<Pod>

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'

export const affinityMayHelp: NonNullable<SchedulerPlugin['mayHelp']> = (event, pod, { old, now }) => {
  const affinity = pod.spec?.affinity?.podAffinity?.[REQUIRED] ?? []
  const antiAffinity = pod.spec?.affinity?.podAntiAffinity?.[REQUIRED] ?? []
  const picks = (terms: readonly AffinityTerm[], other: unknown) =>
    terms.some((term) => mayPick(term, pod, other as ReadPod))
  // A Pod more brings friends; foes and objectors only grow in number.
  if (event === 'AssignedPod/add') return picks(affinity, now)
  if (event === 'AssignedPod/delete') {
    // Without the last of its kind a Pod may be the first of its own group anywhere.
    if (picks(antiAffinity, old) || picks(affinity, old)) return true
    return ((old as ReadPod).spec?.affinity?.podAntiAffinity?.[REQUIRED] ?? []).length > 0
  }
  if (event !== 'Node/add') return true
  const { labels } = (now as DeepReadonly<Node>).metadata
  return affinity.every(({ topologyKey }) => labels?.[topologyKey] !== undefined)
}

/** Whether the term may be about that Pod; namespaces that are selected by their labels are not looked at. */
function mayPick(term: AffinityTerm, pod: ReadPod, other: ReadPod): boolean {
  const named = term.namespaces ?? []
  const namespace = other.metadata.namespace ?? ''
  const inNamespace =
    term.namespaceSelector !== undefined ||
    (named.length === 0 ? namespace === pod.metadata.namespace : named.includes(namespace))
  return inNamespace && selectorOf(term.labelSelector).matches(other.metadata.labels)
}
