/**
 * What a claim's volume is filled from, said in an old field and a newer one
 * (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#data-source-references).
 */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { dnsLabel, dnsSubdomain } from '../../../../meta/names.ts'
import { invalidEach, invalidValue, required } from '../../../../meta/validation.ts'
import type {
  PersistentVolumeClaimSpec,
  TypedLocalObjectReference,
  TypedObjectReference,
} from '../../../generated/core-v1.ts'

type Spec = DeepReadonly<PersistentVolumeClaimSpec>

/**
 * Makes both fields say the same. What the old field cannot name is dropped from it, unless the claim had a source
 * before; so is a source in another namespace, which is for a feature that is off.
 */
export function alignDataSources(spec: PersistentVolumeClaimSpec, old?: Spec): void {
  if ((spec.dataSourceRef?.namespace ?? '') !== '' && old?.dataSourceRef === undefined) delete spec.dataSourceRef
  const hadOne = old?.dataSource !== undefined || old?.dataSourceRef !== undefined
  if (!hadOne && spec.dataSourceRef === undefined && !isClaimOrSnapshot(spec.dataSource)) delete spec.dataSource
  const { dataSource, dataSourceRef } = spec
  if (dataSource !== undefined && dataSourceRef === undefined) spec.dataSourceRef = { ...dataSource }
  else if (dataSource === undefined && dataSourceRef !== undefined && (dataSourceRef.namespace ?? '') === '') {
    spec.dataSource = { kind: dataSourceRef.kind, name: dataSourceRef.name, ...groupOf(dataSourceRef) }
  }
}

function isClaimOrSnapshot(source: TypedLocalObjectReference | undefined): boolean {
  const group = source?.apiGroup ?? ''
  return group === ''
    ? source?.kind === 'PersistentVolumeClaim'
    : group === 'snapshot.storage.k8s.io' && source?.kind === 'VolumeSnapshot'
}

const groupOf = ({ apiGroup }: TypedObjectReference): Pick<TypedLocalObjectReference, 'apiGroup'> =>
  apiGroup === undefined ? {} : { apiGroup }

/** Whether a claim names the group of what it is filled from: then the group is not judged again. */
export const namesSourceGroup = ({ dataSource, dataSourceRef }: Spec): boolean =>
  dataSource?.apiGroup !== undefined || dataSourceRef?.apiGroup !== undefined

/** Every fault of both fields. */
export function validateDataSources(spec: Spec, path: FieldPath, takesAnyGroup: boolean): FieldError[] {
  const { dataSource, dataSourceRef } = spec
  const faults: FieldError[] = []
  if (dataSource !== undefined) faults.push(...validateSource(dataSource, path.child('dataSource'), takesAnyGroup))
  const reference = path.child('dataSourceRef')
  if (dataSourceRef !== undefined) faults.push(...validateSource(dataSourceRef, reference, takesAnyGroup))
  const namespace = dataSourceRef?.namespace ?? ''
  if (namespace !== '') {
    faults.push(...invalidEach(reference.child('namespace'), namespace, dnsLabel(namespace)))
    if (dataSource !== undefined) {
      faults.push(invalidValue(path, {}, 'may not be specified when dataSourceRef.namespace is specified'))
    }
  } else if (dataSource !== undefined && dataSourceRef !== undefined && !isSameSource(dataSource, dataSourceRef)) {
    faults.push(invalidValue(path, {}, 'must match dataSourceRef'))
  }
  return faults
}

function isSameSource(a: TypedObjectReference, b: TypedObjectReference): boolean {
  return a.kind === b.kind && a.name === b.name && a.apiGroup === b.apiGroup
}

function validateSource(source: TypedObjectReference, path: FieldPath, takesAnyGroup: boolean): FieldError[] {
  const { apiGroup = '', kind, name } = source
  const faults: FieldError[] = []
  if (name === '') faults.push(required(path.child('name')))
  if (kind === '') faults.push(required(path.child('kind')))
  if (apiGroup === '' && kind !== 'PersistentVolumeClaim') {
    faults.push(invalidValue(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"))
  }
  if (apiGroup !== '' && !takesAnyGroup) {
    faults.push(...invalidEach(path.child('apiGroup'), apiGroup, dnsSubdomain(apiGroup)))
  }
  return faults
}
