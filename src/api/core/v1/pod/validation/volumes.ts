/** The volumes of a Pod (https://kubernetes.io/docs/concepts/storage/volumes/). */

import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { goQuote } from '../../../../../meta/go-quote.ts'
import { dnsLabel, dnsSubdomain } from '../../../../../meta/names.ts'
import { cmpQuantity } from '../../../../../meta/quantity.ts'
import {
  duplicate,
  ENOUGH,
  forbiddenField,
  invalidEach,
  invalidValue,
  notSupported,
  required,
} from '../../../../../meta/validation.ts'
import type {
  ConfigMapVolumeSource,
  EmptyDirVolumeSource,
  EphemeralVolumeSource,
  HostPathVolumeSource,
  ImageVolumeSource,
  KeyToPath,
  NFSVolumeSource,
  PersistentVolumeClaimVolumeSource,
  SecretVolumeSource,
  Volume,
} from '../../../../generated/core-v1.ts'
import { validateClaimTemplate } from '../../persistentvolumeclaim/validate.ts'
import type { Volumes } from './mounts.ts'
import { validateFileMode, validateItems, validateNoBacksteps } from './paths.ts'
import { validateDownwardApi, validateProjected } from './projected.ts'
import { networkSources } from './volume-sources.ts'

/** Whose volumes they are: the name decides the names of claims that are made for it. */
export interface VolumeContext {
  readonly podName: string | undefined
  readonly isPod: boolean
}

/** The faults of all volumes, and those volumes that have none, for containers to mount. */
export function validateVolumes(
  volumes: readonly DeepReadonly<Volume>[] | undefined,
  path: FieldPath,
  context: VolumeContext,
): { readonly faults: FieldError[]; readonly volumes: Volumes } {
  const faults: FieldError[] = []
  const good = new Map<string, DeepReadonly<Volume>>()
  const made = claimsMadeFor(volumes, context.podName)
  for (const [at, volume] of (volumes ?? []).entries()) {
    if (faults.length > ENOUGH) break
    const here = path.index(at)
    const own = validateVolume(volume, here, context)
    if (volume.name === '') own.push(required(here.child('name')))
    else own.push(...invalidEach(here.child('name'), volume.name, dnsLabel(volume.name)))
    if (good.has(volume.name)) own.push(duplicate(here.child('name'), volume.name))
    if (own.length === 0) good.set(volume.name, volume)
    faults.push(...own)
    const claim = volume.persistentVolumeClaim?.claimName
    if (claim !== undefined && made.has(claim)) {
      const words = 'must not reference a PVC that gets created for an ephemeral volume'
      faults.push(invalidValue(here.child('persistentVolumeClaim', 'claimName'), claim, words))
    }
  }
  return { faults, volumes: good }
}

function claimsMadeFor(volumes: readonly DeepReadonly<Volume>[] | undefined, podName: string | undefined) {
  if (podName === undefined || podName === '') return new Set<string>()
  const ephemeral = (volumes ?? []).filter((volume) => volume.ephemeral !== undefined)
  return new Set(ephemeral.map(({ name }) => `${podName}-${name}`))
}

interface SourceContext extends VolumeContext {
  readonly volume: DeepReadonly<Volume>
  readonly volumePath: FieldPath
}

type SourceName = Exclude<keyof Volume, 'name'>
type SourceRules = {
  readonly [Name in SourceName]?: (
    source: NonNullable<DeepReadonly<Volume>[Name]>,
    path: FieldPath,
    context: SourceContext,
  ) => readonly FieldError[]
}

/** One rule a source, in the order Kubernetes looks at them. */
const RULES: SourceRules = {
  emptyDir: validateEmptyDir,
  hostPath: validateHostPath,
  gitRepo: networkSources.gitRepo,
  gcePersistentDisk: (source, _path, { volumePath }) =>
    networkSources.gcePersistentDisk(source, volumePath.child('persistentDisk')),
  awsElasticBlockStore: networkSources.awsElasticBlockStore,
  secret: validateSecret,
  nfs: validateNfs,
  iscsi: (source, path, { volume, volumePath }) => networkSources.iscsi(source, path, volume.name, volumePath),
  glusterfs: networkSources.glusterfs,
  flocker: networkSources.flocker,
  persistentVolumeClaim: validateClaim,
  rbd: networkSources.rbd,
  cinder: networkSources.cinder,
  cephfs: networkSources.cephfs,
  quobyte: networkSources.quobyte,
  downwardAPI: validateDownwardApi,
  fc: networkSources.fc,
  flexVolume: networkSources.flexVolume,
  configMap: validateConfigMap,
  azureFile: networkSources.azureFile,
  vsphereVolume: networkSources.vsphereVolume,
  photonPersistentDisk: networkSources.photonPersistentDisk,
  portworxVolume: networkSources.portworxVolume,
  azureDisk: networkSources.azureDisk,
  storageos: networkSources.storageos,
  projected: validateProjected,
  scaleIO: networkSources.scaleIO,
  csi: networkSources.csi,
  ephemeral: validateEphemeral,
  image: validateImage,
}
/** What Kubernetes calls a second source, where that is not its name. */
const TOLD: { readonly [Name in SourceName]?: string } = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' }
const SOURCES = Object.keys(RULES) as SourceName[]

/** The sources that a volume names, in that order. Most name one: that is found faster than thirty are looked for. */
function sourcesOf(volume: DeepReadonly<Volume>): readonly SourceName[] {
  const given = Object.keys(volume).filter((name) => Object.hasOwn(RULES, name)) as SourceName[]
  return given.length < 2 ? given : SOURCES.filter((name) => given.includes(name))
}

function validateVolume(volume: DeepReadonly<Volume>, path: FieldPath, context: VolumeContext): FieldError[] {
  const faults: FieldError[] = []
  let count = 0
  for (const name of sourcesOf(volume)) {
    if (volume[name] === undefined) continue
    const here = path.child(name)
    if (count++ > 0)
      faults.push(forbiddenField(path.child(TOLD[name] ?? name), 'may not specify more than 1 volume type'))
    else faults.push(...validateSource(name, volume, here, { ...context, volume, volumePath: path }))
  }
  if (count === 0) faults.push(required(path, 'must specify a volume type'))
  return faults
}

/** Ties the name of a source to its value and rule, for the compiler. */
function validateSource<Name extends SourceName>(
  name: Name,
  volume: DeepReadonly<Volume>,
  path: FieldPath,
  context: SourceContext,
): readonly FieldError[] {
  const source = volume[name]
  const rule = RULES[name]
  if (source === undefined || rule === undefined) return []
  return rule(source as NonNullable<DeepReadonly<Volume>[Name]>, path, context)
}

function validateEmptyDir({ sizeLimit }: EmptyDirVolumeSource, path: FieldPath): FieldError[] {
  if (sizeLimit === undefined || cmpQuantity(sizeLimit, '0') >= 0) return []
  return [forbiddenField(path.child('sizeLimit'), 'SizeLimit field must be a valid resource quantity')]
}

const HOST_PATH_TYPES: readonly string[] = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

/** A place on the node; shared with PersistentVolumes. */
export function validateHostPath({ path: target, type }: HostPathVolumeSource, path: FieldPath): FieldError[] {
  if (target === '') return [required(path.child('path'))]
  const faults = validateNoBacksteps(target, path.child('path'))
  if (type !== undefined && !HOST_PATH_TYPES.includes(type)) {
    faults.push(notSupported(path.child('type'), type, HOST_PATH_TYPES))
  }
  return faults
}

/** A network file system; shared with PersistentVolumes. */
export function validateNfs({ server, path: target }: NFSVolumeSource, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  if (server === '') faults.push(required(path.child('server')))
  if (target === '') faults.push(required(path.child('path')))
  if (!target.startsWith('/')) faults.push(invalidValue(path.child('path'), target, 'must be an absolute path'))
  return faults
}

function validateSecret(source: DeepReadonly<SecretVolumeSource>, path: FieldPath): FieldError[] {
  const faults = (source.secretName ?? '') === '' ? [required(path.child('secretName'))] : []
  return [...faults, ...validateFiles(source, path)]
}

function validateConfigMap(source: DeepReadonly<ConfigMapVolumeSource>, path: FieldPath): FieldError[] {
  const faults = (source.name ?? '') === '' ? [required(path.child('name'))] : []
  return [...faults, ...validateFiles(source, path)]
}

/** The mode and the files of a volume made of keys. */
function validateFiles(
  { defaultMode, items }: { readonly defaultMode?: number; readonly items?: readonly KeyToPath[] },
  path: FieldPath,
): FieldError[] {
  return [...validateFileMode(defaultMode, path.child('defaultMode')), ...validateItems(items, path.child('items'))]
}

function validateClaim({ claimName }: PersistentVolumeClaimVolumeSource, path: FieldPath): FieldError[] {
  return claimName === '' ? [required(path.child('claimName'))] : []
}

function validateEphemeral(
  { volumeClaimTemplate: template }: DeepReadonly<EphemeralVolumeSource>,
  path: FieldPath,
  { podName = '', volume, volumePath }: SourceContext,
): FieldError[] {
  const here = path.child('volumeClaimTemplate')
  if (template === undefined) return [required(here)]
  const faults = validateClaimTemplate(template, here)
  if (podName === '' || volume.name === '') return faults
  const wrong = dnsSubdomain(`${podName}-${volume.name}`)
  const words = (fault: string) => `PVC name ${goQuote(`${podName}-${volume.name}`)}: ${fault}`
  return [...faults, ...wrong.map((fault) => invalidValue(volumePath.child('name'), volume.name, words(fault)))]
}

function validateImage(source: ImageVolumeSource, path: FieldPath, { isPod }: VolumeContext): FieldError[] {
  const { reference = '', pullPolicy } = source
  const faults: FieldError[] = []
  if (isPod && reference === '') faults.push(required(path.child('reference')))
  const supported = ['Always', 'IfNotPresent', 'Never']
  if (pullPolicy !== undefined && !supported.includes(pullPolicy)) {
    faults.push(notSupported(path.child('pullPolicy'), pullPolicy, supported))
  }
  return faults
}
