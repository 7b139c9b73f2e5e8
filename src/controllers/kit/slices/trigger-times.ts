/**
 * When the change happened that a Service's endpoints follow: what proxies measure their delay from
 * (https://kubernetes.io/docs/reference/labels-annotations-taints/#endpoints-kubernetes-io-last-change-trigger-time).
 */

import { nameOf } from '../ownership.ts'
import type { ReadPod } from '../pods.ts'
import type { ReadService } from './service-pods.ts'

const NEVER = ''

interface Seen {
  /** Versions of Pods never change: what was looked at once says nothing new. */
  readonly pods: WeakSet<ReadPod>
  readonly times: Map<string, string>
}

/** Names of Pods that are gone are kept until there are so many more of them than Pods. */
const SPARE_NAMES = 100

/** Remembers, for every Service, since when each of its Pods is ready or not. */
export class TriggerTimes {
  readonly #seen = new Map<string, Seen>()

  /**
   * The earliest change since the last call for this Service; undefined when no Pod became ready or unready since.
   * A Service seen for the first time was changed when it was made. Call it once for every reconciliation.
   */
  next(key: string, service: ReadService, pods: readonly ReadPod[]): string | undefined {
    const before = this.#seen.get(key)
    const seen: Seen = before ?? { pods: new WeakSet(), times: new Map() }
    this.#seen.set(key, seen)
    let first: string | undefined
    for (const pod of pods) {
      if (seen.pods.has(pod)) continue
      seen.pods.add(pod)
      const time = readySince(pod)
      const isLater = time > (seen.times.get(nameOf(pod)) ?? NEVER)
      if (isLater && (first === undefined || time < first)) first = time
      seen.times.set(nameOf(pod), time)
    }
    if (seen.times.size > pods.length * 2 + SPARE_NAMES) keepOnly(seen.times, pods)
    return before === undefined ? service.metadata.creationTimestamp : first
  }

  forget(key: string): void {
    this.#seen.delete(key)
  }
}

/** Times of one form, so that the order of the texts is the order of the times. */
function readySince({ status }: ReadPod): string {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? NEVER
}

function keepOnly(times: Map<string, string>, pods: readonly ReadPod[]): void {
  const names = new Set(pods.map(nameOf))
  for (const name of times.keys()) if (!names.has(name)) times.delete(name)
}
