/** CSIDriver, storage.k8s.io/v1: what a storage driver can do and wants (https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/csi-driver-v1/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import {
  deepEqual,
  duplicate,
  immutableField,
  invalidValue,
  isRepeated,
  notSupported,
} from '../../../../meta/validation.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type { CSIDriver, CSIDriverSpec } from '../../../generated/storage-v1.ts'
import { defineResource } from '../../../resource.ts'

type Spec = DeepReadonly<CSIDriverSpec>

const MODES = ['Persistent', 'Ephemeral']
const POLICIES = ['File', 'None', 'ReadWriteOnceWithFSType']
const MIN_TOKEN_SECONDS = 600
const MIN_UPDATE_SECONDS = 10
const TOKENS_IN_ATTRIBUTES =
  'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes'

export const csiDrivers = defineResource<CSIDriver>('storage.k8s.io/v1/csidrivers', {
  allowUnconditionalUpdate: false,
  countsGeneration: false,
  setDefaults: (draft) => {
    const spec = (draft.spec ??= {})
    spec.attachRequired ??= true
    spec.podInfoOnMount ??= false
    spec.storageCapacity ??= false
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType'
    if ((spec.volumeLifecycleModes ?? []).length === 0) spec.volumeLifecycleModes = ['Persistent']
    spec.requiresRepublish ??= false
    spec.seLinuxMount ??= false
  },
  validate: ({ spec }, root) => validateSpec(spec, root.child('spec')),
  validateUpdate: ({ spec }, old, root) => {
    const path = root.child('spec')
    return [
      ...validateSpec(spec, path),
      ...immutableField(spec.attachRequired, old.spec.attachRequired, path.child('attachedRequired')), // Kubernetes calls it so
      ...immutableField(spec.volumeLifecycleModes, old.spec.volumeLifecycleModes, path.child('volumeLifecycleModes')),
    ]
  },
  prepareForUpdate: (draft, old) => {
    if (!deepEqual(draft.spec, old.spec)) draft.metadata.generation = (old.metadata.generation ?? 0) + 1
  },
  warnings: ({ spec }, old) => {
    const { tokenRequests = [], serviceAccountTokenInSecrets } = spec
    const isNews = old === undefined || !deepEqual(tokenRequests, old.spec.tokenRequests)
    return isNews && tokenRequests.length > 0 && serviceAccountTokenInSecrets === undefined
      ? [TOKENS_IN_ATTRIBUTES]
      : []
  },
  columns: [
    nameColumn(),
    { name: 'AttachRequired', type: 'boolean', cell: ({ spec }) => spec.attachRequired ?? true },
    { name: 'PodInfoOnMount', type: 'boolean', cell: ({ spec }) => spec.podInfoOnMount ?? false },
    { name: 'StorageCapacity', type: 'boolean', cell: ({ spec }) => spec.storageCapacity ?? false },
    textColumn('TokenRequests', ({ spec }) => tokensText(spec)),
    { name: 'RequiresRepublish', type: 'boolean', cell: ({ spec }) => spec.requiresRepublish ?? false },
    textColumn('Modes', ({ spec }) => (spec.volumeLifecycleModes ?? []).join(',') || '<none>'),
    ageColumn(),
  ],
})

const tokensText = ({ tokenRequests = [] }: Spec) =>
  tokenRequests.map(({ audience }) => audience).join(',') || '<unset>'

function validateSpec(spec: Spec, path: FieldPath): FieldError[] {
  const {
    fsGroupPolicy,
    tokenRequests = [],
    volumeLifecycleModes = [],
    nodeAllocatableUpdatePeriodSeconds: period,
  } = spec
  const faults: FieldError[] = []
  if (fsGroupPolicy !== undefined && !POLICIES.includes(fsGroupPolicy)) {
    faults.push(notSupported(path.child('fsGroupPolicy'), fsGroupPolicy, POLICIES))
  }
  const audiences = tokenRequests.map(({ audience }) => audience)
  tokenRequests.forEach(({ audience, expirationSeconds: seconds }, at) => {
    const each = path.child('tokenRequests').index(at)
    if (isRepeated(audiences, audience, at)) {
      faults.push(duplicate(each.child('audience'), audience))
    }
    if (seconds === undefined) return
    if (seconds < MIN_TOKEN_SECONDS) {
      faults.push(
        invalidValue(each.child('expirationSeconds'), seconds, 'may not specify a duration less than 10 minutes'),
      )
    }
    if (seconds > 2 ** 32) {
      faults.push(
        invalidValue(each.child('expirationSeconds'), seconds, 'may not specify a duration larger than 2^32 seconds'),
      )
    }
  })
  volumeLifecycleModes.forEach((mode) => {
    if (!MODES.includes(mode)) faults.push(notSupported(path.child('volumeLifecycleModes'), mode, MODES))
  })
  if (period !== undefined && period < MIN_UPDATE_SECONDS) {
    const detail = `must be greater than or equal to ${MIN_UPDATE_SECONDS} seconds`
    faults.push(invalidValue(path.child('nodeAllocatableUpdatePeriodSeconds'), period, detail))
  }
  return faults
}
