/** A Pod's phase, from its containers' statuses (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase). */

import type { ContainerStatus, PodPhase } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { restartsAfter } from '../pods/plan.ts'
import { appContainersOf, initContainersOf, type KindedContainer, type PodView } from '../pods/pod-view.ts'
import { TAKEN_AWAY } from './taken-away.ts'

type StatusView = DeepReadonly<ContainerStatus>

export interface Statuses {
  readonly init: readonly StatusView[]
  readonly app: readonly StatusView[]
}

type InitProgress = 'done' | 'pending' | 'failed'

function initProgress({ kind }: KindedContainer, status: StatusView | undefined): InitProgress {
  if (status === undefined) return 'pending'
  if (kind === 'sidecar') return status.started === true ? 'done' : 'pending'
  const ended = status.state?.terminated
  if (ended !== undefined) return ended.exitCode === 0 ? 'done' : 'failed'
  const last = status.state?.waiting === undefined ? undefined : status.lastState?.terminated
  return last !== undefined && last.exitCode !== 0 && last.reason !== TAKEN_AWAY.reason ? 'failed' : 'pending'
}

const hasBegun = ({ state, lastState }: StatusView) =>
  state?.running !== undefined || state?.terminated !== undefined || lastState?.terminated !== undefined

/** Whether every init container is done, or was once: app containers have begun. */
export function isInitialized(pod: PodView, { init, app }: Statuses): boolean {
  return app.some(hasBegun) || incompleteInit(pod, init).length === 0
}

/** Names of the init containers that are not done. */
export function incompleteInit(pod: PodView, init: readonly StatusView[]): readonly string[] {
  return initContainersOf(pod)
    .filter(
      (container) =>
        initProgress(
          container,
          init.find(({ name }) => name === container.spec.name),
        ) !== 'done',
    )
    .map(({ spec }) => spec.name)
}

/** `isTerminal`: nothing will be started again. A Pod whose end nobody can see is still pending then. */
export function podPhase(pod: PodView, statuses: Statuses, isTerminal: boolean): PodPhase {
  const failedInit = initContainersOf(pod).some((container) => {
    const status = statuses.init.find(({ name }) => name === container.spec.name)
    if (initProgress(container, status) !== 'failed') return false
    const ended = status?.state?.terminated ?? status?.lastState?.terminated
    return isTerminal || !restartsAfter(pod, container.spec, ended?.exitCode ?? 0)
  })
  if (failedInit) return 'Failed'
  if (!isInitialized(pod, statuses)) return 'Pending'

  const sidecars = initContainersOf(pod).filter(({ kind }) => kind === 'sidecar')
  const serving = sidecars.some(({ spec }) => statuses.init.find(({ name }) => name === spec.name)?.state?.running)
  const counts = { waiting: 0, running: serving ? 1 : 0, stopped: 0, over: 0, succeeded: 0 }
  for (const { spec } of appContainersOf(pod)) {
    const { state, lastState } = statuses.app.find(({ name }) => name === spec.name) ?? {}
    if (state?.running !== undefined) counts.running += 1
    else if (state?.terminated !== undefined) {
      const { exitCode, reason } = state.terminated
      counts.stopped += 1
      if (exitCode === 0) counts.succeeded += 1
      if (reason !== TAKEN_AWAY.reason && !restartsAfter(pod, spec, exitCode)) counts.over += 1
    } else if (lastState?.terminated === undefined) counts.waiting += 1
    else counts.stopped += 1
  }
  if (counts.waiting > 0) return 'Pending'
  if (counts.running === 0 && counts.stopped > 0 && (isTerminal || counts.over === counts.stopped))
    return counts.stopped === counts.succeeded ? 'Succeeded' : 'Failed'
  return counts.running > 0 || counts.stopped > 0 ? 'Running' : 'Pending'
}
