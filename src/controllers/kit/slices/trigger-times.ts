/**
 * When the change happened that a Service's endpoints follow: what proxies measure their delay from
 * (https://kubernetes.io/docs/reference/labels-annotations-taints/#endpoints-kubernetes-io-last-change-trigger-time).
 */

import { nameOf } from '../ownership.ts'
import type { ReadPod } from '../pods.ts'
import type { ReadService } from './service-pods.ts'

const NEVER = ''

interface Seen {
  /** How often the Service was looked at. */
  round: number
  /** When each version of a Pod was last there: one that was there the last time says nothing new. */
  readonly rounds: WeakMap<ReadPod, number>
  /** The version of each Pod that was seen last. */
  readonly latest: Map<string, ReadPod>
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
    const seen: Seen = before ?? { round: 0, rounds: new WeakMap(), latest: new Map() }
    this.#seen.set(key, seen)
    let first: string | undefined
    const last = seen.round++
    for (const pod of pods) {
      const wasThere = seen.rounds.get(pod) === last
      seen.rounds.set(pod, seen.round)
      if (wasThere) continue
      const time = readySince(pod)
      const known = seen.latest.get(nameOf(pod))
      // A Pod that left and came back is new.
      const isLater = time > (known !== undefined && seen.rounds.get(known) === last ? readySince(known) : NEVER)
      if (isLater && (first === undefined || time < first)) first = time
      seen.latest.set(nameOf(pod), pod)
    }
    if (seen.latest.size > pods.length * 2 + SPARE_NAMES) keepOnly(seen.latest, pods)
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

function keepOnly(latest: Map<string, ReadPod>, pods: readonly ReadPod[]): void {
  const names = new Set(pods.map(nameOf))
  for (const name of latest.keys()) if (!names.has(name)) latest.delete(name)
}
