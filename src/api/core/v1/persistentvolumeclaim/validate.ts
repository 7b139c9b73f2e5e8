/** What a claim must be (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#persistentvolumeclaims). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { dnsSubdomain } from '../../../../meta/names.ts'
import { validateTemplateMeta } from '../../../../meta/object-meta.ts'
import { validateLabelSelector } from '../../../../meta/validate-label-selector.ts'
import { forbiddenField, invalidEach, invalidValue, notSupported, required } from '../../../../meta/validation.ts'
import type {
  PersistentVolumeClaimSpec,
  PersistentVolumeClaimTemplate,
  TypedObjectReference,
} from '../../../generated/core-v1.ts'
import { positiveAmount } from '../resource-names.ts'

type Spec = DeepReadonly<PersistentVolumeClaimSpec>

/** How volumes may be mounted, sorted; shared with PersistentVolumes. */
export const ACCESS_MODES: readonly string[] = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
/** A file system or a raw device, sorted. */
export const VOLUME_MODES: readonly string[] = ['Block', 'Filesystem']

/** Every fault of a claim's spec, also of those inside Pods and StatefulSets. */
export function validateClaimSpec(spec: Spec, path: FieldPath): FieldError[] {
  const faults = validateAccessModes(spec.accessModes, path.child('accessModes'), 'at least 1 access mode is required')
  faults.push(...validateLabelSelector(spec.selector, path.child('selector')), ...validateStorage(spec, path))
  const { storageClassName, volumeMode, volumeAttributesClassName } = spec
  if (storageClassName !== undefined && storageClassName !== '') {
    faults.push(...invalidEach(path.child('storageClassName'), storageClassName, dnsSubdomain(storageClassName)))
  }
  if (volumeMode !== undefined && !VOLUME_MODES.includes(volumeMode)) {
    faults.push(notSupported(path.child('volumeMode'), volumeMode, VOLUME_MODES))
  }
  faults.push(...validateDataSources(spec, path))
  if (volumeAttributesClassName !== undefined && volumeAttributesClassName !== '') {
    const here = path.child('volumeAttributesClassName')
    faults.push(...invalidEach(here, volumeAttributesClassName, dnsSubdomain(volumeAttributesClassName)))
  }
  return faults
}

/** Known modes, at least one, and the exclusive one alone. */
export function validateAccessModes(
  modes: readonly string[] | undefined,
  path: FieldPath,
  whenNone: string,
): FieldError[] {
  const list = modes ?? []
  const faults = list.length === 0 ? [required(path, whenNone)] : []
  for (const mode of list) if (!ACCESS_MODES.includes(mode)) faults.push(notSupported(path, mode, ACCESS_MODES))
  if (list.length > 1 && list.includes('ReadWriteOncePod')) {
    faults.push(forbiddenField(path, 'may not use ReadWriteOncePod with other access modes'))
  }
  return faults
}

function validateStorage(spec: Spec, path: FieldPath): FieldError[] {
  const storage = spec.resources?.requests?.['storage']
  const requests = path.child('resources')
  if (storage === undefined) return [required(requests.key('storage'))]
  return positiveAmount(storage, requests.key('storage'))
}

function validateDataSources(spec: Spec, path: FieldPath): FieldError[] {
  const { dataSource, dataSourceRef } = spec
  const faults: FieldError[] = []
  if (dataSource !== undefined) faults.push(...validateDataSource(dataSource, path.child('dataSource')))
  if (dataSourceRef !== undefined) faults.push(...validateDataSource(dataSourceRef, path.child('dataSourceRef')))
  const namespace = dataSourceRef?.namespace ?? ''
  if (namespace !== '') {
    if (dataSource !== undefined) {
      const words = 'may not be specified when dataSourceRef.namespace is specified'
      faults.push(invalidValue(path, path.child('dataSource').toString(), words))
    }
  } else if (dataSource !== undefined && dataSourceRef !== undefined && !isSameSource(dataSource, dataSourceRef)) {
    faults.push(invalidValue(path, path.child('dataSource').toString(), 'must match dataSourceRef'))
  }
  return faults
}

function isSameSource(a: TypedObjectReference, b: TypedObjectReference): boolean {
  return a.kind === b.kind && a.name === b.name && (a.apiGroup ?? '') === (b.apiGroup ?? '')
}

function validateDataSource(source: TypedObjectReference, path: FieldPath): FieldError[] {
  const { apiGroup = '', kind, name } = source
  const faults: FieldError[] = []
  if (name === '') faults.push(required(path.child('name')))
  if (kind === '') faults.push(required(path.child('kind')))
  if (apiGroup === '' && kind !== 'PersistentVolumeClaim') {
    faults.push(invalidValue(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"))
  }
  if (apiGroup !== '') faults.push(...invalidEach(path.child('apiGroup'), apiGroup, dnsSubdomain(apiGroup)))
  return faults
}

/** Fields of metadata that make no sense in a template. */
const NOT_IN_TEMPLATE = ['name', 'generateName', 'namespace', 'ownerReferences', 'finalizers'] as const

/** The template of a claim inside a Pod. */
export function validateClaimTemplate(
  template: DeepReadonly<PersistentVolumeClaimTemplate>,
  path: FieldPath,
): FieldError[] {
  const meta = path.child('metadata')
  return [
    ...NOT_IN_TEMPLATE.filter((field) => template.metadata?.[field] !== undefined).map((field) =>
      forbiddenField(meta.child(field), 'cannot be set'),
    ),
    ...validateTemplateMeta(template.metadata, meta),
    ...validateClaimSpec(template.spec, path.child('spec')),
  ]
}
