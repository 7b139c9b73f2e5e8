/** What the scheduler tells of its work, under the names of kube-scheduler (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import { Counter, exponential, Histogram, KeptLabels } from '../base/metrics/instruments.ts'
import type { Family } from '../base/metrics/text.ts'

/** How an attempt ended. */
export type AttemptResult = 'scheduled' | 'unschedulable' | 'error'

/** What waits and what is known at this moment. */
export interface SchedulerMoment {
  readonly pending: Readonly<Record<string, number>>
  readonly cache: Readonly<Record<'nodes' | 'pods' | 'assumed_pods', number>>
}

/** More attempts are told as one. */
const MOST_ATTEMPTS = 15

export class SchedulerMetrics {
  readonly #attempts = new Counter(
    'scheduler_schedule_attempts_total',
    "Number of attempts to schedule pods, by the result. 'unschedulable' means a pod could not be scheduled, while 'error' means an internal scheduler problem.",
  )
  readonly #attemptDurations = new Histogram(
    'scheduler_scheduling_attempt_duration_seconds',
    'Scheduling attempt latency in seconds (scheduling algorithm + binding)',
    exponential(0.001, 2, 15),
  )
  readonly #decisions = new Histogram(
    'scheduler_scheduling_algorithm_duration_seconds',
    'Scheduling algorithm latency in seconds',
    exponential(0.001, 2, 15),
  )
  readonly #waits = new Histogram(
    'scheduler_pod_scheduling_sli_duration_seconds',
    'E2e latency for a pod being scheduled, from the time the pod enters the scheduling queue and might involve multiple scheduling attempts.',
    exponential(0.01, 2, 20),
  )
  readonly #podAttempts = new Histogram(
    'scheduler_pod_scheduling_attempts',
    'Number of attempts to successfully schedule a pod.',
    exponential(1, 2, 5),
  )
  #preempted = 0
  readonly #labels = new KeptLabels()
  #moment: () => SchedulerMoment | undefined = () => undefined

  /** The scheduler that runs now tells what waits. */
  follow(moment: () => SchedulerMoment): void {
    this.#moment = moment
  }

  /** A node was found, or none, after so long. */
  decided(ms: number): void {
    this.#decisions.observe(ms / 1_000)
  }

  /** An attempt ended. */
  attempted(profile: string, result: AttemptResult, ms: number): void {
    const key = `${result} ${profile}`
    const labels = this.#labels.of(key, () => ({ profile, result }))
    this.#attempts.add(labels)
    this.#attemptDurations.observe(ms / 1_000, labels)
  }

  /** A Pod got its node, so long after it came, with so many attempts. */
  placed(ms: number, attempts: number): void {
    const shown = attempts > MOST_ATTEMPTS ? `${MOST_ATTEMPTS}+` : String(attempts)
    const labels = this.#labels.of(shown, () => ({ attempts: shown }))
    this.#waits.observe(ms / 1_000, labels)
    this.#podAttempts.observe(attempts)
  }

  /** Room was looked for on nodes that have none. */
  preempted(): void {
    this.#preempted++
  }

  get families(): readonly Family[] {
    const { pending = {}, cache = {} } = this.#moment() ?? {}
    const gauge = (name: string, help: string, label: string, values: Readonly<Record<string, number>>): Family => {
      const samples = Object.entries(values).map(([key, value]) => ({ labels: { [label]: key }, value }))
      return { name, help, type: 'gauge', samples }
    }
    return [
      this.#attempts.family,
      this.#attemptDurations.family,
      this.#decisions.family,
      this.#waits.family,
      this.#podAttempts.family,
      {
        name: 'scheduler_preemption_attempts_total',
        help: 'Total preemption attempts in the cluster till now',
        type: 'counter',
        samples: [{ value: this.#preempted }],
      },
      gauge('scheduler_pending_pods', PENDING, 'queue', pending),
      gauge(
        'scheduler_cache_size',
        'Number of nodes, pods, and assumed (bound) pods in the scheduler cache.',
        'type',
        cache,
      ),
    ]
  }
}

const PENDING =
  "Number of pending pods, by the queue type. 'active' means number of pods in activeQ; 'backoff' means number of pods in backoffQ; 'unschedulable' means number of pods in unschedulablePods that the scheduler attempted to schedule and failed; 'gated' is the number of unschedulable pods that the scheduler never attempted to schedule because they are gated."
