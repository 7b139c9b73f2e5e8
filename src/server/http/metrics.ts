/** What the API server's /metrics tell (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import type { Family } from '../../base/metrics/text.ts'
import type { WatchCaches } from '../watchcache/watch-caches.ts'
import type { InFlight } from './limits.ts'

/** What is stored, watched and being done at this moment. */
export function momentFamilies(caches: WatchCaches, inFlight: InFlight): readonly Family[] {
  const all = [...caches.all()]
  const { reads, writes } = inFlight.now
  return [
    {
      name: 'apiserver_storage_objects',
      help: 'Number of stored objects at the time of last check split by kind.',
      type: 'gauge',
      samples: all.map(({ resource: { group, resource }, size }) => ({
        labels: { resource: group === '' ? resource : `${resource}.${group}` },
        value: size,
      })),
    },
    {
      name: 'apiserver_longrunning_requests',
      help: 'Gauge of all active long-running apiserver requests.',
      type: 'gauge',
      samples: all.map(({ resource: { group, resource }, watchers }) => ({
        labels: { verb: 'WATCH', group, resource },
        value: watchers,
      })),
    },
    {
      name: 'apiserver_current_inflight_requests',
      help: 'Maximal number of currently used inflight request limit of this apiserver per request kind in last second.',
      type: 'gauge',
      samples: [
        { labels: { request_kind: 'mutating' }, value: writes },
        { labels: { request_kind: 'readOnly' }, value: reads },
      ],
    },
  ]
}
