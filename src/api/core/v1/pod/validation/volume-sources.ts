/** Volumes of storage systems; most of them are served by CSI drivers today (https://kubernetes.io/docs/concepts/storage/volumes/). */

import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { byteLength, dnsLabel, dnsSubdomain, inRangeFault } from '../../../../../meta/names.ts'
import { invalidEach, invalidValue, notSupported, required, tooLong } from '../../../../../meta/validation.ts'
import type {
  AzureDiskVolumeSource,
  CSIVolumeSource,
  FCVolumeSource,
  FlockerVolumeSource,
  GitRepoVolumeSource,
  ISCSIVolumeSource,
  QuobyteVolumeSource,
} from '../../../../generated/core-v1.ts'
import { validateDescendingPath } from './paths.ts'

interface Partitioned {
  readonly partition?: number
}

interface Referred {
  readonly name?: string
}

const missing = (value: string | undefined, path: FieldPath): FieldError[] =>
  value === undefined || value === '' ? [required(path)] : []

function validatePartition(partition: number | undefined, path: FieldPath): FieldError[] {
  if (partition === undefined || (partition >= 0 && partition <= 255)) return []
  return [invalidValue(path.child('partition'), partition, inRangeFault(1, 255))]
}

function validateSecretRef(ref: Referred | undefined, path: FieldPath): FieldError[] {
  return ref === undefined ? [] : missing(ref.name, path.child('secretRef', 'name'))
}

function validateGitRepo({ repository, directory = '' }: GitRepoVolumeSource, path: FieldPath): FieldError[] {
  return [
    ...missing(repository, path.child('repository')),
    ...validateDescendingPath(directory, path.child('directory')),
  ]
}

const IQN = /^iqn\.\d{4}-\d{2}\.([a-z0-9.-]+)(:[^,;*&$|\s]+)?$/
const EUI = /^eui\.[a-f0-9]{16}$/i
const NAA = /^naa\.([a-f0-9]{16}|[a-f0-9]{32})$/i

function validateIscsi(
  source: DeepReadonly<ISCSIVolumeSource>,
  path: FieldPath,
  volumeName: string,
  volume: FieldPath,
): FieldError[] {
  const { targetPortal, iqn, lun, secretRef, initiatorName, chapAuthDiscovery, chapAuthSession } = source
  const faults = missing(targetPortal, path.child('targetPortal'))
  if (iqn === '') faults.push(required(path.child('iqn')))
  else faults.push(...validateQualifiedName(iqn, path.child('iqn')))
  if (lun < 0 || lun > 255) faults.push(invalidValue(path.child('lun'), lun, inRangeFault(0, 255)))
  if ((chapAuthDiscovery === true || chapAuthSession === true) && secretRef === undefined) {
    faults.push(required(path.child('secretRef')))
  }
  if (initiatorName !== undefined) {
    faults.push(...validateQualifiedName(initiatorName, path.child('initiatorname')))
    if (`${volumeName}:${targetPortal}`.length > 64) {
      const words =
        'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'
      faults.push(invalidValue(volume.child('name'), volumeName, words))
    }
  }
  return faults
}

/** The three ways an iSCSI node may be named. */
function validateQualifiedName(name: string, path: FieldPath): FieldError[] {
  if (!/^(iqn|eui|naa)/.test(name))
    return [invalidValue(path, name, 'must be valid format starting with iqn, eui, or naa')]
  return isQualifiedName(name) ? [] : [invalidValue(path, name, 'must be valid format')]
}

/** Whether an iSCSI node may be called so: `iqn.2001-04.com.example:storage`, `eui.…`, `naa.…`. */
export const isQualifiedName = (name: string) => [IQN, EUI, NAA].some((pattern) => pattern.test(name))

function validateFlocker({ datasetName = '', datasetUUID = '' }: FlockerVolumeSource, path: FieldPath): FieldError[] {
  if (datasetName === '' && datasetUUID === '') {
    return [required(path, 'one of datasetName and datasetUUID is required')]
  }
  if (datasetName !== '' && datasetUUID !== '') {
    return [invalidValue(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously')]
  }
  if (!datasetName.startsWith('/') && !datasetName.includes('/')) return []
  return [invalidValue(path.child('datasetName'), datasetName, "must not contain '/'")]
}

/** As Go takes one apart: an address with colons is in brackets. */
const HOST_PORT = /^(?:\[[^[\]]*\]|[^:[\]]*):[^:[\]]*$/

function validateQuobyte({ registry, tenant = '', volume }: QuobyteVolumeSource, path: FieldPath): FieldError[] {
  const words = 'must be a host:port pair or multiple pairs separated by commas'
  const faults: FieldError[] = []
  if (registry === '') faults.push(required(path.child('registry'), words))
  else if (byteLength(tenant) > 64)
    faults.push(required(path.child('tenant'), 'must be a UUID and may not exceed a length of 64 characters'))
  else {
    for (const host of registry.split(','))
      if (!HOST_PORT.test(host)) faults.push(invalidValue(path.child('registry'), registry, words))
  }
  return [...faults, ...missing(volume, path.child('volume'))]
}

function validateFc(source: DeepReadonly<FCVolumeSource>, path: FieldPath): FieldError[] {
  const { targetWWNs = [], wwids = [], lun } = source
  if (targetWWNs.length === 0 && wwids.length === 0) {
    return [required(path.child('targetWWNs'), 'must specify either targetWWNs or wwids, but not both')]
  }
  if (targetWWNs.length > 0 && wwids.length > 0) {
    return [
      invalidValue(path.child('targetWWNs'), targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'),
    ]
  }
  if (targetWWNs.length === 0) return []
  if (lun === undefined) return [required(path.child('lun'), 'lun is required if targetWWNs is specified')]
  return lun >= 0 && lun <= 255 ? [] : [invalidValue(path.child('lun'), lun, inRangeFault(0, 255))]
}

function validateAzureDisk(source: AzureDiskVolumeSource, path: FieldPath): FieldError[] {
  const { diskName, diskURI, cachingMode, kind } = source
  const faults = [...missing(diskName, path.child('diskName')), ...missing(diskURI, path.child('diskURI'))]
  const caching = ['None', 'ReadOnly', 'ReadWrite']
  const kinds = ['Dedicated', 'Managed', 'Shared']
  if (cachingMode !== undefined && !caching.includes(cachingMode)) {
    faults.push(notSupported(path.child('cachingMode'), cachingMode, caching))
  }
  if (kind !== undefined && !kinds.includes(kind)) faults.push(notSupported(path.child('kind'), kind, kinds))
  const isManaged = kind === 'Managed'
  if (isManaged && !diskURI.startsWith('/subscriptions/')) {
    faults.push(
      notSupported(path.child('diskURI'), diskURI, [
        '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}',
      ]),
    )
  }
  if (kind !== undefined && !isManaged && !diskURI.startsWith('https://')) {
    faults.push(
      notSupported(path.child('diskURI'), diskURI, [
        'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd',
      ]),
    )
  }
  return faults
}

interface Named {
  readonly volumeName?: string
}

function validateVolumeName({ volumeName = '' }: Named, path: FieldPath): FieldError[] {
  return volumeName === '' ? [required(path.child('volumeName'))] : []
}

const labelOrNothing = (text: string | undefined, path: FieldPath): FieldError[] =>
  text === undefined || text === '' ? [] : invalidEach(path, text, dnsLabel(text))

function validateCsi(source: DeepReadonly<CSIVolumeSource>, path: FieldPath): FieldError[] {
  const faults = validateCsiDriver(source.driver, path.child('driver'))
  const secret = source.nodePublishSecretRef
  if (secret !== undefined) {
    const name = secret.name ?? ''
    const here = path.child('nodePublishSecretRef', 'name')
    // Kubernetes tells a name that is none at another place than one that lacks.
    faults.push(...(name === '' ? [required(here)] : invalidEach(path.child('name'), name, dnsSubdomain(name))))
  }
  return faults
}

/** The name of a CSI driver; shared with PersistentVolumes and the storage group. */
export function validateCsiDriver(driver: string, path: FieldPath): FieldError[] {
  if (driver === '') return [required(path)]
  const faults = driver.length > 63 ? [tooLong(path, 63)] : []
  return [...faults, ...invalidEach(path, driver, dnsSubdomain(driver.toLowerCase()))]
}

interface Flexed {
  readonly driver: string
  readonly options?: Readonly<Record<string, string>>
}

/** Options of these names are the kubelet's. */
function validateFlex({ driver, options }: Flexed, path: FieldPath): FieldError[] {
  const reserved = Object.keys(options ?? {}).filter((key) => /^([a-z0-9-]+\.)*(kubernetes|k8s)\.io\//i.test(key))
  return [
    ...missing(driver, path.child('driver')),
    ...reserved.map((key) => invalidValue(path.child('options').key(key), key, 'Reserved namespace')),
  ]
}

/** One rule a source; Pods and PersistentVolumes share them. */
export const networkSources = {
  gitRepo: validateGitRepo,
  gcePersistentDisk: (source: { readonly pdName: string } & Partitioned, path: FieldPath) => [
    ...missing(source.pdName, path.child('pdName')),
    ...validatePartition(source.partition, path),
  ],
  awsElasticBlockStore: (source: { readonly volumeID: string } & Partitioned, path: FieldPath) => [
    ...missing(source.volumeID, path.child('volumeID')),
    ...validatePartition(source.partition, path),
  ],
  iscsi: validateIscsi,
  glusterfs: (source: { readonly endpoints: string; readonly path: string }, path: FieldPath) => [
    ...missing(source.endpoints, path.child('endpoints')),
    ...missing(source.path, path.child('path')),
  ],
  flocker: validateFlocker,
  rbd: (source: { readonly monitors: readonly string[]; readonly image: string }, path: FieldPath) => [
    ...(source.monitors.length === 0 ? [required(path.child('monitors'))] : []),
    ...missing(source.image, path.child('image')),
  ],
  cinder: (source: { readonly volumeID: string; readonly secretRef?: Referred }, path: FieldPath) => [
    ...missing(source.volumeID, path.child('volumeID')),
    ...validateSecretRef(source.secretRef, path),
  ],
  cephfs: (source: { readonly monitors: readonly string[] }, path: FieldPath) =>
    source.monitors.length === 0 ? [required(path.child('monitors'))] : [],
  quobyte: validateQuobyte,
  fc: validateFc,
  flexVolume: validateFlex,
  azureFile: (source: { readonly secretName: string; readonly shareName: string }, path: FieldPath) => [
    ...missing(source.secretName, path.child('secretName')),
    ...missing(source.shareName, path.child('shareName')),
  ],
  vsphereVolume: (source: { readonly volumePath: string }, path: FieldPath) =>
    missing(source.volumePath, path.child('volumePath')),
  photonPersistentDisk: (source: { readonly pdID: string }, path: FieldPath) =>
    missing(source.pdID, path.child('pdID')),
  portworxVolume: (source: { readonly volumeID: string }, path: FieldPath) =>
    missing(source.volumeID, path.child('volumeID')),
  azureDisk: validateAzureDisk,
  storageos: (
    source: Named & { readonly volumeNamespace?: string; readonly secretRef?: Referred },
    path: FieldPath,
  ) => [
    ...validateVolumeName(source, path),
    ...labelOrNothing(source.volumeName, path.child('volumeName')),
    ...labelOrNothing(source.volumeNamespace, path.child('volumeNamespace')),
    ...validateSecretRef(source.secretRef, path),
  ],
  scaleIO: (source: Named & { readonly gateway: string; readonly system: string }, path: FieldPath) => [
    ...missing(source.gateway, path.child('gateway')),
    ...missing(source.system, path.child('system')),
    ...validateVolumeName(source, path),
  ],
  csi: validateCsi,
}
