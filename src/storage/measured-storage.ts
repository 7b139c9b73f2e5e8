/** Counts what is asked of a storage, for metrics, under the names that Kubernetes has for etcd's (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import type { Clock } from '../base/clock.ts'
import { Counter, Histogram } from '../base/metrics/instruments.ts'
import type { Family, Labels } from '../base/metrics/text.ts'
import type { Operation, Storage } from './storage.ts'

const BOUNDS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]
const ROOT = '/registry/'
type Verb = 'get' | 'list' | 'create' | 'update' | 'delete'

export class StorageMetrics {
  readonly #requests = new Counter('etcd_requests_total', 'Etcd request counts for each operation and object type.')
  readonly #failures = new Counter(
    'etcd_request_errors_total',
    'Etcd failed request counts for each operation and object type.',
  )
  readonly #durations = new Histogram(
    'etcd_request_duration_seconds',
    'Etcd request latency in seconds for each operation and object type.',
    BOUNDS,
  )
  readonly #labels = new Map<string, Labels>()

  answered(verb: Verb, key: string, ms: number, isFailure: boolean): void {
    const labels = this.#labelsOf(verb, key)
    this.#requests.add(labels)
    this.#durations.observe(ms / 1_000, labels)
    if (isFailure) this.#failures.add(labels)
  }

  get families(): readonly Family[] {
    return [this.#requests.family, this.#failures.family, this.#durations.family]
  }

  /** A key is `/registry/<group>/<resource>/…`. */
  #labelsOf(verb: Verb, key: string): Labels {
    const group = key.indexOf('/', 1) + 1
    const resource = key.indexOf('/', group) + 1
    const end = key.indexOf('/', resource)
    const known = `${verb}${key.slice(0, end)}`
    let labels = this.#labels.get(known)
    if (labels === undefined) {
      const name = key.slice(group, resource - 1)
      labels = { group: name === 'core' ? '' : name, operation: verb, resource: key.slice(resource, end) }
      this.#labels.set(known, labels)
    }
    return labels
  }
}

/** The same storage, counted. */
export function measuredStorage(storage: Storage, metrics: StorageMetrics, clock: Clock): Storage {
  const measured = async <T>(verb: Verb, key: string, run: () => Promise<T>): Promise<T> => {
    const began = clock.monotonic()
    let isFailure = true
    try {
      const answer = await run()
      isFailure = false
      return answer
    } finally {
      metrics.answered(verb, key, clock.monotonic() - began, isFailure)
    }
  }
  return {
    get revision() {
      return storage.revision
    },
    get: (key) => measured('get', key, () => storage.get(key)),
    range: (options) =>
      // A look at everything is no request for a resource.
      options.prefix === ROOT ? storage.range(options) : measured('list', options.prefix, () => storage.range(options)),
    transact(compare, operations) {
      const [first] = operations
      if (first === undefined) return storage.transact(compare, operations)
      const isNew = compare[0]?.modRevision === 0
      return measured(verbOf(first, isNew), keyOf(first), () => storage.transact(compare, operations))
    },
    watch: (prefix, revision, signal) => storage.watch(prefix, revision, signal),
    follow: (prefix, onBatch) => storage.follow(prefix, onBatch),
    compact: (revision) => storage.compact(revision),
    close: () => storage.close(),
  }
}

const verbOf = (operation: Operation, isNew: boolean): Verb =>
  'delete' in operation ? 'delete' : isNew ? 'create' : 'update'

const keyOf = (operation: Operation): string => ('delete' in operation ? operation.delete : operation.put)
