/** The whole status of a Pod as its kubelet tells it. Pure. */

import type { ContainerStatus, PodStatus } from '../../api/generated/core-v1.ts'
import { fromTime, toTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { readySandboxOf } from '../pods/observed.ts'
import type { PodFailure } from '../pods/work.ts'
import { mayRestartAll, restartSources } from '../pods/plan.ts'
import {
  appContainersOf,
  ephemeralContainersOf,
  initContainersOf,
  isHostNetwork,
  type KindedContainer,
  type PodView,
} from '../pods/pod-view.ts'
import { qosClassOf } from '../resources/linux-resources.ts'
import { ALL_RESTARTING, podConditions, type ResizeState } from './conditions.ts'
import { containerStatus, type ContainerStatusFacts } from './container-status.ts'
import { podPhase } from './phase.ts'
import { podResourcesStatus } from './pod-resources-status.ts'

export interface PodStatusFacts extends Omit<ContainerStatusFacts, 'defaultReason' | 'previous' | 'isResetting'> {
  /** What the kubelet last told; its times and lost containers are carried on. */
  readonly last: DeepReadonly<PodStatus>
  readonly hostIps: readonly string[]
  readonly now: number
  readonly resize?: ResizeState | undefined
  /** Set when the kubelet ended the Pod itself. */
  readonly failure?: PodFailure | undefined
}

export function podStatus(facts: PodStatusFacts): PodStatus {
  const { pod, observed, last, now } = facts
  // Nobody is told that a Pod failed before nothing of it runs any more.
  const failure = facts.isTerminal ? facts.failure : undefined
  const hasInit = initContainersOf(pod).length > 0
  const isResetting = last.conditions?.some(({ type, status }) => type === ALL_RESTARTING && status === 'True') === true
  const listOf = (
    containers: readonly KindedContainer[],
    previous: readonly DeepReadonly<ContainerStatus>[] | undefined,
  ) =>
    containers.map((container) =>
      containerStatus(container, {
        ...facts,
        isResetting,
        defaultReason: hasInit ? 'PodInitializing' : 'ContainerCreating',
        previous: previous?.find(({ name }) => name === container.spec.name),
      }),
    )
  const init = listOf(initContainersOf(pod), last.initContainerStatuses)
  const app = listOf(appContainersOf(pod), last.containerStatuses)
  const ephemeral = listOf(ephemeralContainersOf(pod), last.ephemeralContainerStatuses)
  const statuses = { init, app }
  const phase = lastingPhase(last, failure === undefined ? podPhase(pod, statuses, facts.isTerminal) : 'Failed')
  const sandbox = readySandboxOf(observed)
  const hasSandbox = sandbox !== undefined && (sandbox.ips.length > 0 || isHostNetwork(pod))
  const ips = podIps(facts)
  const { generation } = pod.metadata
  return {
    ...(generation !== undefined && { observedGeneration: generation }),
    phase,
    conditions: podConditions({
      pod: { ...pod, status: last },
      given: pod.status?.conditions,
      statuses,
      phase,
      hasSandbox,
      now,
      resize: facts.resize,
      disruption: failure?.disruption,
      restartingAll: mayRestartAll(pod) ? restartSources(pod, observed).length > 0 : undefined,
    }),
    ...(failure !== undefined ? { reason: failure.reason, message: failure.message } : kept(last, 'message', 'reason')),
    ...(facts.hostIps[0] !== undefined && { hostIP: facts.hostIps[0], hostIPs: facts.hostIps.map((ip) => ({ ip })) }),
    ...(ips[0] !== undefined && { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
    startTime: last.startTime ?? toTime(now),
    ...(init.length > 0 && { initContainerStatuses: init }),
    containerStatuses: app,
    ...(ephemeral.length > 0 && { ephemeralContainerStatuses: ephemeral }),
    qosClass: last.qosClass ?? qosClassOf(pod),
    ...podResourcesStatus({ pod, last, isResizing: facts.resize?.progress !== undefined }),
  }
}

/** All that a kubelet tells of a Pod that it never let in. */
export function rejectedStatus(pod: PodView, { reason, message }: PodFailure, now: number): PodStatus {
  const { generation } = pod.metadata
  return {
    ...(generation !== undefined && { observedGeneration: generation }),
    phase: 'Failed',
    reason,
    message,
    startTime: pod.status?.startTime ?? toTime(now),
    qosClass: pod.status?.qosClass ?? qosClassOf(pod),
  }
}

/** What is over stays over. */
const lastingPhase = (last: DeepReadonly<PodStatus>, phase: NonNullable<PodStatus['phase']>) =>
  last.phase === 'Failed' || last.phase === 'Succeeded' ? last.phase : phase

function kept<K extends 'message' | 'reason'>(last: DeepReadonly<PodStatus>, ...keys: K[]) {
  const over = last.phase === 'Failed' || last.phase === 'Succeeded'
  return Object.fromEntries(keys.flatMap((key) => (over && last[key] !== undefined ? [[key, last[key]]] : [])))
}

/** The Pod's addresses: its sandbox's, or the node's when it shares that network. */
export function podIps({
  pod,
  observed,
  last,
  hostIps,
}: Pick<PodStatusFacts, 'pod' | 'observed' | 'last' | 'hostIps'>): readonly string[] {
  const [newest] = observed.sandboxes
  if (isHostNetwork(pod)) return newest === undefined ? [] : hostIps
  if (newest !== undefined && newest.ips.length > 0) return newest.ips
  return (last.podIPs ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]))
}

/** When the Pod began here, in milliseconds since the epoch. */
export const startedAtOf = (status: DeepReadonly<PodStatus> | undefined): number | undefined =>
  fromTime(status?.startTime)
