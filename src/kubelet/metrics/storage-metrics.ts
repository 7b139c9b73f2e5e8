/** How long volumes take to be made (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import { Histogram } from '../../base/metrics/instruments.ts'
import type { Family } from '../../base/metrics/text.ts'

const BOUNDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 25, 50, 120, 300, 600]

export class StorageMetrics {
  readonly #operations = new Histogram('storage_operation_duration_seconds', 'Storage operation duration', BOUNDS)
  readonly #total = new Histogram(
    'volume_operation_total_seconds',
    'Storage operation end to end duration in seconds',
    BOUNDS,
  )

  readonly #calls = new Histogram(
    'csi_operations_seconds',
    'Container Storage Interface operation duration with gRPC error code status total',
    BOUNDS,
  )

  /** A CSI driver was called. `code`: how it answered, as gRPC says it, e.g. `OK`. */
  driverCalled(driver: string, method: string, code: string, seconds: number): void {
    const labels = { driver_name: driver, grpc_status_code: code, method_name: method, migrated: 'false' }
    this.#calls.observe(seconds, labels)
  }

  /** A volume was made, or could not be. `plugin`: e.g. `kubernetes.io/configmap`. */
  mounted(plugin: string, seconds: number, hasFailed: boolean): void {
    this.#operations.observe(seconds, {
      migrated: 'false',
      operation_name: 'volume_mount',
      status: hasFailed ? 'fail-unknown' : 'success',
      volume_plugin: plugin,
    })
    if (!hasFailed) this.#total.observe(seconds, { operation_name: 'overall_volume_mount', plugin_name: plugin })
  }

  get families(): readonly Family[] {
    return [this.#operations.family, this.#total.family, this.#calls.family]
  }
}
