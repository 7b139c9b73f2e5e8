/**
 * Whether this node may run a Pod that was bound to it: whoever bound it may not have asked the scheduler
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/). Pure.
 */

import { matchesRequiredNodeAffinity } from '../../api/core/v1/node/node-selector.ts'
import { podRequests } from '../../api/core/v1/pod/facts.ts'
import { tolerates } from '../../api/core/v1/pod/tolerations.ts'
import type { Node } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { milliValue, quantityValue } from '../../meta/quantity.ts'
import { type PodView, specOf } from '../pods/pod-view.ts'
import type { PodFailure } from '../pods/work.ts'
import { isStatic } from '../static-pods/manifest.ts'

/** What hangs on the node's state. */
export interface AdmissionFacts {
  /** The Node as the API has it; `undefined`: not known yet, and what it says is not asked. */
  readonly node: DeepReadonly<Node> | undefined
  readonly allocatable: Readonly<Record<string, string>>
  /** The Pods that the node has let in and that are not over. */
  readonly others: readonly PodView[]
}

const reject = (reason: string, message: string): PodFailure => ({ reason, message })

/** Why the Pod is refused; `undefined` when it may run. */
export function rejectionOf(pod: PodView, { node, allocatable, others }: AdmissionFacts): PodFailure | undefined {
  if (node !== undefined && !isStatic(pod) && !matchesRequiredNodeAffinity(pod.spec, node)) {
    return reject('NodeAffinity', "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector")
  }
  const taint = (node?.spec?.taints ?? []).find(
    (one) => one.effect === 'NoExecute' && !tolerates(specOf(pod).tolerations, one),
  )
  if (taint !== undefined && !isStatic(pod)) {
    return reject(
      'TaintToleration',
      "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate",
    )
  }
  return outOf(pod, allocatable, others)
}

function outOf(
  pod: PodView,
  allocatable: AdmissionFacts['allocatable'],
  others: readonly PodView[],
): PodFailure | undefined {
  const podCapacity = quantityValue(allocatable['pods'] ?? '0')
  if (others.length + 1 > podCapacity)
    return short('pods', { requested: 1, used: others.length, capacity: podCapacity })
  for (const [resource, text] of Object.entries(podRequests(pod))) {
    const amount = (value: string | undefined) =>
      value === undefined ? 0 : resource === 'cpu' ? milliValue(value) : quantityValue(value)
    const requested = amount(text)
    if (requested === 0) continue
    const used = others.reduce((sum, other) => sum + amount(podRequests(other)[resource]), 0)
    const capacity = amount(allocatable[resource])
    if (used + requested > capacity) return short(resource, { requested, used, capacity })
  }
  return undefined
}

const short = (
  resource: string,
  amounts: { readonly requested: number; readonly used: number; readonly capacity: number },
) =>
  reject(
    `OutOf${resource}`,
    `Node didn't have enough resource: ${resource}, requested: ${amounts.requested}, used: ${amounts.used}, capacity: ${amounts.capacity}`,
  )
