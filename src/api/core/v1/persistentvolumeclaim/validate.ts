/** What a claim must be (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#persistentvolumeclaims). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { dnsSubdomain } from '../../../../meta/names.ts'
import { validateTemplateMeta } from '../../../../meta/object-meta.ts'
import { validateLabelSelector } from '../../../../meta/validate-label-selector.ts'
import { forbiddenField, invalidEach, notSupported, required } from '../../../../meta/validation.ts'
import type { PersistentVolumeClaimSpec, PersistentVolumeClaimTemplate } from '../../../generated/core-v1.ts'
import { positiveAmount } from '../resource-names.ts'
import { namesSourceGroup, validateDataSources } from './data-sources.ts'

type Spec = DeepReadonly<PersistentVolumeClaimSpec>

/** How volumes may be mounted, sorted; shared with PersistentVolumes. */
export const ACCESS_MODES: readonly string[] = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
/** A file system or a raw device, sorted. */
export const VOLUME_MODES: readonly string[] = ['Block', 'Filesystem']

/** Every fault of a claim's spec, also of those inside Pods and StatefulSets; `old` is that of the claim before. */
export function validateClaimSpec(spec: Spec, path: FieldPath, old?: Spec): FieldError[] {
  const faults = validateAccessModes(spec.accessModes, path.child('accessModes'), 'at least 1 access mode is required')
  faults.push(...validateLabelSelector(spec.selector, path.child('selector')), ...validateStorage(spec, path))
  const { storageClassName, volumeMode, volumeAttributesClassName } = spec
  if (storageClassName !== undefined && storageClassName !== '') {
    faults.push(...invalidEach(path.child('storageClassName'), storageClassName, dnsSubdomain(storageClassName)))
  }
  if (volumeMode !== undefined && !VOLUME_MODES.includes(volumeMode)) {
    faults.push(notSupported(path.child('volumeMode'), volumeMode, VOLUME_MODES))
  }
  faults.push(...validateDataSources(spec, path, old !== undefined && namesSourceGroup(old)))
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
