/** /metrics in the text form of Prometheus (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import type { WatchCaches } from '../watchcache/watch-caches.ts'

/** What the caches hold, by resource. */
export function metricsText(caches: WatchCaches): string {
  const objects: string[] = []
  const watches: string[] = []
  for (const cache of caches.all()) {
    const { group, resource } = cache.resource
    objects.push(
      `apiserver_storage_objects{resource="${group === '' ? resource : `${resource}.${group}`}"} ${cache.size}`,
    )
    watches.push(
      `apiserver_longrunning_requests{verb="WATCH",group="${group}",resource="${resource}"} ${cache.watchers}`,
    )
  }
  return [
    '# HELP apiserver_storage_objects Number of stored objects at the time of last check split by kind.',
    '# TYPE apiserver_storage_objects gauge',
    ...objects,
    '# HELP apiserver_longrunning_requests Gauge of all active long-running apiserver requests.',
    '# TYPE apiserver_longrunning_requests gauge',
    ...watches,
    '',
  ].join('\n')
}
