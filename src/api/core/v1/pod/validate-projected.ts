/** Projected and downward API volumes (https://kubernetes.io/docs/concepts/storage/projected-volumes/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { validateLabelSelector } from '../../../../meta/validate-label-selector.ts'
import { ENOUGH, forbiddenField, invalidValue, judgeAll, notSupported, required } from '../../../../meta/validation.ts'
import type {
  ClusterTrustBundleProjection,
  DownwardAPIVolumeFile,
  DownwardAPIVolumeSource,
  PodCertificateProjection,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '../../../generated/core-v1.ts'
import { FILE_FIELDS, validateFieldRef, validateResourceFieldRef } from './validate-downward.ts'
import { validateFileMode, validateItems, validateNonReservedPath } from './validate-paths.ts'

export function validateDownwardApi(source: DeepReadonly<DownwardAPIVolumeSource>, path: FieldPath): FieldError[] {
  return [
    ...validateFileMode(source.defaultMode, path.child('defaultMode')),
    ...validateDownwardFiles(source.items, path),
  ]
}

/** Kubernetes names the volume, not the item, in these faults. */
function validateDownwardFiles(
  items: readonly DeepReadonly<DownwardAPIVolumeFile>[] | undefined,
  path: FieldPath,
): FieldError[] {
  return judgeAll(items, ({ path: file, fieldRef, resourceFieldRef, mode }) => {
    const faults: FieldError[] = []
    if (file === '') faults.push(required(path.child('path')))
    faults.push(...validateNonReservedPath(file, path.child('path')))
    if (fieldRef !== undefined) {
      faults.push(...validateFieldRef(fieldRef, FILE_FIELDS, path.child('fieldRef')))
      if (resourceFieldRef !== undefined) {
        const words = 'fieldRef and resourceFieldRef can not be specified simultaneously'
        faults.push(invalidValue(path, 'resource', words))
      }
    } else if (resourceFieldRef !== undefined) {
      faults.push(...validateResourceFieldRef(resourceFieldRef, path.child('resourceFieldRef'), true))
    } else faults.push(required(path, 'one of fieldRef and resourceFieldRef is required'))
    faults.push(...validateFileMode(mode, path.child('mode')))
    return faults
  })
}

export function validateProjected(source: DeepReadonly<ProjectedVolumeSource>, path: FieldPath): FieldError[] {
  const faults = validateFileMode(source.defaultMode, path.child('defaultMode'))
  const files = new Set<string>()
  for (const [at, projection] of (source.sources ?? []).entries()) {
    if (faults.length > ENOUGH) break
    faults.push(...validateProjection(projection, path.child('sources').index(at)))
    faults.push(...uniqueFiles(projection, files, path))
  }
  return faults
}

const SOURCES = [
  'secret',
  'configMap',
  'downwardAPI',
  'serviceAccountToken',
  'clusterTrustBundle',
  'podCertificate',
] as const

function validateProjection(projection: DeepReadonly<VolumeProjection>, path: FieldPath): FieldError[] {
  const given = SOURCES.filter((name) => projection[name] !== undefined)
  const words = 'may not specify more than 1 volume type per source'
  const faults = given.slice(1).map((name) => forbiddenField(path.child(name), words))
  const first = given[0]
  if (first === undefined) return faults
  return [...validateOne(first, projection, path.child(first)), ...faults]
}

function validateOne(
  name: (typeof SOURCES)[number],
  projection: DeepReadonly<VolumeProjection>,
  path: FieldPath,
): FieldError[] {
  switch (name) {
    case 'secret':
    case 'configMap': {
      const named = (projection[name]?.name ?? '') === '' ? [required(path.child('name'))] : []
      return [...named, ...validateItems(projection[name]?.items, path.child('items'))]
    }
    case 'downwardAPI':
      return validateDownwardFiles(projection.downwardAPI?.items, path)
    case 'serviceAccountToken':
      return projection.serviceAccountToken === undefined ? [] : validateToken(projection.serviceAccountToken, path)
    case 'clusterTrustBundle':
      return projection.clusterTrustBundle === undefined ? [] : validateTrustBundle(projection.clusterTrustBundle, path)
    case 'podCertificate':
      return projection.podCertificate === undefined ? [] : validateCertificate(projection.podCertificate, path)
  }
}

function validateToken(
  { expirationSeconds, path: file }: ServiceAccountTokenProjection,
  path: FieldPath,
): FieldError[] {
  const faults: FieldError[] = []
  const here = path.child('expirationSeconds')
  if (expirationSeconds !== undefined && expirationSeconds < 600) {
    faults.push(invalidValue(here, expirationSeconds, 'may not specify a duration less than 10 minutes'))
  }
  if (expirationSeconds !== undefined && expirationSeconds > 2 ** 32) {
    faults.push(invalidValue(here, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'))
  }
  if (file === '') faults.push(required(path.child('path')))
  else faults.push(...validateNonReservedPath(file, path.child('path')))
  return faults
}

function validateTrustBundle(source: DeepReadonly<ClusterTrustBundleProjection>, path: FieldPath): FieldError[] {
  const { name, signerName, labelSelector, path: file } = source
  const faults: FieldError[] = []
  if (name !== undefined && signerName !== undefined) {
    faults.push(invalidValue(path, source, 'only one of name and signerName may be used'))
  }
  if (name === undefined && signerName === undefined)
    faults.push(required(path, 'either name or signerName must be specified'))
  if (name !== undefined && labelSelector !== undefined) {
    faults.push(
      invalidValue(
        path.child('labelSelector'),
        labelSelector,
        'labelSelector and name may not be specified simultaneously',
      ),
    )
  }
  faults.push(...validateLabelSelector(labelSelector, path.child('labelSelector')))
  if (file === '') faults.push(required(path.child('path')))
  else faults.push(...validateNonReservedPath(file, path.child('path')))
  return faults
}

const KEY_TYPES = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519']

function validateCertificate(source: DeepReadonly<PodCertificateProjection>, path: FieldPath): FieldError[] {
  const { signerName, keyType, maxExpirationSeconds: max } = source
  const faults: FieldError[] = []
  if (signerName === '') faults.push(required(path.child('signerName')))
  if (!KEY_TYPES.includes(keyType)) faults.push(notSupported(path.child('keyType'), keyType, KEY_TYPES))
  if (max !== undefined && max < 3600) {
    faults.push(
      invalidValue(path.child('maxExpirationSeconds'), max, 'if provided, maxExpirationSeconds must be >= 3600'),
    )
  }
  if (max !== undefined && max > 7862400) {
    faults.push(
      invalidValue(path.child('maxExpirationSeconds'), max, 'if provided, maxExpirationSeconds must be <= 7862400'),
    )
  }
  const files = ['credentialBundlePath', 'keyPath', 'certificateChainPath'] as const
  if (files.every((field) => (source[field] ?? '') === '')) {
    faults.push(required(path, 'specify at least one of credentialBundlePath, keyPath, and certificateChainPath'))
  }
  for (const field of files) {
    const file = source[field] ?? ''
    if (file !== '') faults.push(...validateNonReservedPath(file, path.child(field)))
  }
  return faults
}

/** Two sources may not make the same file. */
function uniqueFiles(projection: DeepReadonly<VolumeProjection>, files: Set<string>, path: FieldPath): FieldError[] {
  const { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle } = projection
  const made = [
    ...[...(secret?.items ?? []), ...(configMap?.items ?? []), ...(downwardAPI?.items ?? [])].map((item) => item.path),
    ...[serviceAccountToken?.path, clusterTrustBundle?.path].filter((file) => file !== undefined),
  ]
  return made.flatMap((file) => {
    if (file === '' || !files.has(file)) {
      files.add(file)
      return []
    }
    return [invalidValue(path, file, 'conflicting duplicate paths')]
  })
}
