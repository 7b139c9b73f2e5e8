/** A Pod with what the plugins would otherwise compute for every node again. */

import type { Pod, PodAffinityTerm, WeightedPodAffinityTerm } from '../../api/generated/core-v1.ts'
import { podRequests } from '../../api/core/v1/pod/requests.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { accumulate, type Amounts, amountsOf, noAmounts } from './resources.ts'

/** What a container that asks for nothing is taken to use when nodes are compared, so that such Pods still spread. */
const ASSUMED_MILLI_CPU = 100
const ASSUMED_MEMORY = 200 * 1024 * 1024

/** A port a Pod takes on its node. */
export interface HostPort {
  readonly ip: string
  readonly protocol: string
  readonly port: number
}

export interface PodInfo {
  readonly pod: DeepReadonly<Pod>
  readonly uid: string
  readonly requests: Readonly<Amounts>
  /** The requests with assumed values where nothing is asked, for scoring. */
  readonly assumedRequests: Readonly<Amounts>
  readonly hostPorts: readonly HostPort[]
  /** The names of the claims its volumes name. */
  readonly claims: readonly string[]
  readonly requiredAffinity: readonly DeepReadonly<PodAffinityTerm>[]
  readonly requiredAntiAffinity: readonly DeepReadonly<PodAffinityTerm>[]
  readonly preferredAffinity: readonly DeepReadonly<WeightedPodAffinityTerm>[]
  readonly preferredAntiAffinity: readonly DeepReadonly<WeightedPodAffinityTerm>[]
  readonly priority: number
}

/** Computes the facts of a Pod once. */
export function podInfoOf(pod: DeepReadonly<Pod>): PodInfo {
  const { affinity } = pod.spec ?? {}
  const requests = amountsOf(podRequests(pod))
  return {
    pod,
    uid: pod.metadata.uid ?? '',
    requests,
    assumedRequests: assumedRequestsOf(pod, requests),
    hostPorts: hostPortsOf(pod),
    claims: (pod.spec?.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []),
    requiredAffinity: affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
    requiredAntiAffinity: affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
    preferredAffinity: affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [],
    preferredAntiAffinity: affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [],
    priority: pod.spec?.priority ?? 0,
  }
}

function assumedRequestsOf(pod: DeepReadonly<Pod>, requests: Readonly<Amounts>): Amounts {
  const assumed = noAmounts()
  accumulate(assumed, requests, 1)
  for (const { resources } of pod.spec?.containers ?? []) {
    const asks = (name: string) => resources?.requests?.[name] ?? pod.spec?.resources?.requests?.[name]
    if (asks('cpu') === undefined) assumed.milliCPU += ASSUMED_MILLI_CPU
    if (asks('memory') === undefined) assumed.memory += ASSUMED_MEMORY
  }
  return assumed
}

/** The host ports of the app containers and sidecars. */
function hostPortsOf(pod: DeepReadonly<Pod>): readonly HostPort[] {
  const sidecars = (pod.spec?.initContainers ?? []).filter((container) => container.restartPolicy === 'Always')
  return [...(pod.spec?.containers ?? []), ...sidecars].flatMap((container) =>
    (container.ports ?? [])
      .filter((port) => (port.hostPort ?? 0) > 0)
      .map((port) => ({ ip: port.hostIP || '0.0.0.0', protocol: port.protocol ?? 'TCP', port: port.hostPort ?? 0 })),
  )
}
