/** The fields Pods can be selected by (https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { Pod } from '../../../generated/core-v1.ts'
import { podIPs } from './facts.ts'

type Field = (pod: DeepReadonly<Pod>) => string

/** By the field's name; absent values are empty. */
export const podFields: Readonly<Record<string, Field>> = {
  'spec.nodeName': (pod) => pod.spec?.nodeName ?? '',
  'spec.restartPolicy': (pod) => pod.spec?.restartPolicy ?? '',
  'spec.schedulerName': (pod) => pod.spec?.schedulerName ?? '',
  'spec.serviceAccountName': (pod) => pod.spec?.serviceAccountName ?? '',
  'spec.hostNetwork': (pod) => String(pod.spec?.hostNetwork ?? false),
  'status.phase': (pod) => pod.status?.phase ?? '',
  'status.podIP': (pod) => podIPs(pod)[0] ?? '',
  // May be asked for, and is empty for every Pod.
  'status.podIPs': () => '',
  'status.nominatedNodeName': (pod) => pod.status?.nominatedNodeName ?? '',
}
