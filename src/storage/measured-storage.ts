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
  /** By what stands before the names of a resource's objects. */
  readonly #lists = new Map<string, { lists: number; objects: number }>()
  readonly #events = new Map<string, number>()

  /** A list was read, of so many objects. */
  listed(prefix: string, objects: number): void {
    const key = resourceOf(prefix)
    const known = this.#lists.get(key) ?? { lists: 0, objects: 0 }
    known.lists++
    known.objects += objects
    this.#lists.set(key, known)
  }

  /** Somebody was told of a change. */
  changed(key: string): void {
    const resource = resourceOf(key)
    this.#events.set(resource, (this.#events.get(resource) ?? 0) + 1)
  }

  answered(verb: Verb, key: string, ms: number, isFailure: boolean): void {
    const labels = this.#labelsOf(verb, key)
    this.#requests.add(labels)
    this.#durations.observe(ms / 1_000, labels)
    if (isFailure) this.#failures.add(labels)
  }

  get families(): readonly Family[] {
    const lists = [...this.#lists]
    const objects = lists.map(([key, known]) => ({ labels: namedBy(key), value: known.objects }))
    const events = [...this.#events].map(([key, value]) => ({ labels: namedBy(key), value }))
    const counter = (name: string, help: string, samples: Family['samples']): Family => ({
      name: `apiserver_${name}_total`,
      help,
      type: 'counter',
      samples,
    })
    return [
      this.#requests.family,
      this.#failures.family,
      this.#durations.family,
      counter(
        'storage_list',
        'Number of LIST requests served from storage',
        lists.map(([key, known]) => ({ labels: namedBy(key), value: known.lists })),
      ),
      ...LISTED.map(([name, help]) => counter(`storage_list_${name}_objects`, help, objects)),
      counter('storage_events_received', 'Number of etcd events received split by kind.', events),
      counter('watch_cache_events_received', `${CACHE_HELP} received in ${BY_TYPE}`, events),
      counter('watch_cache_events_dispatched', `${CACHE_HELP} dispatched in ${BY_TYPE}`, events),
    ]
  }

  #labelsOf(verb: Verb, key: string): Labels {
    const resource = resourceOf(key)
    const known = `${verb}${resource}`
    let labels = this.#labels.get(known)
    if (labels === undefined) {
      const { group, name } = nameOf(resource)
      labels = { group, operation: verb, resource: name }
      this.#labels.set(known, labels)
    }
    return labels
  }
}

const LISTED = [
  ['fetched', 'Number of objects read from storage in the course of serving a LIST request'],
  ['evaluated', 'Number of objects tested in the course of serving a LIST request from storage'],
  ['returned', 'Number of objects returned for a LIST request from storage'],
] as const
const CACHE_HELP = 'Counter of events'
const BY_TYPE = 'watch cache broken by resource type.'

/** `/registry/<group>/<resource>` of a key. */
function resourceOf(key: string): string {
  const resource = key.indexOf('/', ROOT.length) + 1
  return key.slice(0, key.indexOf('/', resource))
}

function nameOf(resource: string): { readonly group: string; readonly name: string } {
  const [group = '', name = ''] = resource.slice(ROOT.length).split('/')
  return { group: group === 'core' ? '' : group, name }
}

function namedBy(resource: string): Labels {
  const { group, name } = nameOf(resource)
  return { group, resource: name }
}

/** How large a storage is that is on a disk. */
export async function sizeFamilies(storage: Storage): Promise<readonly Family[]> {
  const value = await storage.size?.()
  if (value === undefined) return []
  const help = 'Size of the storage database file physically allocated in bytes.'
  // As Kubernetes calls the first of its databases.
  const samples = [{ labels: { storage_cluster_id: 'etcd-0' }, value }]
  return [{ name: 'apiserver_storage_size_bytes', help, type: 'gauge', samples }]
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
      options.prefix === ROOT
        ? storage.range(options)
        : measured('list', options.prefix, async () => {
            const answer = await storage.range(options)
            metrics.listed(options.prefix, answer.entries.length)
            return answer
          }),
    transact(compare, operations) {
      const [first] = operations
      if (first === undefined) return storage.transact(compare, operations)
      const isNew = compare[0]?.modRevision === 0
      return measured(verbOf(first, isNew), keyOf(first), () => storage.transact(compare, operations))
    },
    watch: (prefix, revision, signal) => storage.watch(prefix, revision, signal),
    follow: (prefix, onBatch) =>
      storage.follow(prefix, (batch) => {
        for (const { key } of batch.events) metrics.changed(key)
        onBatch(batch)
      }),
    compact: (revision) => storage.compact(revision),
    ...(storage.size === undefined ? {} : { size: () => storage.size!() }),
    close: () => storage.close(),
  }
}

const verbOf = (operation: Operation, isNew: boolean): Verb =>
  'delete' in operation ? 'delete' : isNew ? 'create' : 'update'

const keyOf = (operation: Operation): string => ('delete' in operation ? operation.delete : operation.put)
