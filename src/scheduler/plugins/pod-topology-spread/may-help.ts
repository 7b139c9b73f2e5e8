/** Which changes may make a Pod fit that its spread constraints kept out. */

import type { Pod } from '../../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { SchedulerPlugin } from '../../framework/plugin.ts'

/** Only Pods of its own namespace count for a Pod. */
export const spreadMayHelp: NonNullable<SchedulerPlugin['mayHelp']> = (event, pod, { old, now }) => {
  if (event !== 'AssignedPod/add' && event !== 'AssignedPod/delete' && event !== 'AssignedPod/labels') return true
  const other = (now ?? old) as DeepReadonly<Pod> | undefined
  return other === undefined || other.metadata.namespace === pod.metadata.namespace
}
