/** The whole status of a Pod as its kubelet tells it. Pure. */

import { qosClassOf } from '../../api/core/v1/pod/facts.ts'
import type { ContainerStatus, PodPhase, PodStatus, ResourceStatus } from '../../api/generated/core-v1.ts'
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
import { ALL_RESTARTING, podConditions, type ResizeState } from './conditions.ts'
import { containerStatus, type ContainerStatusFacts, LOST } from './container-status.ts'
import { isInitialized, podPhase } from './phase.ts'
import { podResourcesStatus } from './pod-resources-status.ts'

export interface PodStatusFacts extends Omit<ContainerStatusFacts, 'defaultReason' | 'previous' | 'isResetting'> {
  /** What the kubelet last told; its times and lost containers are carried on. */
  readonly last: DeepReadonly<PodStatus>
  readonly hostIps: readonly string[]
  readonly now: number
  readonly resize?: ResizeState | undefined
  /** How the devices are that an app container was given. */
  readonly allocated?: (container: KindedContainer) => readonly ResourceStatus[]
  /** Set when the kubelet ended the Pod itself. */
  readonly failure?: PodFailure | undefined
}

export function podStatus(facts: PodStatusFacts): PodStatus {
  const { pod, observed, last, now } = facts
  // Nobody is told that a Pod failed before nothing of it runs any more; its conditions know it already.
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
  const apps = listOf(appContainersOf(pod), last.containerStatuses)
  const seen = { init, app: withDevices(apps, facts) }
  const app = facts.isTerminal && wasInitialized(pod) ? seen.app.map(ended) : seen.app
  const ephemeral = listOf(ephemeralContainersOf(pod), last.ephemeralContainerStatuses)
  const coming = lastingPhase(last, facts.failure === undefined ? podPhase(pod, seen, facts.isTerminal) : 'Failed')
  const phase = isOver(coming) || facts.isTerminal ? endOf(last, coming, facts.isTerminal) : coming
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
      statuses: seen,
      phase: coming,
      hasSandbox: hasSandbox && !isOver(phase),
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
    // Those that start in order are told in it, others by their names.
    containerStatuses: byName(app),
    ...(ephemeral.length > 0 && { ephemeralContainerStatuses: byName(ephemeral) }),
    qosClass: last.qosClass ?? qosClassOf(pod),
    ...podResourcesStatus({ pod, last, isResizing: facts.resize?.progress !== undefined }),
  }
}

/** The statuses of app containers, with how their devices are. */
const withDevices = (statuses: readonly ContainerStatus[], { pod, allocated }: PodStatusFacts): ContainerStatus[] =>
  appContainersOf(pod).map((container, index) => {
    const status = statuses[index] as ContainerStatus
    const devices = allocated?.(container) ?? []
    return devices.length === 0 ? status : { ...status, allocatedResourcesStatus: [...devices] }
  })

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

const isOver = (phase: PodStatus['phase']) => phase === 'Failed' || phase === 'Succeeded'

/** What is over stays over. */
const lastingPhase = (last: DeepReadonly<PodStatus>, phase: PodPhase): PodPhase =>
  last.phase !== undefined && isOver(last.phase) ? last.phase : phase

/** An end is told when nothing runs any more, and a Pod that will not go on has failed. Until then it is what it was. */
function endOf(last: DeepReadonly<PodStatus>, coming: PodPhase, isTerminal: boolean): PodPhase {
  if (isTerminal) return isOver(coming) ? coming : 'Failed'
  return last.phase ?? 'Pending'
}

/** Whether the API has been told that the init containers are done. */
function wasInitialized(pod: PodView): boolean {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {}
  return isInitialized(pod, { init: initContainerStatuses, app: containerStatuses })
}

/** What became of a container that never ran, or was lost, nobody knows: that is told as a failure. */
function ended(status: ContainerStatus): ContainerStatus {
  return status.state?.terminated === undefined ? { ...status, state: { terminated: { ...LOST } } } : status
}

function kept<K extends 'message' | 'reason'>(last: DeepReadonly<PodStatus>, ...keys: K[]) {
  const over = isOver(last.phase)
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

const byName = (statuses: readonly ContainerStatus[]) =>
  statuses.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
