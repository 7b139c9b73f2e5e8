/**
 * Decides what a Pod needs next. Pure: the Pod and what the runtime has of it go in, actions come out
 * (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/,
 * https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/).
 */

import { containerHash } from './container/identity.ts'
import type { StopCause } from './container/stop-container.ts'
import {
  hasExited,
  isRunning,
  isUnknown,
  latestOf,
  mayRun,
  type ObservedContainer,
  type ObservedPod,
  readySandboxOf,
} from './observed.ts'
import {
  appContainersOf,
  type ContainerView,
  ephemeralContainersOf,
  initContainersOf,
  type KindedContainer,
  type PodView,
  specOf,
  policyOf,
} from './pod-view.ts'

/** What the runtime cannot tell. */
export interface PlanFacts {
  /** Its startup probe, if any, has succeeded, and its postStart hook has ended. */
  readonly isStarted: (container: ObservedContainer) => boolean
  /** The probe that has given the container up. */
  readonly failedProbe: (container: ObservedContainer) => 'liveness' | 'startup' | undefined
  /** It must be restarted to get the resources that it was given. */
  readonly needsRestart: (container: ObservedContainer) => boolean
  /** It was stopped in order to be started again, whatever it ended with. */
  readonly isStoppedToRestart: (container: ObservedContainer) => boolean
  /** The number of the first attempt at a container of which the runtime has none. */
  readonly firstAttempt: (container: KindedContainer) => number
  /** Milliseconds until a container that ended may be started again. */
  readonly backOff: (container: KindedContainer, last: ObservedContainer) => number
  /** Milliseconds until a start that failed may be tried again; 0: it did not fail. */
  readonly heldBack: (container: KindedContainer) => number
}

export type PodAction =
  /** Stops the sandbox with everything in it: it has died, or is one too many. */
  | { readonly do: 'stop-sandbox'; readonly id: string; readonly replaced: boolean }
  | { readonly do: 'create-sandbox'; readonly attempt: number }
  | {
      readonly do: 'stop-container'
      readonly container: KindedContainer
      readonly observed: ObservedContainer
      readonly why: StopCause['why']
    }
  | {
      readonly do: 'start-container'
      readonly container: KindedContainer
      readonly attempt: number
      readonly last: ObservedContainer | undefined
    }
  /** Nothing to do for this container until then. */
  | {
      readonly do: 'back-off'
      readonly container: KindedContainer
      readonly last: ObservedContainer
      readonly ms: number
    }
  /** A start of it failed, and is tried again then. */
  | { readonly do: 'hold'; readonly container: KindedContainer; readonly ms: number }
  /** Takes all containers away, in this order, so that the Pod begins anew in its sandbox. */
  | { readonly do: 'reset'; readonly containers: readonly ObservedContainer[] }
  /** The Pod is over: nothing of it will be started again. */
  | { readonly do: 'finish' }

/** What to do now, in this order. Nothing: the Pod is as it should be. */
export function planPod(pod: PodView, observed: ObservedPod, facts: PlanFacts): readonly PodAction[] {
  if (isOver(pod, observed, facts.isStoppedToRestart)) return [{ do: 'finish' }]
  const anew = planReset(pod, observed, facts)
  if (anew.length > 0) return anew
  const sandbox = readySandboxOf(observed)
  if (sandbox === undefined) return planNewSandbox(pod, observed, facts)
  const stale = observed.sandboxes
    .slice(1)
    .filter((other) => other.state === 'SANDBOX_READY')
    .map(({ id }) => ({ do: 'stop-sandbox', id, replaced: false }) as const)
  return [...stale, ...planContainers(pod, observed, { ...facts, sandboxId: sandbox.id })]
}

/** Where a container ended in a way that asks for it, all are taken away, those that asked last. */
function planReset(pod: PodView, observed: ObservedPod, facts: PlanFacts): readonly PodAction[] {
  const sources = restartSources(pod, observed)
  if (sources.length === 0) return []
  const waits = sources.flatMap(({ container, last }): PodAction[] => {
    const ms = facts.backOff(container, last)
    return ms > 0 ? [{ do: 'back-off', container, last, ms }] : []
  })
  if (waits.length > 0) return waits
  const isSource = ({ id }: ObservedContainer) => sources.some(({ last }) => last.id === id)
  const of = (containers: readonly KindedContainer[]) =>
    containers.flatMap(({ spec }) => observed.containers.filter(({ name }) => name === spec.name))
  const all = [...of(appContainersOf(pod)), ...of(initContainersOf(pod))]
  return [{ do: 'reset', containers: [...all.filter((one) => !isSource(one)), ...all.filter(isSource)] }]
}

/** The containers whose end asks for all to be restarted (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-all-containers). */
export function restartSources(
  pod: PodView,
  observed: ObservedPod,
): readonly { readonly container: KindedContainer; readonly last: ObservedContainer }[] {
  return [...initContainersOf(pod), ...appContainersOf(pod)].flatMap((container) => {
    const last = latestOf(observed, container.spec.name)
    if (last === undefined || !hasExited(last)) return []
    return restartRule(container.spec, last.exitCode)?.action === 'RestartAllContainers' ? [{ container, last }] : []
  })
}

/** Whether any end of any container asks for all to be restarted. */
export const mayRestartAll = (pod: PodView): boolean =>
  [...initContainersOf(pod), ...appContainersOf(pod)].some(({ spec }) =>
    spec.restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'),
  )

function planNewSandbox(pod: PodView, observed: ObservedPod, facts: PlanFacts): readonly PodAction[] {
  const [newest] = observed.sandboxes
  const alive = observed.containers.some(mayRun)
  if (newest !== undefined && alive) {
    const replaced = specOf(pod).restartPolicy !== 'Never'
    return [{ do: 'stop-sandbox', id: newest.id, replaced }]
  }
  const attempt = newest === undefined ? 0 : newest.metadata.attempt + 1
  const actions = planContainers(pod, observed, { ...facts, sandboxId: undefined })
  const starts = actions.some((action) => action.do === 'start-container')
  return starts ? [{ do: 'create-sandbox', attempt }, ...actions] : actions
}

type Facts = PlanFacts & { readonly sandboxId: string | undefined }

function planContainers(pod: PodView, observed: ObservedPod, facts: Facts): readonly PodAction[] {
  const ephemeral = ephemeralContainersOf(pod).flatMap((container) =>
    latestOf(observed, container.spec.name) === undefined ? start(container, undefined, facts) : [],
  )
  const init = planInitContainers(pod, observed, facts)
  const apps = init.done
    ? appContainersOf(pod).flatMap((container) =>
        planContainer(pod, container, latestOf(observed, container.spec.name), facts),
      )
    : []
  return [...init.actions, ...apps, ...(facts.sandboxId === undefined ? [] : ephemeral)]
}

function start(container: KindedContainer, last: ObservedContainer | undefined, facts: PlanFacts): PodAction[] {
  const ms = facts.heldBack(container)
  if (ms > 0) return [{ do: 'hold', container, ms }]
  const attempt = last === undefined ? facts.firstAttempt(container) : last.identity.restartCount + 1
  return [{ do: 'start-container', container, last, attempt }]
}

const stop = (container: KindedContainer, observed: ObservedContainer, why: StopCause['why']): PodAction => ({
  do: 'stop-container',
  container,
  observed,
  why,
})

/** Init containers run one after the other; sidecars among them go on running, and the next waits until one has started. */
function planInitContainers(
  pod: PodView,
  observed: ObservedPod,
  facts: Facts,
): { readonly done: boolean; readonly actions: readonly PodAction[] } {
  const initialized = hasInitialized(pod, observed, facts.sandboxId)
  const actions: PodAction[] = []
  for (const container of initContainersOf(pod)) {
    const last = latestOf(observed, container.spec.name)
    const current = last?.sandboxId === facts.sandboxId ? last : undefined
    if (container.kind === 'sidecar') {
      actions.push(...planContainer(pod, container, last, facts))
      const ready = current !== undefined && isRunning(current) && facts.isStarted(current)
      if (!ready && !initialized) return { done: false, actions }
      continue
    }
    if (initialized || (current !== undefined && hasExited(current) && current.exitCode === 0)) continue
    // In a new sandbox every init container runs again, whatever became of it in the old one.
    const ended = current !== undefined && hasExited(current)
    if (current === undefined) actions.push(...start(container, last, facts))
    else if (isUnknown(current)) actions.push(stop(container, current, 'unknown'))
    else if (ended) actions.push(...restart(container, current, facts))
    else if (!isRunning(current)) actions.push(...start(container, current, facts))
    return { done: false, actions }
  }
  return { done: true, actions }
}

/** Once an app container has been made in the sandbox, init containers are history. */
function hasInitialized(pod: PodView, observed: ObservedPod, sandboxId: string | undefined): boolean {
  const apps = new Set(appContainersOf(pod).map(({ spec }) => spec.name))
  return observed.containers.some((container) => container.sandboxId === sandboxId && apps.has(container.name))
}

/** App containers and sidecars. */
function planContainer(
  pod: PodView,
  container: KindedContainer,
  last: ObservedContainer | undefined,
  facts: Facts,
): readonly PodAction[] {
  if (last === undefined) return start(container, last, facts)
  if (isRunning(last)) {
    const given = facts.needsRestart(last) ? 'resize' : undefined
    const why = last.identity.hash === containerHash(container.spec) ? (facts.failedProbe(last) ?? given) : 'changed'
    return why === undefined ? [] : [stop(container, last, why)]
  }
  if (isUnknown(last)) return [stop(container, last, 'unknown')]
  if (!hasExited(last)) return start(container, last, facts)
  const again = facts.isStoppedToRestart(last) || restartsAfter(pod, container.spec, last.exitCode)
  return again ? restart(container, last, facts) : []
}

function restart(container: KindedContainer, last: ObservedContainer, facts: Facts): readonly PodAction[] {
  // A change of image starts at once; only failures of the same container are waited after.
  const same = last.identity.hash === containerHash(container.spec)
  const ms = same ? facts.backOff(container, last) : 0
  return ms > 0 ? [{ do: 'back-off', container, last, ms }] : start(container, last, facts)
}

/** Whether a container that ended so is started again: by its own rules, its own policy, the Pod's. */
export function restartsAfter(pod: PodView, container: ContainerView, exitCode: number): boolean {
  if (restartRule(container, exitCode) !== undefined) return true
  switch (policyOf(pod, container)) {
    case 'Never':
      return false
    case 'OnFailure':
      return exitCode !== 0
    default:
      return true
  }
}

/** The first of the container's own rules that such an end meets. */
function restartRule({ restartPolicyRules = [] }: ContainerView, exitCode: number) {
  return restartPolicyRules.find(({ exitCodes }) => {
    if (exitCodes === undefined) return false
    const listed = exitCodes.values?.includes(exitCode) === true
    return exitCodes.operator === 'NotIn' ? !listed : listed
  })
}

/** Whether everything that counts has ended for good. Sidecars and ephemeral containers do not count. */
export function isOver(
  pod: PodView,
  observed: ObservedPod,
  isStoppedToRestart: PlanFacts['isStoppedToRestart'],
): boolean {
  const endedForGood = (spec: ContainerView, last: ObservedContainer) =>
    hasExited(last) &&
    !isStoppedToRestart(last) &&
    last.identity.hash === containerHash(spec) &&
    !restartsAfter(pod, spec, last.exitCode)
  const initFailed = initContainersOf(pod).some(({ kind, spec }) => {
    const last = latestOf(observed, spec.name)
    return kind === 'init' && last !== undefined && endedForGood(spec, last) && last.exitCode !== 0
  })
  if (initFailed) return true
  const apps = appContainersOf(pod)
  return (
    apps.length > 0 &&
    apps.every(({ spec }) => {
      const last = latestOf(observed, spec.name)
      return last !== undefined && endedForGood(spec, last)
    })
  )
}

/** Whether nothing of the Pod runs on, or will be started, after what a plan stops. */
export function isLastOf(plan: readonly PodAction[], observed: ObservedPod): boolean {
  const stopped = plan.flatMap((action) => (action.do === 'stop-container' ? [action.observed.id] : []))
  const starts = plan.some((action) => action.do !== 'stop-container' && action.do !== 'stop-sandbox')
  return !starts && observed.containers.every((one) => !mayRun(one) || stopped.includes(one.id))
}
