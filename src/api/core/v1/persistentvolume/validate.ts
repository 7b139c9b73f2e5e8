/** What a PersistentVolume must be (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#persistent-volumes). */

import { type DeepReadonly, draftOf } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { goMap } from '../../../../meta/go-quote.ts'
import { dnsSubdomain } from '../../../../meta/names.ts'
import { quantityValue } from '../../../../meta/quantity.ts'
import {
  deepEqual,
  forbiddenField,
  immutableField,
  invalidEach,
  invalidValue,
  notSupported,
  required,
} from '../../../../meta/validation.ts'
import { asGiven } from '../../../../wire/json/nil.ts'
import type { PersistentVolume, PersistentVolumeSpec } from '../../../generated/core-v1.ts'
import { validateAccessModes, VOLUME_MODES } from '../persistentvolumeclaim/validate.ts'
import { describeChanges } from '../pod/describe-changes.ts'
import { validateNodeSelector } from '../pod/validation/affinity.ts'
import { positiveAmount } from '../resource-names.ts'
import { SOURCES, validateSource } from './validate-sources.ts'

type Shared = DeepReadonly<PersistentVolume>
type Spec = DeepReadonly<PersistentVolumeSpec>

const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain']

export function validateVolume(volume: Shared, root: FieldPath): FieldError[] {
  const spec = volume.spec ?? {}
  const path = root.child('spec')
  const faults = [
    ...validateAccessModes(spec.accessModes, path.child('accessModes'), ''),
    ...validateCapacity(asGiven(spec, 'capacity'), path.child('capacity')),
    ...oneOf(
      spec.persistentVolumeReclaimPolicy || undefined,
      RECLAIM_POLICIES,
      path.child('persistentVolumeReclaimPolicy'),
    ),
    ...validateNodeAffinity(spec, path.child('nodeAffinity')),
    ...validateSource(volume, path),
  ]
  if (spec.hostPath?.path === '/' && spec.persistentVolumeReclaimPolicy === 'Recycle') {
    const words = "may not be 'recycle' for a hostPath mount of '/'"
    faults.push(forbiddenField(path.child('persistentVolumeReclaimPolicy'), words))
  }
  const { storageClassName = '', volumeMode, volumeAttributesClassName: attributes } = spec
  if (storageClassName !== '')
    faults.push(...invalidEach(path.child('storageClassName'), storageClassName, dnsSubdomain(storageClassName)))
  faults.push(...oneOf(volumeMode, VOLUME_MODES, path.child('volumeMode')))
  return attributes === undefined ? faults : [...faults, ...validateAttributesClass(attributes, spec, path)]
}

function validateAttributesClass(name: string, { csi }: Spec, path: FieldPath): FieldError[] {
  const at = path.child('volumeAttributesClassName')
  return [
    ...(name === '' ? [required(at, 'an empty string is disallowed')] : invalidEach(at, name, dnsSubdomain(name))),
    ...(csi === undefined
      ? [required(path.child('csi'), 'has to be specified when using volumeAttributesClassName')]
      : []),
  ]
}

function oneOf(value: string | undefined, supported: readonly string[], path: FieldPath): FieldError[] {
  return value === undefined || supported.includes(value) ? [] : [notSupported(path, value, supported)]
}

function validateCapacity(capacity: Readonly<Record<string, string>> | undefined, path: FieldPath): FieldError[] {
  const names = Object.keys(capacity ?? {})
  const faults = names.length === 0 ? [required(path)] : []
  if (names.length !== 1 || names[0] !== 'storage') faults.push(notSupported(path, goMap(capacity), ['storage']))
  for (const name of names) {
    const amount = capacity?.[name] ?? '0'
    if (amount.startsWith('-'))
      faults.push(invalidValue(path.key(name), quantityValue(amount), 'must be a valid resource quantity'))
    faults.push(...positiveAmount(amount, path.key(name)))
  }
  return faults
}

function validateNodeAffinity({ nodeAffinity }: Spec, path: FieldPath): FieldError[] {
  if (nodeAffinity === undefined) return []
  if (nodeAffinity.required === undefined)
    return [required(path.child('required'), 'must specify required node constraints')]
  return validateNodeSelector(nodeAffinity.required, path.child('required'))
}

/** What a volume is made of stays; whose it is may change. */
export function validateVolumeUpdate(volume: Shared, old: Shared, root: FieldPath): FieldError[] {
  const faults = validateVolume(volume, root)
  const before = sourceOf(old)
  const after = sourceOf(volume)
  if (!deepEqual(after, before)) {
    const words = `spec.persistentvolumesource is immutable after creation\n${describeChanges(before, after)}`
    faults.push(forbiddenField(root.child('spec', 'persistentvolumesource'), words))
  }
  faults.push(...immutableField(volume.spec?.volumeMode, old.spec?.volumeMode, root.child('volumeMode')))
  const affinity = old.spec?.nodeAffinity
  if (affinity !== undefined && !isSameAffinity(volume.spec?.nodeAffinity, affinity)) {
    const words = 'field is immutable, except for updating from beta label to GA'
    faults.push(invalidValue(root.child('nodeAffinity'), volume.spec?.nodeAffinity, words))
  }
  if (old.spec?.volumeAttributesClassName !== undefined && volume.spec?.volumeAttributesClassName === undefined) {
    const words = 'update from non-nil value to nil is forbidden'
    faults.push(forbiddenField(root.child('spec', 'volumeAttributesClassName'), words))
  }
  return faults
}

/** Labels that have become stable under another name. */
const STABLE: ReadonlyMap<string, string> = new Map([
  ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/region'],
  ['beta.kubernetes.io/os', 'kubernetes.io/os'],
  ['beta.kubernetes.io/arch', 'kubernetes.io/arch'],
  ['beta.kubernetes.io/instance-type', 'node.kubernetes.io/instance-type'],
])

/** Whether nothing has changed but names of labels. A name that is empty is told of elsewhere. */
function isSameAffinity(now: Spec['nodeAffinity'], before: NonNullable<Spec['nodeAffinity']>): boolean {
  const draft = draftOf<NonNullable<PersistentVolumeSpec['nodeAffinity']>>(before)
  draft.required?.nodeSelectorTerms.forEach((term, at) => {
    for (const list of ['matchExpressions', 'matchFields'] as const) {
      term[list]?.forEach((requirement, index) => {
        const name = now?.required?.nodeSelectorTerms[at]?.[list]?.[index]?.key
        if (name === (STABLE.get(requirement.key) ?? '')) requirement.key = name
      })
    }
  })
  return deepEqual(now, draft)
}

function sourceOf({ spec }: Shared): Record<string, unknown> {
  return Object.fromEntries(SOURCES.flatMap((name) => (spec?.[name] === undefined ? [] : [[name, spec[name]]])))
}
