/** How large requests, answers and events are, and how many objects lists have (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import { Counter, exponential, Histogram, KeptLabels } from '../../../base/metrics/instruments.ts'
import type { Family, Labels } from '../../../base/metrics/text.ts'
import type { ResourceRequest } from '../request/request-info.ts'

const BODY_BOUNDS = Array.from({ length: 31 }, (_, step) => 50_000 + step * 100_000)

type Named = Pick<ResourceRequest, 'group' | 'resource'>

export class SizeMetrics {
  readonly #bodies = new Histogram(
    'apiserver_request_body_size_bytes',
    'Apiserver request body size in bytes broken out by resource and verb.',
    BODY_BOUNDS,
  )
  readonly #answers = new Histogram(
    'apiserver_response_sizes',
    'Response size distribution in bytes for each group, version, verb, resource, subresource, scope and component.',
    exponential(1_000, 10, 7),
  )
  readonly #events = new Histogram(
    'apiserver_watch_events_sizes',
    'Watch event size distribution in bytes',
    exponential(1_024, 2, 8),
  )
  readonly #lists = new Counter('apiserver_cache_list_total', 'Number of LIST requests served from watch cache')
  readonly #returned = new Counter(
    'apiserver_cache_list_returned_objects_total',
    'Number of objects returned for a LIST request from watch cache',
  )
  /** Labels of bodies and lists by what they are of. */
  readonly #labels = new KeptLabels()

  body({ group, resource, verb }: ResourceRequest, bytes: number): void {
    this.#bodies.observe(
      bytes,
      this.#labels.of(`${verb} ${group} ${resource}`, () => ({ group, resource, verb })),
    )
  }

  answer(labels: Labels, bytes: number): void {
    this.#answers.observe(bytes, labels)
  }

  event(labels: Labels, bytes: number): void {
    this.#events.observe(bytes, labels)
  }

  list({ group, resource }: Named, objects: number): void {
    this.#lists.add(this.#labels.of(`index ${group} ${resource}`, () => ({ group, index: '', resource })))
    this.#returned.add(
      this.#labels.of(`list ${group} ${resource}`, () => ({ group, resource })),
      objects,
    )
  }

  get families(): readonly Family[] {
    return [this.#bodies, this.#answers, this.#events, this.#lists, this.#returned].map(({ family }) => family)
  }
}
