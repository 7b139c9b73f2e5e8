/**
 * How many requests there were, how long they took and what they answered, under the names that Kubernetes's dashboards
 * and alerts ask for (https://kubernetes.io/docs/reference/instrumentation/metrics/).
 */

import { Counter, Histogram, KeptLabels } from '../../../base/metrics/instruments.ts'
import type { Family, Labels } from '../../../base/metrics/text.ts'
import { AccessMetrics } from './access-metrics.ts'
import type { RequestInfo, ResourceRequest } from '../request/request-info.ts'
import { SizeMetrics } from './size-metrics.ts'

/** Kubernetes's own bounds, in seconds. */
const BOUNDS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]

const COARSE_BOUNDS = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]

/** A request to a resource that is served, or to a path that says how the server does. */
export interface CountedRequest {
  readonly info: RequestInfo
  readonly isApply: boolean
  readonly isDryRun: boolean
  /** Of a write: what it asks for, empty for nothing. */
  readonly fieldValidation?: string | undefined
}

interface Kept {
  readonly labels: Labels
  /** The same for sizes, which tell nothing of dry runs. */
  readonly sized: Labels
  /** The same, with the code of the answer. */
  readonly coded: Map<number, Labels>
}

export class RequestMetrics {
  readonly #requests = new Counter(
    'apiserver_request_total',
    'Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.',
  )
  readonly #durations = new Histogram(
    'apiserver_request_duration_seconds',
    'Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.',
    BOUNDS,
  )
  readonly #indicators = new Histogram(
    'apiserver_request_sli_duration_seconds',
    'Response latency distribution (not counting webhook duration and priority & fairness queue wait times) in seconds for each verb, group, version, resource, subresource, scope and component.',
    COARSE_BOUNDS,
  )
  readonly #validations = new Histogram(
    'field_validation_request_duration_seconds',
    'Response latency distribution in seconds for each field validation value',
    COARSE_BOUNDS,
  )
  readonly access = new AccessMetrics()
  readonly sizes = new SizeMetrics()
  readonly #running = new Map<Labels, number>()
  readonly #watchEvents = new Counter('apiserver_watch_events_total', 'Number of events sent in watch clients')
  readonly #watchLists = new Histogram(
    'apiserver_watch_list_duration_seconds',
    'Response latency distribution in seconds for watch list requests broken by group, version, resource and scope.',
    [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 4, 6, 8, 10, 15, 20, 30, 45, 60],
  )
  readonly #deprecated = new Map<string, Labels>()
  readonly #watched = new KeptLabels()
  /** The labels of a request are made once for all that are like it. */
  readonly #kept = new Map<string, Kept>()

  answered(request: CountedRequest, code: number, seconds: number): void {
    const { labels, sized, coded } = this.#keptOf(request)
    this.#durations.observe(seconds, labels)
    // Dry runs count with all others. Nothing here waits for webhooks, which Kubernetes leaves out of this one.
    this.#indicators.observe(seconds, sized)
    let withCode = coded.get(code)
    if (withCode === undefined) {
      withCode = { code: String(code), ...labels }
      coded.set(code, withCode)
    }
    this.#requests.add(withCode)
    if (request.fieldValidation !== undefined)
      this.#validations.observe(seconds, validationLabels(request.fieldValidation))
  }

  /** One that lasts has begun: a watch, or what ends in another program. Call what is returned when it is over. */
  lasts(request: CountedRequest): () => void {
    const { sized } = this.#keptOf(request)
    const count = (by: number) => this.#running.set(sized, (this.#running.get(sized) ?? 0) + by)
    count(1)
    return () => count(-1)
  }

  /** What a request to read was answered with. */
  read(request: CountedRequest, bytes: number): void {
    this.sizes.answer(this.#keptOf(request).sized, bytes)
  }

  /** Something was asked for that is deprecated. */
  deprecated({ group, version, resource }: ServedName, subresource: string): void {
    const key = `${group}/${version}/${resource}/${subresource}`
    if (!this.#deprecated.has(key)) {
      this.#deprecated.set(key, { group, removed_release: '', resource, subresource, version })
    }
  }

  /** A watch has told of all that was there when it began, after so long. */
  listedByWatch({ group, version, resource, namespace, name }: WatchedObjects, seconds: number): void {
    const scope = scopeOf({ verb: 'watch', namespace, name })
    this.#watchLists.observe(seconds, { group, resource, scope, version })
  }

  /** Counts the events that a watch of a resource is sent, and their bytes. */
  watchEvents({ group, version, resource }: ServedName): (bytes: number) => void {
    const labels = this.#watched.of(`${group}/${version}/${resource}`, () => ({ group, resource, version }))
    return (bytes) => {
      this.#watchEvents.add(labels)
      this.sizes.event(labels, bytes)
    }
  }

  get families(): readonly Family[] {
    const durations = this.#durations.family
    return [
      this.#requests.family,
      durations,
      this.#indicators.family,
      this.#validations.family,
      ...this.access.families,
      ...this.sizes.families,
      this.#watchEvents.family,
      this.#watchLists.family,
      {
        name: 'apiserver_longrunning_requests',
        help: 'Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component. Not all requests are tracked this way.',
        type: 'gauge',
        samples: [...this.#running].map(([labels, value]) => ({ labels, value })),
      },
      {
        name: 'apiserver_requested_deprecated_apis',
        help: 'Gauge of deprecated APIs that have been requested, broken out by API group, version, resource, subresource, and removed_release.',
        type: 'gauge',
        samples: [...this.#deprecated.values()].map((labels) => ({ labels, value: 1 })),
      },
    ]
  }

  #keptOf({ info, isApply, isDryRun }: CountedRequest): Kept {
    const isConnected = info.isResource && CONNECTED.has(info.subresource)
    const verb = isConnected ? 'CONNECT' : isApply ? 'APPLY' : (VERBS.get(info.verb) ?? 'other')
    const about = info.isResource ? aboutResource(info) : { ...NOTHING, subresource: info.path }
    const { group, version, resource, subresource, scope } = about
    const key = `${verb} ${scope} ${group} ${version} ${resource} ${subresource} ${isDryRun}`
    let kept = this.#kept.get(key)
    if (kept === undefined) {
      const dryRun = isDryRun ? 'All' : ''
      const labels = { component: 'apiserver', dry_run: dryRun, group, resource, scope, subresource, verb, version }
      const sized = { component: 'apiserver', group, resource, scope, subresource, verb, version }
      kept = { labels, sized, coded: new Map() }
      this.#kept.set(key, kept)
    }
    return kept
  }
}

interface ServedName {
  readonly group: string
  readonly version: string
  readonly resource: string
}

interface WatchedObjects extends ServedName {
  readonly namespace: string
  readonly name: string
}

const VALIDATIONS: ReadonlyMap<string, Labels> = new Map(
  ['', 'Ignore', 'Strict', 'Warn', 'invalid'].map((asked) => [asked, { field_validation: asked }]),
)
const validationLabels = (asked: string): Labels => VALIDATIONS.get(asked) ?? VALIDATIONS.get('invalid')!

const NOTHING = { group: '', resource: '', scope: '', subresource: '', version: '' }

const aboutResource = (info: ResourceRequest) => {
  const { group, version, resource, subresource } = info
  return { group, resource, scope: scopeOf(info), subresource, version }
}

/** Subresources that end in another program. */
const CONNECTED: ReadonlySet<string> = new Set(['attach', 'exec', 'log', 'portforward', 'proxy'])

const VERBS: ReadonlyMap<string, string> = new Map([
  ['get', 'GET'],
  ['list', 'LIST'],
  ['watch', 'WATCH'],
  ['create', 'POST'],
  ['update', 'PUT'],
  ['patch', 'PATCH'],
  ['delete', 'DELETE'],
  ['deletecollection', 'DELETECOLLECTION'],
])

function scopeOf({ name, verb, namespace }: Pick<ResourceRequest, 'name' | 'verb' | 'namespace'>): string {
  if (name !== '' || verb === 'create') return 'resource'
  return namespace === '' ? 'cluster' : 'namespace'
}
