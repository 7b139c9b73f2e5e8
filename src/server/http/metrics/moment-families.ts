/** What the API server's /metrics tell (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import type { Family } from '../../../base/metrics/text.ts'
import { WINDOW } from '../../watchcache/watch-cache.ts'
import type { WatchCaches } from '../../watchcache/watch-caches.ts'
import { buildFamilies } from '../../build-metrics.ts'
import { featureFamily } from '../../feature-metrics.ts'
import type { FlowControl } from '../../flowcontrol/flow-control.ts'

/** What is stored, watched and being done at this moment. */
export function momentFamilies(caches: WatchCaches, flows: FlowControl): readonly Family[] {
  const all = [...caches.all()]
  const { executing, waiting } = flows.now
  return [
    {
      name: 'apiserver_storage_objects',
      help: 'Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
      type: 'gauge',
      samples: all.map(({ resource: { group, resource }, size }) => ({
        labels: { resource: group === '' ? resource : `${resource}.${group}` },
        value: size,
      })),
    },
    {
      name: 'apiserver_resource_objects',
      help: 'Number of stored objects at the time of last check split by kind. In case of a fetching error, the value will be -1.',
      type: 'gauge',
      samples: all.map(({ resource: { group, resource }, size }) => ({ labels: { group, resource }, value: size })),
    },
    {
      name: 'apiserver_resource_size_estimate_bytes',
      help: 'Estimated size of stored objects in database. Estimate is based on sum of last observed sizes of serialized objects. In case of a fetching error, the value will be -1.',
      type: 'gauge',
      samples: all.map(({ resource: { group, resource }, weight }) => ({ labels: { group, resource }, value: weight })),
    },
    {
      name: 'watch_cache_capacity',
      help: 'Total capacity of watch cache broken by resource type.',
      type: 'gauge',
      samples: all.map(({ resource: { group, resource } }) => ({ labels: { group, resource }, value: WINDOW })),
    },
    {
      name: 'apiserver_watch_cache_resource_version',
      help: 'Current resource version of watch cache broken by resource type. This is truncated to the 15 least significant digits.',
      type: 'gauge',
      samples: all.map(({ resource: { group, resource } }) => ({
        labels: { group, resource },
        value: caches.revision,
      })),
    },
    {
      name: 'apiserver_watch_cache_initializations_total',
      help: 'Counter of watch cache initializations broken by resource type.',
      type: 'counter',
      // Each is filled once, before the server listens, and is never behind.
      samples: all.map(({ resource: { group, resource } }) => ({ labels: { group, resource }, value: 1 })),
    },
    {
      name: 'apiserver_current_inflight_requests',
      help: 'Maximal number of currently used inflight request limit of this apiserver per request kind in last second.',
      type: 'gauge',
      samples: [
        { labels: { request_kind: 'mutating' }, value: executing.writes },
        { labels: { request_kind: 'readOnly' }, value: executing.reads },
      ],
    },
    {
      name: 'apiserver_current_inqueue_requests',
      help: 'Maximal number of queued requests in this apiserver per request kind in last second.',
      type: 'gauge',
      samples: [
        { labels: { request_kind: 'mutating' }, value: waiting.writes },
        { labels: { request_kind: 'readOnly' }, value: waiting.reads },
      ],
    },
    ...buildFamilies,
    featureFamily,
  ]
}
