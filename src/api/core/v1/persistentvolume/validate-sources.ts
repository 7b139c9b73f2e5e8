/** What a PersistentVolume may be made of (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#types-of-persistent-volumes). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { type FieldError, fieldPath, type FieldPath } from '../../../../meta/field-path.ts'
import { dnsLabel, dnsSubdomain, inRangeFault } from '../../../../meta/names.ts'
import { forbiddenField, invalidEach, invalidValue, required } from '../../../../meta/validation.ts'
import type {
  CSIPersistentVolumeSource,
  ISCSIPersistentVolumeSource,
  LocalVolumeSource,
  PersistentVolume,
  PersistentVolumeSource,
} from '../../../generated/core-v1.ts'
import { validateNoBacksteps } from '../pod/validation/paths.ts'
import { isQualifiedName, networkSources, validateCsiDriver } from '../pod/validation/volume-sources.ts'
import { validateHostPath, validateNfs } from '../pod/validation/volumes.ts'

type Shared = DeepReadonly<PersistentVolume>

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
  glusterfs: (source, path) => [
    ...networkSources.glusterfs(source, path),
    ...validateEndpointsNamespace(source.endpointsNamespace, path.child('endpointsNamespace')),
  ],
  flocker: networkSources.flocker,
  nfs: validateNfs,
  rbd: networkSources.rbd,
  quobyte: networkSources.quobyte,
  cephfs: networkSources.cephfs,
  iscsi: validateIscsi,
  cinder: (source, path) => [...networkSources.cinder(source, path), ...secretNamespace(source.secretRef, path)],
  fc: networkSources.fc,
  flexVolume: networkSources.flexVolume,
  azureFile: (source, path) => [
    ...networkSources.azureFile(source, path),
    ...(source.secretNamespace === '' ? [required(path.child('secretNamespace'))] : []),
  ],
  vsphereVolume: networkSources.vsphereVolume,
  photonPersistentDisk: networkSources.photonPersistentDisk,
  portworxVolume: networkSources.portworxVolume,
  azureDisk: networkSources.azureDisk,
  scaleIO: networkSources.scaleIO,
  local: validateLocal,
  storageos: (source, path) => [...networkSources.storageos(source, path), ...secretNamespace(source.secretRef, path)],
  csi: validateCsi,
}
/** All the fields that say what a volume is made of. */
export const SOURCES = Object.keys(RULES) as (keyof PersistentVolumeSource)[]

/** Every fault of what a volume is made of: of one source, for more are refused. */
export function validateSource(volume: Shared, path: FieldPath): FieldError[] {
  const given = SOURCES.filter((name) => volume.spec?.[name] !== undefined)
  if (given.length === 0) return [required(path, 'must specify a volume type')]
  const words = 'may not specify more than 1 volume type'
  // Kubernetes looks at a flexVolume whatever else there is.
  return given.flatMap((name, at) =>
    at === 0 || name === 'flexVolume'
      ? validateOne(name, volume, path.child(RULE_PATHS[name] ?? name))
      : [forbiddenField(path.child(name === 'cephfs' ? 'cephFS' : name), words)],
  )
}

/** Where the faults of a source are told, when not at its own name. */
const RULE_PATHS: Partial<Record<keyof PersistentVolumeSource, string>> = { gcePersistentDisk: 'persistentDisk' }

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

const secretNamespace = (ref: { readonly namespace?: string } | undefined, path: FieldPath): FieldError[] =>
  ref !== undefined && (ref.namespace ?? '') === '' ? [required(path.child('secretRef', 'namespace'))] : []

function validateEndpointsNamespace(namespace: string | undefined, path: FieldPath): FieldError[] {
  if (namespace === undefined) return []
  const words = 'if the endpointnamespace is set, it must be a valid namespace name'
  return namespace === '' ? [invalidValue(path, '', words)] : invalidEach(path, namespace, dnsLabel(namespace))
}

const ISCSI_PORTAL =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'

function validateIscsi(
  source: DeepReadonly<ISCSIPersistentVolumeSource>,
  path: FieldPath,
  { metadata: { name = '' } }: Shared,
): FieldError[] {
  const { targetPortal, iqn, lun, secretRef, initiatorName } = source
  const faults = targetPortal === '' ? [required(path.child('targetPortal'))] : []
  if (initiatorName !== undefined && `${name}:${targetPortal}`.length > 64)
    faults.push(invalidValue(path.child('targetportal'), targetPortal, ISCSI_PORTAL))
  if (iqn === '') faults.push(required(path.child('iqn')))
  else faults.push(...iscsiName(iqn, path.child('iqn')))
  if (lun < 0 || lun > 255) faults.push(invalidValue(path.child('lun'), lun, inRangeFault(0, 255)))
  const isChap = source.chapAuthDiscovery === true || source.chapAuthSession === true
  if (isChap && secretRef === undefined) faults.push(required(path.child('secretRef')))
  if (secretRef !== undefined && (secretRef.name ?? '') === '') faults.push(required(path.child('secretRef', 'name')))
  return initiatorName === undefined ? faults : [...faults, ...iscsiName(initiatorName, path.child('initiatorname'))]
}

const iscsiName = (name: string, path: FieldPath): FieldError[] =>
  isQualifiedName(name) ? [] : [invalidValue(path, name, 'must be valid format')]

function validateLocal({ path: target }: LocalVolumeSource, path: FieldPath, volume: Shared): FieldError[] {
  const faults = target === '' ? [required(path.child('path'))] : validateNoBacksteps(target, path.child('path'))
  if (volume.spec?.nodeAffinity === undefined) {
    faults.push(required(fieldPath('spec', 'nodeAffinity'), 'Local volume requires node affinity'))
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
    const { name = '', namespace = '' } = ref
    const at = path.child(field)
    faults.push(
      ...(name === '' ? [required(at.child('name'))] : invalidEach(at.child('name'), name, dnsSubdomain(name))),
      ...(namespace === ''
        ? [required(at.child('namespace'))]
        : invalidEach(at.child('namespace'), namespace, dnsLabel(namespace))),
    )
  }
  return faults
}
