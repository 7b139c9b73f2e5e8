/** The strategies by which Deployments and DaemonSets replace their Pods. */

import type { DeepReadonly } from '../../meta/deep-readonly.ts'

/** A strategy as Kubernetes shows it in its faults. */
export function shownStrategy(
  type: string | undefined,
  rolling: DeepReadonly<{ maxUnavailable?: number | string; maxSurge?: number | string }> | undefined,
) {
  const update =
    rolling === undefined ? null : { MaxUnavailable: rolling.maxUnavailable ?? 0, MaxSurge: rolling.maxSurge ?? 0 }
  return { Type: type ?? '', RollingUpdate: update }
}
