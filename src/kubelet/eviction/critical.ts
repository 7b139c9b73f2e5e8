/** Pods that hold the node or the cluster together (https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/). Pure. */

import { isMirrorPod } from '../../api/core/v1/pod/facts.ts'
import { SYSTEM_CRITICAL } from '../config/kubelet-config.ts'
import { type PodView, specOf } from '../pods/pod-view.ts'
import { isStatic } from '../static-pods/manifest.ts'

/** Whether the Pod is never evicted by its kubelet, and let in whatever the node is short of. */
export const isCritical = (pod: PodView): boolean =>
  isStatic(pod) || isMirrorPod(pod) || (specOf(pod).priority ?? 0) >= SYSTEM_CRITICAL
