/** What a PersistentVolume must be (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#persistent-volumes). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { dnsSubdomain } from '../../../../meta/names.ts'
import {
  deepEqual,
  forbiddenField,
  immutableField,
  invalidEach,
  invalidValue,
  notSupported,
  required,
} from '../../../../meta/validation.ts'
import type {
  CSIPersistentVolumeSource,
  LocalVolumeSource,
  PersistentVolume,
  PersistentVolumeSource,
  PersistentVolumeSpec,
} from '../../../generated/core-v1.ts'
import { validateAccessModes, VOLUME_MODES } from '../persistentvolumeclaim/validate.ts'
import { describeChanges } from '../pod/describe-changes.ts'
import { validateNodeSelector } from '../pod/validate-affinity.ts'
import { validateNoBacksteps } from '../pod/validate-paths.ts'
import { networkSources, validateCsiDriver } from '../pod/validate-volume-sources.ts'
import { validateHostPath, validateNfs } from '../pod/validate-volumes.ts'
import { positiveAmount } from '../resource-names.ts'

type Shared = DeepReadonly<PersistentVolume>
type Spec = DeepReadonly<PersistentVolumeSpec>

const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain']

export function validateVolume(volume: Shared, root: FieldPath): FieldError[] {
  const spec = volume.spec ?? {}
  const path = root.child('spec')
  const faults = [
    ...validateAccessModes(spec.accessModes, path.child('accessModes'), ''),
    ...validateCapacity(spec.capacity, path.child('capacity')),
    ...oneOf(spec.persistentVolumeReclaimPolicy, RECLAIM_POLICIES, path.child('persistentVolumeReclaimPolicy')),
    ...validateNodeAffinity(spec, path.child('nodeAffinity')),
    ...validateSource(volume, path),
  ]
  if (spec.hostPath?.path === '/' && spec.persistentVolumeReclaimPolicy === 'Recycle') {
    const words = "may not be 'recycle' for a hostPath mount of '/'"
    faults.push(forbiddenField(path.child('persistentVolumeReclaimPolicy'), words))
  }
  for (const field of ['storageClassName', 'volumeAttributesClassName'] as const) {
    const name = spec[field]
    if (name !== undefined && name !== '') faults.push(...invalidEach(path.child(field), name, dnsSubdomain(name)))
  }
  return [...faults, ...oneOf(spec.volumeMode, VOLUME_MODES, path.child('volumeMode'))]
}

function oneOf(value: string | undefined, supported: readonly string[], path: FieldPath): FieldError[] {
  return value === undefined || value === '' || supported.includes(value) ? [] : [notSupported(path, value, supported)]
}

function validateCapacity(capacity: Readonly<Record<string, string>> | undefined, path: FieldPath): FieldError[] {
  const names = Object.keys(capacity ?? {})
  if (capacity === undefined || names.length === 0) return [required(path)]
  const faults = names.flatMap((name) => positiveAmount(capacity[name] ?? '0', path.key(name)))
  if (names.length > 1 || names[0] !== 'storage') faults.unshift(notSupported(path, capacity, ['storage']))
  return faults
}

function validateNodeAffinity({ nodeAffinity }: Spec, path: FieldPath): FieldError[] {
  if (nodeAffinity === undefined) return []
  if (nodeAffinity.required === undefined)
    return [required(path.child('required'), 'must specify required node constraints')]
  return validateNodeSelector(nodeAffinity.required, path.child('required'))
}

type SourceRules = {
  readonly [Name in keyof PersistentVolumeSource]?: (
    source: NonNullable<DeepReadonly<PersistentVolumeSource>[Name]>,
    path: FieldPath,
    volume: Shared,
  ) => readonly FieldError[]
}

/** One rule a source, in the order Kubernetes looks at them. */
const RULES: SourceRules = {
  hostPath: validateHostPath,
  gcePersistentDisk: networkSources.gcePersistentDisk,
  awsElasticBlockStore: networkSources.awsElasticBlockStore,
  glusterfs: networkSources.glusterfs,
  flocker: networkSources.flocker,
  nfs: validateNfs,
  rbd: networkSources.rbd,
  quobyte: networkSources.quobyte,
  cephfs: networkSources.cephfs,
  iscsi: (source, path, volume) => networkSources.iscsi(source, path, volume.metadata.name ?? '', path),
  cinder: networkSources.cinder,
  fc: networkSources.fc,
  flexVolume: networkSources.flexVolume,
  azureFile: networkSources.azureFile,
  vsphereVolume: networkSources.vsphereVolume,
  photonPersistentDisk: networkSources.photonPersistentDisk,
  portworxVolume: networkSources.portworxVolume,
  azureDisk: networkSources.azureDisk,
  scaleIO: networkSources.scaleIO,
  local: validateLocal,
  storageos: networkSources.storageos,
  csi: validateCsi,
}
const SOURCES = Object.keys(RULES) as (keyof PersistentVolumeSource)[]

function validateSource(volume: Shared, path: FieldPath): FieldError[] {
  const given = SOURCES.filter((name) => volume.spec?.[name] !== undefined)
  const first = given[0]
  if (first === undefined) return [required(path, 'must specify a volume type')]
  const words = 'may not specify more than 1 volume type'
  return [
    ...validateOne(first, volume, path.child(first)),
    ...given.slice(1).map((name) => forbiddenField(path.child(name === 'cephfs' ? 'cephFS' : name), words)),
  ]
}

/** Ties the name of a source to its value and rule, for the compiler. */
function validateOne<Name extends keyof PersistentVolumeSource>(
  name: Name,
  volume: Shared,
  path: FieldPath,
): readonly FieldError[] {
  const source = volume.spec?.[name]
  const rule = RULES[name]
  if (source === undefined || rule === undefined) return []
  return rule(source as NonNullable<DeepReadonly<PersistentVolumeSource>[Name]>, path, volume)
}

function validateLocal({ path: target }: LocalVolumeSource, path: FieldPath, volume: Shared): FieldError[] {
  const faults = target === '' ? [required(path.child('path'))] : validateNoBacksteps(target, path.child('path'))
  if (volume.spec?.nodeAffinity === undefined) {
    faults.push(required(path, 'Local volume requires node affinity'))
  }
  return faults
}

const CSI_SECRETS = [
  'controllerPublishSecretRef',
  'nodePublishSecretRef',
  'controllerExpandSecretRef',
  'nodeExpandSecretRef',
] as const

function validateCsi(source: DeepReadonly<CSIPersistentVolumeSource>, path: FieldPath): FieldError[] {
  const faults = validateCsiDriver(source.driver, path.child('driver'))
  if (source.volumeHandle === '') faults.push(required(path.child('volumeHandle')))
  for (const field of CSI_SECRETS) {
    const ref = source[field]
    if (ref === undefined) continue
    for (const part of ['name', 'namespace'] as const) {
      if ((ref[part] ?? '') === '') faults.push(required(path.child(field, part)))
    }
  }
  return faults
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
  if (affinity !== undefined && !deepEqual(volume.spec?.nodeAffinity, affinity)) {
    const words = 'field is immutable, except for updating from beta label to GA'
    faults.push(invalidValue(root.child('nodeAffinity'), volume.spec?.nodeAffinity, words))
  }
  return faults
}

function sourceOf({ spec }: Shared): Record<string, unknown> {
  return Object.fromEntries(SOURCES.flatMap((name) => (spec?.[name] === undefined ? [] : [[name, spec[name]]])))
}
