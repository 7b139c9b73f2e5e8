/** How the kubelet hears of what happens in the runtime, and what it finds there (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import { Counter } from '../../base/metrics/instruments.ts'
import type { Family } from '../../base/metrics/text.ts'

export class RuntimeWatchMetrics {
  readonly #connected = new Counter(
    'kubelet_evented_pleg_connection_success_count',
    'The number of times a streaming client was obtained to receive CRI Events.',
  )
  readonly #lost = new Counter(
    'kubelet_evented_pleg_connection_error_count',
    'The number of errors encountered during the establishment of streaming connection with the CRI runtime.',
  )
  readonly #orphans = new Counter(
    'kubelet_orphaned_runtime_pods_total',
    'Number of pods that have been detected in the container runtime without being already known to the pod worker. This typically indicates the kubelet was restarted while a pod was force deleted in the API or in the local configuration, which is unusual.',
  )

  /** The runtime tells its events from now on. */
  connected(): void {
    this.#connected.add()
  }

  /** It tells them no more, or never began. */
  lost(): void {
    this.#lost.add()
  }

  /** The runtime has a Pod that nobody asks for. */
  orphanFound(): void {
    this.#orphans.add()
  }

  get families(): readonly Family[] {
    return [this.#connected, this.#lost, this.#orphans].map(({ family }) => fromZero(family))
  }
}

/** What has not happened yet has happened no times. */
const fromZero = (family: Family): Family =>
  family.samples.length > 0 ? family : { ...family, samples: [{ value: 0 }] }
