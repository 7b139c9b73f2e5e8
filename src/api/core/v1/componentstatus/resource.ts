/** ComponentStatus, v1: how the control plane fares; deprecated (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/component-status-v1/). */

import { nameColumn, textColumn } from '../../../columns.ts'
import type { ComponentStatus } from '../../../generated/core-v1.ts'
import { defineResource } from '../../../resource.ts'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'

const healthy = ({ conditions }: DeepReadonly<ComponentStatus>) => conditions?.find(({ type }) => type === 'Healthy')

export const componentStatuses = defineResource<ComponentStatus>('v1/componentstatuses', {
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  columns: [
    nameColumn(),
    textColumn('Status', (object) => {
      const condition = healthy(object)
      if (condition === undefined) return 'Unknown'
      return condition.status === 'True' ? 'Healthy' : 'Unhealthy'
    }),
    textColumn('Message', (object) => healthy(object)?.message ?? ''),
    textColumn('Error', (object) => healthy(object)?.error ?? ''),
  ],
})
