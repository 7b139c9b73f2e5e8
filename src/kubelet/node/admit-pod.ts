/** Whether the node takes a Pod that was bound to it, and which Pods end to make room (https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/). */

import type { Node } from '../../api/generated/core-v1.ts'
import type { Lister } from '../../client/informer.ts'
import type { NodeCare } from '../node-care.ts'
import type { KubeletDeps } from '../options.ts'
import type { KubeletMetrics } from '../metrics/kubelet-metrics.ts'
import { isolationRefusal, type NodeIsolation } from '../pods/container/isolation.ts'
import type { Admission, PodNode } from '../pods/pod-deps.ts'
import { gracePeriodOf, namesOf, type PodView } from '../pods/pod-view.ts'
import type { PodWorkers } from '../pods/workers.ts'
import { admissionOf } from '../resources/admission.ts'
import { configOf } from './node-status.ts'
import { SHUTTING_DOWN } from './shutdown.ts'

/** What makes room for a critical Pod is told this. */
const PREEMPTED = {
  reason: 'Preempting',
  message: 'Preempted in order to admit critical pod',
  disruption: 'Pod was preempted by Kubelet to accommodate a critical pod.',
}

export interface AdmitDeps extends Pick<KubeletDeps, 'node' | 'shutdown'> {
  readonly machine: { readonly appArmor: boolean }
  readonly metrics: KubeletMetrics
  readonly nodes: Lister<Node>
  readonly self: PodNode
  readonly workers: PodWorkers
  readonly care: NodeCare
}

/** `others` are the node's Pods that are not over. Those that have to make room are ended. */
export function admitPod(deps: AdmitDeps, pod: PodView, others: readonly PodView[]): Admission {
  const refused = deps.care.pressure.rejection(pod) ?? isolationRefusal(pod, isolationOf(deps))
  if (refused !== undefined) return { refused }
  const { allocatable } = deps.self
  const verdict = admissionOf(pod, { node: deps.nodes.get(deps.node.name), allocatable, others })
  if ('refused' in verdict) return verdict
  if (deps.shutdown?.aborted === true) return { refused: SHUTTING_DOWN }
  const victims = verdict.preempts.flatMap((victim) => deps.workers.get(namesOf(victim).uid) ?? [])
  for (const victim of victims) {
    victim.end(PREEMPTED, { graceSeconds: gracePeriodOf(victim.pod) })
    deps.metrics.preemptions.add({ preemption_signal: '' })
  }
  return { waitsFor: victims }
}

/** What the node can set apart. */
function isolationOf({ node, machine, nodes }: AdmitDeps): NodeIsolation {
  return {
    appArmor: machine.appArmor,
    supplementalGroupsPolicy: nodes.get(node.name)?.status?.features?.supplementalGroupsPolicy === true,
    allowedUnsafeSysctls: configOf(node).allowedUnsafeSysctls,
  }
}
