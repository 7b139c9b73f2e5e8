/** What the kubelet notes on the Pods that it has from the API, as it does on those from manifests. Pure. */

import { toTime } from '../../base/clock.ts'
import { CONFIG_SEEN, CONFIG_SOURCE } from '../static-pods/manifest.ts'
import type { PodView } from './pod-view.ts'

/**
 * The Pod with where it came from and since when it is known, whatever its maker wrote there; the downward API and the
 * runtime show it. `before`: the same Pod as it was noted last.
 */
export function notedPod(pod: PodView, before: PodView | undefined, now: number): PodView {
  const seen = before?.metadata.annotations?.[CONFIG_SEEN] ?? toTime(now)
  const annotations = { ...pod.metadata.annotations, [CONFIG_SEEN]: seen, [CONFIG_SOURCE]: 'api' }
  return { ...pod, metadata: { ...pod.metadata, annotations } }
}
