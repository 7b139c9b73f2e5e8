/** What a kubelet counts of device plugins (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import { Counter, Histogram } from '../../base/metrics/instruments.ts'
import type { Family } from '../../base/metrics/text.ts'

export class DeviceMetrics {
  readonly #registrations = new Counter(
    'kubelet_device_plugin_registration_total',
    'Cumulative number of device plugin registrations. Broken down by resource name.',
  )
  readonly #allocations = new Histogram(
    'kubelet_device_plugin_alloc_duration_seconds',
    'Duration in seconds to serve a device plugin Allocation request. Broken down by resource name.',
  )

  /** A plugin asked to be registered. */
  registered(resource: string): void {
    this.#registrations.add({ resource_name: resource })
  }

  /** A plugin was asked for devices. */
  allocated(resource: string, seconds: number): void {
    this.#allocations.observe(seconds, { resource_name: resource })
  }

  get families(): readonly Family[] {
    return [this.#registrations.family, this.#allocations.family]
  }
}
