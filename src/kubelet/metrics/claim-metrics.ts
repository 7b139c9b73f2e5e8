/** What a kubelet counts of dynamic resource allocation (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import { exponentialBetween, Histogram } from '../../base/metrics/instruments.ts'
import type { Family } from '../../base/metrics/text.ts'

/** From a tenth of a second to forty seconds, in fifteen steps. */
const BUCKETS = exponentialBetween(0.1, 40, 15)
const ANY_DRIVER = '<any>'

/** A call of a driver that has ended. */
export interface DriverCall {
  readonly driver: string
  /** The path of the method. */
  readonly method: string
  readonly status: string
}

export class ClaimMetrics {
  readonly #operations = new Histogram(
    'dra_operations_duration_seconds',
    "Latency histogram in seconds for the duration of handling all ResourceClaims referenced by a pod when the pod starts or stops. Identified by the name of the operation (PrepareResources or UnprepareResources) and separated by the success of the operation. The number of failed operations is provided through the histogram's overall count.",
    BUCKETS,
  )
  readonly #calls = new Histogram(
    'dra_grpc_operations_duration_seconds',
    'Duration in seconds of the DRA gRPC operations',
    BUCKETS,
  )
  /** The drivers of each claim that is prepared. */
  prepared: () => readonly Readonly<Record<string, unknown>>[] = () => []

  /** All claims of a Pod were prepared or given up, or that has failed. */
  worked(operation: string, hasFailed: boolean, seconds: number): void {
    this.#operations.observe(seconds, { operation_name: operation, is_error: String(hasFailed) })
  }

  called({ driver, method, status }: DriverCall, seconds: number): void {
    this.#calls.observe(seconds, { driver_name: driver, method_name: method, grpc_status_code: status })
  }

  get families(): readonly Family[] {
    return [this.#operations.family, this.#calls.family, this.#inUse()]
  }

  #inUse(): Family {
    const claims = this.prepared()
    const counts = new Map([[ANY_DRIVER, claims.length]])
    for (const drivers of claims) {
      for (const driver of Object.keys(drivers)) counts.set(driver, (counts.get(driver) ?? 0) + 1)
    }
    return {
      name: 'dra_resource_claims_in_use',
      help: 'The number of ResourceClaims that are currently in use on the node, by driver name (driver_name label value) and across all drivers (special value <any> for driver_name). Note that the sum of all by-driver counts is not the total number of in-use ResourceClaims because the same ResourceClaim might use devices from different drivers. Instead, use the count for the <any> driver_name.',
      type: 'gauge',
      samples: [...counts].map(([driver, value]) => ({ labels: { driver_name: driver }, value })),
    }
  }
}
