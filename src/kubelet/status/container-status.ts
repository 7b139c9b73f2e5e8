/** What the API tells of one container. Pure. */

import type { ContainerState, ContainerStateTerminated, ContainerStatus } from '../../api/generated/core-v1.ts'
import { toTime } from '../../base/clock.ts'
import { firstBytes } from '../../base/text.ts'
import { type DeepReadonly, draftOf } from '../../meta/deep-readonly.ts'
import {
  hasExited,
  isRunning,
  isUnknown,
  latestOf,
  type ObservedContainer,
  type ObservedPod,
  previousOf,
} from '../pods/observed.ts'
import { restartsAfter } from '../pods/plan.ts'
import { containersOf, type KindedContainer, type PodView } from '../pods/pod-view.ts'
import { TAKEN_AWAY } from './taken-away.ts'

/** Why a container does not run yet, or not again. */
export interface WaitingReason {
  readonly reason: string
  readonly message?: string
}

export interface ContainerStatusFacts {
  readonly pod: PodView
  readonly observed: ObservedPod
  /** Containers whose start failed or waits, by name. */
  readonly waiting: ReadonlyMap<string, WaitingReason>
  readonly isStarted: (container: ObservedContainer) => boolean
  readonly isReady: (container: ObservedContainer) => boolean
  /** It was stopped in order to be started again. */
  readonly isStoppedToRestart: (container: ObservedContainer) => boolean
  /** It has the resources that it was given; while it has not, it is told to have what it had. */
  readonly isResized: (container: ObservedContainer) => boolean
  /** What an ended container left to say. */
  readonly terminationMessage: (container: ObservedContainer) => string
  /** Nothing will be started again. */
  readonly isTerminal: boolean
  /** E.g. `containerd`. */
  readonly runtimeName: string
  /** What a container waits for that nobody has tried to start. */
  readonly defaultReason: string
  /** All containers are being taken away, to begin anew. */
  readonly isResetting: boolean
  readonly previous: DeepReadonly<ContainerStatus> | undefined
}

/** The end of a container that nobody has seen. */
export const LOST: Readonly<ContainerStateTerminated> = {
  exitCode: 137,
  reason: 'ContainerStatusUnknown',
  message: 'The container could not be located when the pod was terminated',
}

/** What all containers of a Pod may say together, in bytes. */
const MAX_MESSAGES = 12 * 1024

function terminatedState(container: ObservedContainer, facts: ContainerStatusFacts): ContainerStateTerminated {
  const said = [container.message, facts.terminationMessage(container)].filter((part) => part !== '').join(': ')
  const message = firstBytes(said, Math.floor(MAX_MESSAGES / Math.max(1, containersOf(facts.pod).length)))
  return {
    exitCode: container.exitCode,
    reason: container.reason === '' ? (container.exitCode === 0 ? 'Completed' : 'Error') : container.reason,
    ...(message !== '' && { message }),
    startedAt: toTime(container.startedAt),
    finishedAt: toTime(container.finishedAt),
    containerID: `${facts.runtimeName}://${container.id}`,
  }
}

/** The status of `container`, made from its newest and its previous incarnation. */
export function containerStatus(container: KindedContainer, facts: ContainerStatusFacts): ContainerStatus {
  const { spec, kind } = container
  const current = latestOf(facts.observed, spec.name)
  if (current === undefined) return neverSeen(container, facts)
  const { state, lastState } = statesOf(container, current, facts)
  const running = state.running !== undefined
  const started = running && facts.isStarted(current)
  const succeeded = state.terminated?.exitCode === 0
  return {
    name: spec.name,
    state,
    lastState,
    ready: kind === 'ephemeral' ? false : kind === 'init' ? succeeded : running && started && facts.isReady(current),
    restartCount: current.identity.restartCount,
    image: current.image.image,
    imageID: current.imageRef,
    containerID: `${facts.runtimeName}://${current.id}`,
    ...(kind !== 'ephemeral' && { started }),
    ...resourcesOf(container),
    ...(running && !facts.isResized(current) && hadResources(facts.previous)),
    ...(spec.lifecycle?.stopSignal !== undefined && { stopSignal: spec.lifecycle.stopSignal }),
    ...(current.user !== undefined && {
      user: { linux: { ...current.user, supplementalGroups: [...current.user.supplementalGroups] } },
    }),
    ...volumeMountsOf(container, current),
  }
}

function statesOf(container: KindedContainer, current: ObservedContainer, facts: ContainerStatusFacts) {
  const previous = previousOf(facts.observed, container.spec.name)
  const kept = (facts.previous?.lastState ?? {}) as ContainerState
  const lastState: ContainerState =
    previous !== undefined && hasExited(previous) ? { terminated: terminatedState(previous, facts) } : kept
  const waiting = facts.waiting.get(container.spec.name)
  if (isRunning(current)) return { state: { running: { startedAt: toTime(current.startedAt) } }, lastState }
  if (isUnknown(current) && facts.previous?.state?.running !== undefined)
    return { state: { terminated: { ...LOST } }, lastState }
  if (!hasExited(current)) return { state: { waiting: { reason: facts.defaultReason, ...waiting } }, lastState }
  const terminated = terminatedState(current, facts)
  const byPolicy = restartsAfter(facts.pod, container.spec, current.exitCode)
  // What was told to have ended for good could not be told to run again.
  if (!facts.isTerminal && !byPolicy && facts.isStoppedToRestart(current))
    return { state: { waiting: { reason: facts.defaultReason, ...waiting } }, lastState: { terminated } }
  if (waiting === undefined || !byPolicy) return { state: { terminated }, lastState }
  if (!facts.isTerminal) return { state: { waiting: { ...waiting } }, lastState: { terminated } }
  // The Pod ended while this one waited to start again, and nobody knows what would have become of it.
  const isDeleted = facts.pod.metadata.deletionTimestamp !== undefined
  return isDeleted
    ? { state: { terminated }, lastState }
    : { state: { terminated: { ...LOST } }, lastState: { terminated } }
}

/** A container that the runtime has never had, or has lost. */
function neverSeen(container: KindedContainer, facts: ContainerStatusFacts): ContainerStatus {
  const { previous } = facts
  const { spec } = container
  const waiting = { reason: facts.defaultReason, ...facts.waiting.get(spec.name) }
  const base: ContainerStatus = {
    name: spec.name,
    state: { waiting },
    lastState: (previous?.lastState ?? {}) as ContainerState,
    ready: false,
    restartCount: previous?.restartCount ?? 0,
    image: spec.image ?? '',
    imageID: '',
    ...(container.kind !== 'ephemeral' && { started: false }),
    ...volumeMountsOf(container),
  }
  if (facts.isResetting && previous?.containerID !== undefined) return takenAway(base)
  const ended = previous?.state?.terminated
  if (ended !== undefined) return { ...base, ...(previous as ContainerStatus) }
  if (previous?.state?.running === undefined) return base
  if (facts.isTerminal) return { ...base, state: { terminated: { ...LOST } }, imageID: previous.imageID }
  return { ...base, lastState: { terminated: { ...LOST } }, restartCount: (previous.restartCount ?? 0) + 1 }
}

const takenAway = (base: ContainerStatus): ContainerStatus => ({
  ...base,
  state: { waiting: { ...TAKEN_AWAY } },
  lastState: { terminated: { ...TAKEN_AWAY, exitCode: 137 } },
  restartCount: base.restartCount + 1,
})

/** What it was given; what it has is the same, unless it is told otherwise. */
function resourcesOf({
  spec: { resources: { requests, limits } = {} },
}: KindedContainer): Pick<ContainerStatus, 'allocatedResources' | 'resources'> {
  return {
    ...(requests !== undefined && { allocatedResources: { ...requests } }),
    resources: {
      ...(requests !== undefined && { requests: { ...requests } }),
      ...(limits !== undefined && { limits: { ...limits } }),
    },
  }
}

function hadResources(previous: DeepReadonly<ContainerStatus> | undefined): Pick<ContainerStatus, 'resources'> {
  const { resources } = previous ?? {}
  return resources === undefined ? {} : { resources: draftOf<NonNullable<ContainerStatus['resources']>>(resources) }
}

/** Where volumes are mounted; what `IfPossible` has come to, the runtime says. */
function volumeMountsOf(
  { spec }: KindedContainer,
  made?: Pick<ObservedContainer, 'mounts'>,
): Pick<ContainerStatus, 'volumeMounts'> {
  if (spec.volumeMounts === undefined || spec.volumeMounts.length === 0) return {}
  const recursive = new Set((made?.mounts ?? []).flatMap((one) => (one.recursiveReadOnly ? [one.containerPath] : [])))
  return {
    volumeMounts: spec.volumeMounts.map(({ name, mountPath, readOnly, recursiveReadOnly = 'Disabled' }) => ({
      name,
      mountPath,
      ...(readOnly === true && {
        readOnly,
        recursiveReadOnly: made === undefined ? recursiveReadOnly : recursive.has(mountPath) ? 'Enabled' : 'Disabled',
      }),
    })),
  }
}
