/** Calls one driver for dynamic resource allocation. */

import type { Clock } from '../../base/clock.ts'
import { type GrpcChannel, openGrpcChannel } from '../grpc/channel.ts'
import type { Plain } from '../grpc/protocol.ts'
import { message, messages, text, texts } from '../grpc/read.ts'
import type { ClaimMetrics } from '../metrics/claim-metrics.ts'
import { GrpcError } from '../grpc/error.ts'
import { DRA, prepareMethod, type Service, unprepareMethod, WATCH_RESOURCES } from './dra-api.ts'

const CALL_MS = 45_000
const NO_LIMIT = 0

/** A claim as drivers are told it. */
export interface ClaimName {
  readonly namespace: string
  readonly uid: string
  readonly name: string
}

/** A device that a driver has prepared. */
export interface PreparedDevice {
  readonly poolName: string
  readonly deviceName: string
  /** The requests of the claim that it is for; none: all. */
  readonly requestNames: readonly string[]
  readonly cdiDeviceIds: readonly string[]
  readonly shareId?: string
}

/** How a device is, as its driver tells it. */
export interface DeviceHealthReport {
  readonly poolName: string
  readonly deviceName: string
  readonly health: 'Healthy' | 'Unhealthy' | 'Unknown'
  /** So long it counts; absent: as long as is usual. */
  readonly timeoutMs?: number
  readonly message: string
}

/** What became of one claim. */
export interface ClaimResult {
  readonly error: string
  readonly devices: readonly PreparedDevice[]
}

export interface DraClientOptions {
  readonly driver: string
  readonly endpoint: string
  readonly service: Service
  readonly clock: Clock
  readonly metrics: ClaimMetrics
}

export class DraClient {
  readonly #options: DraClientOptions
  readonly #channel: GrpcChannel

  constructor(options: DraClientOptions) {
    this.#options = options
    this.#channel = openGrpcChannel({ socketPath: options.endpoint, protocol: DRA, clock: options.clock })
  }

  /** By the uids of claims. */
  async prepare(claims: readonly ClaimName[], signal: AbortSignal): Promise<ReadonlyMap<string, ClaimResult>> {
    return resultsOf(await this.#call(prepareMethod(this.#options.service), { claims }, signal))
  }

  async unprepare(claims: readonly ClaimName[], signal: AbortSignal): Promise<ReadonlyMap<string, ClaimResult>> {
    return resultsOf(await this.#call(unprepareMethod(this.#options.service), { claims }, signal))
  }

  /** How its devices are, each time that something changes. Ends at once where the driver does not tell. */
  async *health(signal: AbortSignal): AsyncGenerator<readonly DeviceHealthReport[]> {
    for await (const news of this.#channel.stream(WATCH_RESOURCES, {}, { signal, timeoutMs: NO_LIMIT })) {
      yield messages(news['devices']).map(reportOf)
    }
  }

  /** Tells at once, and each time that it changes, whether the driver can be reached. */
  followConnection(changed: (isConnected: boolean) => void, signal: AbortSignal): void {
    this.#channel.followConnection(changed, signal)
  }

  close(): void {
    this.#channel.close()
  }

  async #call(method: ReturnType<typeof prepareMethod>, request: object, signal: AbortSignal): Promise<Plain> {
    const { driver, clock, metrics } = this.#options
    const from = clock.monotonic()
    let status = 'OK'
    try {
      return await this.#channel.unary(method, request, { signal, timeoutMs: CALL_MS })
    } catch (error) {
      status = error instanceof GrpcError ? error.code : 'Unknown'
      throw error
    } finally {
      metrics.called({ driver, method: method.path, status }, (clock.monotonic() - from) / 1000)
    }
  }
}

const resultsOf = (answer: Plain): ReadonlyMap<string, ClaimResult> =>
  new Map(
    Object.entries(message(answer['claims']) ?? {}).map(([uid, value]) => {
      const result = message(value) ?? {}
      return [uid, { error: text(result['error']), devices: messages(result['devices']).map(deviceOf) }]
    }),
  )

function deviceOf(device: Plain): PreparedDevice {
  const shareId = text(device['shareId'])
  return {
    poolName: text(device['poolName']),
    deviceName: text(device['deviceName']),
    requestNames: texts(device['requestNames']),
    cdiDeviceIds: texts(device['cdiDeviceIds']),
    ...(shareId !== '' && { shareId }),
  }
}

const HEALTH: Readonly<Record<string, DeviceHealthReport['health']>> = { HEALTHY: 'Healthy', UNHEALTHY: 'Unhealthy' }

function reportOf(report: Plain): DeviceHealthReport {
  const device = message(report['device']) ?? {}
  const seconds = Number(report['healthCheckTimeoutSeconds'] ?? 0)
  return {
    poolName: text(device['poolName']),
    deviceName: text(device['deviceName']),
    health: HEALTH[text(report['health'])] ?? 'Unknown',
    ...(seconds > 0 && { timeoutMs: seconds * 1000 }),
    message: text(report['message']),
  }
}
