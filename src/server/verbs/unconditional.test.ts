import { expect, test } from 'vitest'

import { catalog } from '../../api/catalog.ts'

/** Measured: each refuses an update that does not say which revision it is of. */
const REFUSED = [
  'admissionregistration.k8s.io/v1/mutatingadmissionpolicies',
  'admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings',
  'admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
  'admissionregistration.k8s.io/v1/validatingadmissionpolicies',
  'admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
  'admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
  'coordination.k8s.io/v1/leases',
  'node.k8s.io/v1/runtimeclasses',
  'policy/v1/poddisruptionbudgets',
  'storage.k8s.io/v1/csidrivers',
  'storage.k8s.io/v1/csinodes',
  'storage.k8s.io/v1/csistoragecapacities',
  'storage.k8s.io/v1/volumeattachments',
]

test('these kinds must be told the revision that an update is of', () => {
  const refusing = catalog.filter(({ allowUnconditionalUpdate }) => allowUnconditionalUpdate === false)
  expect(refusing.map(({ key }) => key).toSorted()).toEqual(REFUSED)
})
