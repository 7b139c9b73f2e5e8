/**
 * Whether this node may run a Pod that was bound to it: whoever bound it may not have asked the scheduler
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/). Pure.
 */

import { matchesRequiredNodeAffinity } from '../../api/core/v1/node/node-selector.ts'
import { podRequests } from '../../api/core/v1/pod/facts.ts'
import { tolerates } from '../../api/core/v1/pod/tolerations.ts'
import type { Node } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { quantityValue } from '../../meta/quantity.ts'
import { isCritical } from '../eviction/critical.ts'
import { type PodView, specOf } from '../pods/pod-view.ts'
import type { PodFailure } from '../pods/work.ts'
import { isStatic } from '../static-pods/manifest.ts'
import { amountOf, type Shortage } from './amounts.ts'
import { portsClash } from './host-ports.ts'
import { podsToPreempt } from './preemption.ts'

/** What hangs on the node's state. */
export interface AdmissionFacts {
  /** The Node as the API has it; `undefined`: not known yet, and what it says is not asked. */
  readonly node: DeepReadonly<Node> | undefined
  readonly allocatable: Readonly<Record<string, string>>
  /** The Pods that the node has let in and that are not over. */
  readonly others: readonly PodView[]
}

/** The Pod is refused, or may start when some others are gone, which are to end for it. */
export type Verdict = { readonly refused: PodFailure } | { readonly preempts: readonly PodView[] }

const reject = (reason: string, message: string): PodFailure => ({ reason, message })

/** The first reason counts, and lack of room counts before all others. */
export function admissionOf(pod: PodView, facts: AdmissionFacts): Verdict {
  const never = unfit(pod)
  if (never !== undefined) return { refused: never }
  const [lack, ...more] = shortages(pod, facts)
  const mismatch = mismatchOf(pod, facts)
  if (lack === undefined) return mismatch === undefined ? { preempts: [] } : { refused: mismatch }
  if (!isCritical(pod)) return { refused: outOf(lack) }
  if (mismatch !== undefined) return { refused: mismatch }
  const chosen = podsToPreempt(pod, facts.others, [lack, ...more])
  if (!('fault' in chosen)) return { preempts: chosen.pods }
  const why = `preemption: error finding a set of pods to preempt: ${chosen.fault}`
  const message = `Unexpected error while attempting to recover from admission failure: ${why}`
  return { refused: reject('UnexpectedAdmissionError', message) }
}

/** What nobody's leaving would mend. */
function unfit(pod: PodView): PodFailure | undefined {
  const wanted = pod.metadata.labels?.['kubernetes.io/os']
  if (wanted !== undefined && wanted !== 'linux') {
    const message = "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label"
    return reject('PodOSSelectorNodeLabelDoesNotMatch', message)
  }
  if (specOf(pod).os !== undefined && specOf(pod).os?.name !== 'linux') {
    return reject('PodOSNotSupported', "Failed to admit pod as the OS field doesn't match node OS")
  }
  return undefined
}

const failed = (predicate: string, why: string) => reject(predicate, `Predicate ${predicate} failed: ${why}`)

function mismatchOf(pod: PodView, { node, others }: AdmissionFacts): PodFailure | undefined {
  if (node !== undefined && !matchesRequiredNodeAffinity(pod.spec, node)) {
    return failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")
  }
  if (portsClash(pod, others)) {
    return failed('NodePorts', "node(s) didn't have free ports for the requested pod ports")
  }
  const taint = (node?.spec?.taints ?? []).find(
    (one) => one.effect === 'NoExecute' && !tolerates(specOf(pod).tolerations, one),
  )
  if (taint === undefined || isStatic(pod)) return undefined
  return failed('TaintToleration', "node(s) had taints that the pod didn't tolerate")
}

const FIRST = ['cpu', 'memory', 'ephemeral-storage']
const rankOf = (resource: string) => (FIRST.includes(resource) ? FIRST.indexOf(resource) : FIRST.length)

/** Resources that belong to the whole cluster are not this node's to count. */
const isElsewhere = (resource: string, allocatable: AdmissionFacts['allocatable']) =>
  resource.includes('/') && !resource.includes('kubernetes.io/') && allocatable[resource] === undefined

/** Devices that the scheduler gave the Pod for a resource are not counted as that resource. */
const isDevice = ({ status }: PodView, resource: string) =>
  (status?.extendedResourceClaimStatus?.requestMappings ?? []).some(({ resourceName }) => resourceName === resource)

function shortages(pod: PodView, { allocatable, others }: AdmissionFacts): readonly Shortage[] {
  const places: Shortage = {
    resource: 'pods',
    requested: 1,
    used: others.length,
    capacity: quantityValue(allocatable['pods'] ?? '0'),
  }
  const asked = Object.entries(podRequests(pod))
    .filter(([resource]) => !isElsewhere(resource, allocatable) && !isDevice(pod, resource))
    .toSorted(([a], [b]) => rankOf(a) - rankOf(b))
    .map(([resource, text]) => ({
      resource,
      requested: amountOf(resource, text),
      used: others.reduce((sum, other) => sum + amountOf(resource, podRequests(other)[resource]), 0),
      capacity: amountOf(resource, allocatable[resource]),
    }))
  return [places, ...asked.filter(({ requested }) => requested > 0)].filter(
    ({ requested, used, capacity }) => used + requested > capacity,
  )
}

const outOf = ({ resource, requested, used, capacity }: Shortage) =>
  reject(
    `OutOf${resource}`,
    `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
  )
