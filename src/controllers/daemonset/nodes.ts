/** On which nodes a daemon belongs (https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#how-daemon-pods-are-scheduled). Pure. */

import type { DaemonSet } from '../../api/generated/apps-v1.ts'
import type { Node, Pod, PodSpec, Toleration } from '../../api/generated/core-v1.ts'
import { matchesRequiredNodeAffinity, nodeNamesOf } from '../../api/core/v1/node/node-selector.ts'
import { tolerates } from '../../api/core/v1/pod/tolerations.ts'
import { DAEMON_SETS } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { controllerReference, nameOf } from '../kit/ownership.ts'
import { podFromTemplate } from '../kit/pod-from-template.ts'
import type { ReadPod } from '../kit/pods.ts'
import { REVISION_LABEL } from '../kit/revisions/revisions.ts'

export type ReadDaemonSet = DeepReadonly<DaemonSet>
export type ReadNode = DeepReadonly<Node>

const GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation'
const GENERATION_LABEL = 'pod-template-generation'

const always = (name: string, effect: 'NoExecute' | 'NoSchedule'): Toleration => ({
  key: `node.kubernetes.io/${name}`,
  operator: 'Exists',
  effect,
})

/** Daemons stay when everybody else goes. */
const DAEMON_TOLERATIONS: readonly Toleration[] = [
  always('not-ready', 'NoExecute'),
  always('unreachable', 'NoExecute'),
  always('disk-pressure', 'NoSchedule'),
  always('memory-pressure', 'NoSchedule'),
  always('pid-pressure', 'NoSchedule'),
  always('unschedulable', 'NoSchedule'),
]

/** A daemon starts where it fits, and stays where nothing drives it away. */
export interface Belonging {
  readonly starts: boolean
  readonly stays: boolean
}

const NOWHERE: Belonging = { starts: false, stays: false }

export function belonging(set: ReadDaemonSet, node: ReadNode): Belonging {
  const spec = set.spec?.template.spec
  if (spec === undefined) return NOWHERE
  if (spec.nodeName !== undefined && spec.nodeName !== '' && spec.nodeName !== nameOf(node)) return NOWHERE
  if (!matchesRequiredNodeAffinity(spec, node)) return NOWHERE
  const tolerations = daemonTolerations(spec)
  const hostile = (node.spec?.taints ?? []).filter((taint) => !tolerates(tolerations, taint))
  return {
    starts: hostile.every(({ effect }) => effect === 'PreferNoSchedule'),
    stays: hostile.every(({ effect }) => effect !== 'NoExecute'),
  }
}

function daemonTolerations({ tolerations = [], hostNetwork }: DeepReadonly<PodSpec>): Toleration[] {
  const added = [...DAEMON_TOLERATIONS, ...(hostNetwork === true ? [always('network-unavailable', 'NoSchedule')] : [])]
  const isSame = (a: DeepReadonly<Toleration>, b: DeepReadonly<Toleration>) =>
    a.key === b.key && a.effect === b.effect && a.operator === b.operator && (a.value ?? '') === (b.value ?? '')
  const own = tolerations.filter((toleration) => !added.some((other) => isSame(other, toleration)))
  return [...own.map((toleration) => ({ ...toleration })), ...added]
}

/** The node a daemon is on or meant for. */
export function targetNode(pod: ReadPod): string | undefined {
  const { nodeName, affinity } = pod.spec ?? {}
  if (nodeName !== undefined && nodeName !== '') return nodeName
  const names = nodeNamesOf(affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution)
  return names === undefined ? undefined : [...names][0]
}

/** Tells the daemons of the present template: by its hash, or by the number that older clients count templates with. */
export function isOfTemplate(set: ReadDaemonSet, hash: string): (pod: ReadPod) => boolean {
  const generation = set.metadata.annotations?.[GENERATION_ANNOTATION]
  return ({ metadata: { labels } }) =>
    labels?.[REVISION_LABEL] === hash || (generation !== undefined && labels?.[GENERATION_LABEL] === generation)
}

/** The daemon for one node: the scheduler binds it, and to no other node. */
export function daemonPod(set: ReadDaemonSet, node: string, hash: string): Pod {
  const { spec, metadata } = set
  if (spec === undefined) throw new Error(`DaemonSet ${nameOf(set)} has no spec`)
  const owner = controllerReference(set, DAEMON_SETS)
  const pod = podFromTemplate({ namespace: metadata.namespace ?? '', owner, template: spec.template })
  const generation = metadata.annotations?.[GENERATION_ANNOTATION]
  pod.metadata.labels = {
    ...pod.metadata.labels,
    ...(generation === undefined ? {} : { [GENERATION_LABEL]: generation }),
    [REVISION_LABEL]: hash,
  }
  if (pod.spec !== undefined) {
    pod.spec.tolerations = daemonTolerations(pod.spec)
    const nodeAffinity = {
      ...pod.spec.affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: [node] }] }],
      },
    }
    pod.spec.affinity = { ...pod.spec.affinity, nodeAffinity }
  }
  return pod
}
