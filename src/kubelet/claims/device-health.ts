/**
 * How the devices of drivers are, as long as that is news
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#device-health-monitoring).
 */

import type { Clock } from '../../base/clock.ts'
import type { DeviceHealthReport } from './dra-client.ts'

/** So long a report counts that does not say otherwise. */
const USUAL_MS = 30_000
const MAX_MESSAGE = 1_024

interface Known extends DeviceHealthReport {
  readonly toldAt: number
}

const keyOf = ({ poolName, deviceName }: Pick<Known, 'poolName' | 'deviceName'>) => `${poolName}/${deviceName}`

export class DeviceHealth {
  readonly #clock: Clock
  readonly #drivers = new Map<string, Map<string, Known>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What nobody has told of lately is unknown. */
  of(driver: string, device: Pick<Known, 'poolName' | 'deviceName'>): Pick<Known, 'health' | 'message'> {
    const known = this.#drivers.get(driver)?.get(keyOf(device))
    const isNews = known !== undefined && this.#clock.monotonic() - known.toldAt <= (known.timeoutMs ?? USUAL_MS)
    return isNews ? known : { health: 'Unknown', message: '' }
  }

  /** The answer is the devices of which something else is told than before. */
  told(driver: string, reports: readonly DeviceHealthReport[]): readonly DeviceHealthReport[] {
    const known = this.#drivers.get(driver) ?? new Map<string, Known>()
    this.#drivers.set(driver, known)
    return reports.filter((report) => {
      const before = known.get(keyOf(report))
      const message = shortened(report.message)
      known.set(keyOf(report), { ...report, message, toldAt: this.#clock.monotonic() })
      return before?.health !== report.health || before.message !== message || before.timeoutMs !== report.timeoutMs
    })
  }

  /** The driver tells no more. */
  forget(driver: string): void {
    this.#drivers.delete(driver)
  }
}

const shortened = (text: string) => (text.length <= MAX_MESSAGE ? text : `${text.slice(0, MAX_MESSAGE - 3)}...`)
