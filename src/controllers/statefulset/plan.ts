/** One step of a StatefulSet: in order, one at a time, unless Pods may be managed in parallel (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#deployment-and-scaling-guarantees). Pure. */

import { isPodAvailable, isPodReady, isTerminal } from '../../api/core/v1/pod/facts.ts'
import type { StatefulSetStatus } from '../../api/generated/apps-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { scaledValue } from '../kit/int-or-percent.ts'
import { isDeleting } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import { isWithin, ordinalOf, type ReadStatefulSet, replicasOf, revisionOf, startOf } from './identity.ts'

export interface StatefulView {
  readonly set: ReadStatefulSet
  readonly pods: readonly ReadPod[]
  /** The names of the revision that is being left and the one that is wanted. */
  readonly current: string
  readonly update: string
  readonly now: number
}

export interface StatefulPlan {
  readonly create: readonly { readonly ordinal: number; readonly revision: string }[]
  readonly remove: readonly ReadPod[]
}

/** Whether a step may be followed by another one right away. */
type Step = 'go-on' | 'wait'

export function planStateful(view: StatefulView): StatefulPlan {
  const planning = new Planning(view)
  if (!isDeleting(view.set)) planning.run()
  return planning
}

class Planning implements StatefulPlan {
  readonly create: { readonly ordinal: number; readonly revision: string }[] = []
  readonly remove: ReadPod[] = []
  readonly #view: StatefulView
  readonly #isOrdered: boolean
  readonly #minReady: number
  readonly #byOrdinal = new Map<number, ReadPod>()

  constructor(view: StatefulView) {
    this.#view = view
    this.#isOrdered = view.set.spec?.podManagementPolicy !== 'Parallel'
    this.#minReady = view.set.spec?.minReadySeconds ?? 0
    for (const pod of view.pods) {
      const ordinal = ordinalOf(view.set, pod)
      if (ordinal !== undefined) this.#byOrdinal.set(ordinal, pod)
    }
  }

  run(): void {
    const { set } = this.#view
    const first = startOf(set)
    for (let ordinal = first; ordinal < first + replicasOf(set); ordinal++) {
      if (this.#settle(ordinal) === 'wait' && this.#isOrdered) return
    }
    const condemned = [...this.#byOrdinal.keys()].filter((ordinal) => !isWithin(set, ordinal)).toSorted((a, b) => b - a)
    const sickest = this.#firstUnhealthy(condemned)
    for (const ordinal of condemned) {
      if (this.#condemn(ordinal, sickest) === 'wait' && this.#isOrdered) return
    }
    if (set.spec?.updateStrategy?.type === 'OnDelete' || this.#isBusy()) return
    this.#roll()
  }

  #isBusy(): boolean {
    return this.create.length > 0 || this.remove.length > 0
  }

  /** Brings one ordinal within the range to life. */
  #settle(ordinal: number): Step {
    const pod = this.#byOrdinal.get(ordinal)
    if (pod === undefined) {
      this.create.push({ ordinal, revision: this.#revisionFor(ordinal) })
      return 'wait'
    }
    if (isTerminal(pod)) {
      if (!isDeleting(pod)) this.remove.push(pod)
      return 'wait' // its successor comes when it is gone
    }
    return this.#isHealthy(pod) ? 'go-on' : 'wait'
  }

  /** Takes one ordinal beyond the range away; while something is unhealthy, only that may go. */
  #condemn(ordinal: number, sickest: ReadPod | undefined): Step {
    const pod = this.#byOrdinal.get(ordinal)
    if (pod === undefined) return 'go-on'
    if (isDeleting(pod)) return 'wait'
    if (this.#isOrdered && !this.#isHealthy(pod) && pod !== sickest) return 'wait'
    this.remove.push(pod)
    return 'wait'
  }

  #firstUnhealthy(condemned: readonly number[]): ReadPod | undefined {
    const within = [...this.#byOrdinal.keys()].filter((ordinal) => isWithin(this.#view.set, ordinal))
    for (const ordinal of [...within.toSorted((a, b) => a - b), ...condemned.toReversed()]) {
      const pod = this.#byOrdinal.get(ordinal)
      if (pod !== undefined && !this.#isHealthy(pod)) return pod
    }
    return undefined
  }

  /** Below the partition Pods keep the revision that is being left. */
  #revisionFor(ordinal: number): string {
    const { set, current, update } = this.#view
    return ordinal < startOf(set) + partitionOf(set) ? current : update
  }

  /** Replaces outdated Pods from the highest ordinal down, as many at once as may be unavailable. */
  #roll(): void {
    const { set, update } = this.#view
    const lowest = startOf(set) + partitionOf(set)
    const ordinals = Array.from({ length: replicasOf(set) }, (_, index) => startOf(set) + replicasOf(set) - 1 - index)
    const limit = maxUnavailable(set)
    let unavailable = 0
    for (const ordinal of ordinals.filter((candidate) => candidate >= lowest)) {
      const pod = this.#byOrdinal.get(ordinal)
      if (pod === undefined) continue
      if (revisionOf(pod) !== update && !isDeleting(pod)) {
        this.remove.push(pod)
        unavailable++
      } else if (!this.#isHealthy(pod)) unavailable++
      if (unavailable >= limit) return
    }
  }

  #isHealthy(pod: ReadPod): boolean {
    return (
      pod.status?.phase === 'Running' &&
      isPodReady(pod) &&
      !isDeleting(pod) &&
      isPodAvailable(pod, this.#minReady, this.#view.now)
    )
  }
}

const partitionOf = (set: ReadStatefulSet): number => set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0

function maxUnavailable(set: ReadStatefulSet): number {
  const wish = set.spec?.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1
  return Math.max(1, scaledValue(wish, replicasOf(set), 'up'))
}

/** What to report. When all Pods are of the wanted revision and ready, it becomes the current one. */
export function statefulStatus(view: StatefulView, plan: StatefulPlan): DeepReadonly<StatefulSetStatus> {
  const { set, pods, current, update, now } = view
  const alive = pods.filter((pod) => ordinalOf(set, pod) !== undefined)
  const minReady = set.spec?.minReadySeconds ?? 0
  const isServing = (pod: ReadPod) => pod.status?.phase === 'Running' && isPodReady(pod)
  const count = (test: (pod: ReadPod) => boolean) => alive.filter(test).length
  const leaving = new Set(plan.remove)
  const ofRevision = (revision: string) =>
    count((pod) => !isDeleting(pod) && !leaving.has(pod) && revisionOf(pod) === revision) +
    plan.create.filter((made) => made.revision === revision).length
  const replicas = alive.length + plan.create.length
  const ready = count(isServing)
  const updated = ofRevision(update)
  const isDone =
    set.spec?.updateStrategy?.type !== 'OnDelete' &&
    updated === replicas &&
    ready === replicas &&
    replicas === replicasOf(set)
  const positive = (key: string, value: number) => (value === 0 ? {} : { [key]: value })
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas,
    ...positive('readyReplicas', ready),
    ...positive('currentReplicas', isDone ? updated : ofRevision(current)),
    ...positive('updatedReplicas', updated),
    currentRevision: isDone ? update : current,
    updateRevision: update,
    collisionCount: set.status?.collisionCount ?? 0,
    availableReplicas: count((pod) => isServing(pod) && isPodAvailable(pod, minReady, now)),
  }
}
