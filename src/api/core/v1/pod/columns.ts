/** The table of Pods as `kubectl get pods` prints it. */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { ageOf } from '../../../../meta/human-duration.ts'
import type { ContainerStatus, Pod } from '../../../generated/core-v1.ts'
import { nameColumn } from '../../../columns.ts'
import type { Column } from '../../../resource.ts'
import { isPodReady, isSidecar, isTerminal, podCondition, podIPs } from './facts.ts'

type Shared = DeepReadonly<Pod>
type Status = DeepReadonly<ContainerStatus>

const NONE = '<none>'

/** What the row of a Pod says of its containers. */
export interface PodSummary {
  readonly ready: string
  readonly status: string
  readonly restarts: number
  /** When a container last ended before it was started again. */
  readonly lastRestart: string | undefined
}

/** Reads a Pod's state off its containers: how many are ready, what it waits for, how often it was restarted. */
function summarizePod(pod: Shared): PodSummary {
  const sidecars = new Set((pod.spec?.initContainers ?? []).filter(isSidecar).map(({ name }) => name))
  const total = (pod.spec?.containers?.length ?? 0) + sidecars.size
  const init = summarizeInit(pod, sidecars)
  const isInitialized = init.reason === undefined || podCondition(pod, 'Initialized')?.status === 'True'
  const own = isInitialized ? summarizeOwn(pod, init.reason ?? baseReason(pod)) : undefined
  const counted = own === undefined ? init.all : init.sidecars
  const reason = own?.reason ?? init.reason ?? baseReason(pod)
  return {
    ready: `${init.ready + (own?.ready ?? 0)}/${total}`,
    status: finalReason(pod, reason),
    restarts: counted.restarts + (own?.tally.restarts ?? 0),
    lastRestart: later(counted.last, own?.tally.last),
  }
}

function baseReason(pod: Shared): string {
  if (podCondition(pod, 'PodScheduled')?.reason === 'SchedulingGated') return 'SchedulingGated'
  const reason = pod.status?.reason ?? ''
  return reason === '' ? (pod.status?.phase ?? '') : reason
}

function finalReason(pod: Shared, reason: string): string {
  if (pod.metadata.deletionTimestamp === undefined) return reason
  if (pod.status?.reason === 'NodeLost') return 'Unknown'
  return isTerminal(pod) ? reason : 'Terminating'
}

interface Tally {
  readonly restarts: number
  readonly last: string | undefined
}

const none: Tally = { restarts: 0, last: undefined }

function add({ restarts, last }: Tally, { restartCount, lastState }: Status): Tally {
  // Null of an end that nobody has seen.
  const ended: string | null | undefined = lastState?.terminated?.finishedAt
  return { restarts: restarts + restartCount, last: later(last, ended ?? undefined) }
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return Date.parse(a) >= Date.parse(b) ? a : b
}

interface InitSummary {
  readonly all: Tally
  readonly sidecars: Tally
  readonly ready: number
  /** Why the Pod is still starting; absent when it is not. */
  readonly reason: string | undefined
}

/** The first init container that is not done tells where the Pod stands. */
function summarizeInit(pod: Shared, sidecars: ReadonlySet<string>): InitSummary {
  let all = none
  let ofSidecars = none
  let ready = 0
  const total = pod.spec?.initContainers?.length ?? 0
  for (const [at, status] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const isSidecarStatus = sidecars.has(status.name)
    all = add(all, status)
    if (isSidecarStatus) ofSidecars = add(ofSidecars, status)
    if (status.state?.terminated?.exitCode === 0) continue
    if (isSidecarStatus && status.started === true) {
      if (status.ready) ready++
      continue
    }
    return { all, sidecars: ofSidecars, ready, reason: initReason(status, `Init:${at}/${total}`) }
  }
  return { all, sidecars: ofSidecars, ready, reason: undefined }
}

function initReason({ state }: Status, progress: string): string {
  if (state?.terminated !== undefined) {
    const { reason = '', signal = 0, exitCode } = state.terminated
    if (reason !== '') return `Init:${reason}`
    return signal === 0 ? `Init:ExitCode:${exitCode}` : `Init:Signal:${signal}`
  }
  const waiting = state?.waiting?.reason ?? ''
  return waiting === '' || waiting === 'PodInitializing' ? progress : `Init:${waiting}`
}

/** The first container that is not running tells where the Pod stands. */
function summarizeOwn(pod: Shared, otherwise: string): { reason: string; ready: number; tally: Tally } {
  let reason = otherwise
  let ready = 0
  let tally = none
  for (const status of (pod.status?.containerStatuses ?? []).toReversed()) {
    tally = add(tally, status)
    const own = ownReason(status)
    if (own !== undefined) reason = own
    else if (status.ready && status.state?.running !== undefined) ready++
  }
  if (reason === 'Completed' && ready > 0) reason = isPodReady(pod) ? 'Running' : 'NotReady'
  return { reason, ready, tally }
}

function ownReason({ state }: Status): string | undefined {
  const waiting = state?.waiting?.reason ?? ''
  if (waiting !== '') return waiting
  if (state?.terminated === undefined) return undefined
  const { reason = '', signal = 0, exitCode } = state.terminated
  if (reason !== '') return reason
  return signal === 0 ? `ExitCode:${exitCode}` : `Signal:${signal}`
}

function restartsCell(pod: Shared, now: number): string {
  const { restarts, lastRestart } = summarizePod(pod)
  return restarts === 0 || lastRestart === undefined ? `${restarts}` : `${restarts} (${ageOf(lastRestart, now)} ago)`
}

function gatesCell(pod: Shared): string {
  const gates = pod.spec?.readinessGates ?? []
  if (gates.length === 0) return NONE
  const met = gates.filter(({ conditionType }) => podCondition(pod, conditionType)?.status === 'True')
  return `${met.length}/${gates.length}`
}

const orNone = (text: string | undefined) => (text === undefined || text === '' ? NONE : text)

/** That a Pod is through is told in its row as well: printers may leave such rows out. */
export function podRowConditions({ status }: DeepReadonly<Pod>): readonly object[] | undefined {
  const completed = { type: 'Completed', status: 'True' }
  if (status?.phase === 'Succeeded')
    return [{ ...completed, reason: 'Succeeded', message: 'The pod has completed successfully.' }]
  if (status?.phase === 'Failed') return [{ ...completed, reason: 'Failed', message: 'The pod failed.' }]
  return undefined
}

export const podColumns: readonly Column<Pod>[] = [
  nameColumn(),
  { name: 'Ready', type: 'string', cell: (pod) => summarizePod(pod).ready },
  { name: 'Status', type: 'string', cell: (pod) => summarizePod(pod).status },
  { name: 'Restarts', type: 'string', cell: restartsCell },
  { name: 'Age', type: 'string', cell: (pod, now) => ageOf(pod.metadata.creationTimestamp, now) },
  { name: 'IP', type: 'string', wide: true, cell: (pod) => orNone(podIPs(pod)[0]) },
  { name: 'Node', type: 'string', wide: true, cell: (pod) => orNone(pod.spec?.nodeName) },
  { name: 'Nominated Node', type: 'string', wide: true, cell: (pod) => orNone(pod.status?.nominatedNodeName) },
  { name: 'Readiness Gates', type: 'string', wide: true, cell: gatesCell },
]
