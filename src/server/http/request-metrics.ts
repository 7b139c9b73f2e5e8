/**
 * How many requests there were, how long they took and what they answered, under the names that Kubernetes's dashboards
 * and alerts ask for (https://kubernetes.io/docs/reference/instrumentation/metrics/).
 */

import { Counter, Histogram } from '../../base/metrics/instruments.ts'
import type { Family, Labels } from '../../base/metrics/text.ts'
import type { RequestInfo, ResourceRequest } from './request-info.ts'

/** Kubernetes's own bounds, in seconds. */
const BOUNDS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]

/** A request to a resource that is served, or to a path that says how the server does. */
export interface CountedRequest {
  readonly info: RequestInfo
  readonly isApply: boolean
  readonly isDryRun: boolean
}

interface Kept {
  readonly labels: Labels
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
  /** The labels of a request are made once for all that are like it. */
  readonly #kept = new Map<string, Kept>()

  answered(request: CountedRequest, code: number, seconds: number): void {
    const { labels, coded } = this.#keptOf(request)
    this.#durations.observe(seconds, labels)
    let withCode = coded.get(code)
    if (withCode === undefined) {
      withCode = { code: String(code), ...labels }
      coded.set(code, withCode)
    }
    this.#requests.add(withCode)
  }

  get families(): readonly Family[] {
    return [this.#requests.family, this.#durations.family]
  }

  #keptOf({ info, isApply, isDryRun }: CountedRequest): Kept {
    const verb = isApply ? 'APPLY' : (VERBS.get(info.verb) ?? 'other')
    const about = info.isResource ? aboutResource(info) : { ...NOTHING, subresource: info.path }
    const { group, version, resource, subresource, scope } = about
    const key = `${verb} ${scope} ${group} ${version} ${resource} ${subresource} ${isDryRun}`
    let kept = this.#kept.get(key)
    if (kept === undefined) {
      const dryRun = isDryRun ? 'All' : ''
      const labels = { component: 'apiserver', dry_run: dryRun, group, resource, scope, subresource, verb, version }
      kept = { labels, coded: new Map() }
      this.#kept.set(key, kept)
    }
    return kept
  }
}

const NOTHING = { group: '', resource: '', scope: '', subresource: '', version: '' }

const aboutResource = (info: ResourceRequest) => {
  const { group, version, resource, subresource } = info
  return { group, resource, scope: scopeOf(info), subresource, version }
}

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

function scopeOf({ name, verb, namespace }: ResourceRequest): string {
  if (name !== '' || verb === 'create') return 'resource'
  return namespace === '' ? 'cluster' : 'namespace'
}
