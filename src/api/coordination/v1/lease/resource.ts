/** Lease, coordination.k8s.io/v1: heartbeats and leadership (https://kubernetes.io/docs/concepts/architecture/leases/). */

import { nonNegative, positive } from '../../../../meta/validation.ts'
import type { Lease } from '../../../generated/coordination-v1.ts'
import { defineResource } from '../../../resource.ts'
import { ageColumn, nameColumn } from '../../../workload/columns.ts'

export const leases = defineResource<Lease>('coordination.k8s.io/v1/leases', {
  allowCreateOnUpdate: true,
  allowUnconditionalUpdate: false,
  dropDisabledFields: ({ spec }) => {
    // Coordinated leader election is not served.
    delete spec?.strategy
    delete spec?.preferredHolder
  },
  validate: ({ spec }, root) => {
    const path = root.child('spec')
    return [
      ...positive(spec?.leaseDurationSeconds, path.child('leaseDurationSeconds')),
      ...nonNegative(spec?.leaseTransitions, path.child('leaseTransitions')),
    ]
  },
  countsGeneration: false,
  columns: [
    nameColumn(),
    { name: 'Holder', type: 'string', cell: ({ spec }) => spec?.holderIdentity ?? '' },
    ageColumn(),
  ],
})
