/** VolumeAttachment, storage.k8s.io/v1: a volume that is, or is to be, at a node (https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/volume-attachment-v1/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { byteLength, dnsSubdomain, inRangeFault } from '../../../../meta/names.ts'
import {
  forbiddenField,
  immutableField,
  invalidEach,
  invalidValue,
  required,
  tooLong,
} from '../../../../meta/validation.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type { VolumeAttachment, VolumeAttachmentSpec, VolumeAttachmentStatus } from '../../../generated/storage-v1.ts'
import { defineResource } from '../../../resource.ts'
import { keepStatus } from '../../../strategy.ts'
import { validateDriverName } from '../driver-name.ts'

const MAX_METADATA_BYTES = 256 * 1024
const MAX_ERROR_BYTES = 1024

export const volumeAttachments = defineResource<VolumeAttachment>('storage.k8s.io/v1/volumeattachments', {
  allowUnconditionalUpdate: false,
  countsGeneration: false,
  prepareForCreate: (draft) => {
    draft.status = { attached: false }
  },
  prepareForUpdate: keepStatus,
  keptByStatus: 'metadata',
  validate: ({ spec, status }, root) => [
    ...validateSpec(spec, root.child('spec')),
    ...validateStatus(status, root.child('status')),
  ],
  validateUpdate: ({ spec, status }, old, root) => [
    ...validateSpec(spec, root.child('spec')),
    ...validateStatus(status, root.child('status')),
    ...immutableField(spec, old.spec, root.child('spec')),
  ],
  validateStatusUpdate: ({ status }, _old, root) => validateStatus(status, root.child('status')),
  columns: [
    nameColumn(),
    { ...textColumn<VolumeAttachment>('Attacher', ({ spec }) => spec.attacher), format: 'name' },
    textColumn('PV', ({ spec }) => spec.source?.persistentVolumeName ?? ''),
    textColumn('Node', ({ spec }) => spec.nodeName),
    { name: 'Attached', type: 'boolean', cell: ({ status }) => status?.attached ?? false },
    ageColumn(),
  ],
})

function validateSpec(spec: DeepReadonly<VolumeAttachmentSpec>, path: FieldPath): FieldError[] {
  const { attacher, source, nodeName = '' } = spec ?? {}
  const faults = validateDriverName(attacher, path.child('attacher'))
  const { persistentVolumeName: name, inlineVolumeSpec: inline } = source ?? {}
  if (name === undefined && inline === undefined) {
    faults.push(required(path.child('source'), 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'))
  } else if (name !== undefined && inline !== undefined) {
    faults.push(
      forbiddenField(path.child('source'), 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'),
    )
  } else if (name !== undefined) {
    const here = path.child('source', 'persistentVolumeName')
    if (name === '') faults.push(required(here, 'must specify non empty persistentVolumeName'))
    faults.push(...invalidEach(here, name, dnsSubdomain(name)))
  }
  return [...faults, ...invalidEach(path.child('nodeName'), nodeName, dnsSubdomain(nodeName))]
}

function validateStatus(status: DeepReadonly<VolumeAttachmentStatus> | undefined, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  const { attachmentMetadata = {}, attachError, detachError } = status ?? {}
  const size = Object.entries(attachmentMetadata).reduce(
    (sum, [key, value]) => sum + byteLength(key) + byteLength(value),
    0,
  )
  if (size > MAX_METADATA_BYTES) {
    faults.push(tooLong(path.child('attachmentMetadata'), MAX_METADATA_BYTES))
  }
  for (const [name, error] of Object.entries({ attachError, detachError })) {
    const { message = '', errorCode = 0 } = error ?? {}
    // Kubernetes names the limit of the metadata here.
    if (byteLength(message) > MAX_ERROR_BYTES) faults.push(tooLong(path.child(name, 'message'), MAX_METADATA_BYTES))
    if (errorCode < 0) faults.push(invalidValue(path.child(name, 'errorCode'), errorCode, inRangeFault(0, 2 ** 31 - 1)))
  }
  return faults
}
