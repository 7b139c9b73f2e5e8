/**
 * When the change happened that a Service's endpoints follow: what proxies measure their delay from
 * (https://kubernetes.io/docs/reference/labels-annotations-taints/#endpoints-kubernetes-io-last-change-trigger-time).
 */

import { nameOf } from '../ownership.ts'
import type { ReadPod } from '../pods.ts'
import type { ReadService } from './service-pods.ts'

const NEVER = ''

/** Remembers, for every Service, since when each of its Pods is ready or not. */
export class TriggerTimes {
  readonly #podTimes = new Map<string, ReadonlyMap<string, string>>()

  /**
   * The earliest change since the last call for this Service; undefined when no Pod became ready or unready since.
   * A Service seen for the first time was changed when it was made. Call it once for every reconciliation.
   */
  next(key: string, service: ReadService, pods: readonly ReadPod[]): string | undefined {
    const before = this.#podTimes.get(key)
    const times = new Map(pods.map((pod) => [nameOf(pod), readySince(pod)]))
    this.#podTimes.set(key, times)
    if (before === undefined) return service.metadata.creationTimestamp
    const changed = [...times].filter(([name, time]) => time > (before.get(name) ?? NEVER)).map(([, time]) => time)
    return changed.toSorted()[0]
  }

  forget(key: string): void {
    this.#podTimes.delete(key)
  }
}

/** Times of one form, so that the order of the texts is the order of the times. */
function readySince({ status }: ReadPod): string {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? NEVER
}
