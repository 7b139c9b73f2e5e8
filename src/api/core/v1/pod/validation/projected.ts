/** Projected and downward API volumes (https://kubernetes.io/docs/concepts/storage/projected-volumes/). */

import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { ENOUGH, forbiddenField, invalidValue, judgeAll, required } from '../../../../../meta/validation.ts'
import type {
  DownwardAPIVolumeFile,
  DownwardAPIVolumeSource,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from '../../../../generated/core-v1.ts'
import { FILE_FIELDS, validateFieldRef, validateResourceFieldRef } from './downward.ts'
import { validateFileMode, validateItems, validateNonReservedPath } from './paths.ts'

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
    faults.push(...validateProjection(projection, path.child('sources').index(at), path))
    faults.push(...uniqueFiles(projection, files, path))
  }
  return faults
}

const SOURCES = ['secret', 'configMap', 'downwardAPI', 'serviceAccountToken'] as const

function validateProjection(
  projection: DeepReadonly<VolumeProjection>,
  path: FieldPath,
  volume: FieldPath,
): FieldError[] {
  const given = SOURCES.filter((name) => projection[name] !== undefined)
  const words = 'may not specify more than 1 volume type per source'
  const faults = given.slice(1).map((name) => forbiddenField(path.child(name), words))
  const first = given[0]
  if (first === undefined) return faults
  return [...validateOne(first, projection, path.child(first), volume), ...faults]
}

function validateOne(
  name: (typeof SOURCES)[number],
  projection: DeepReadonly<VolumeProjection>,
  path: FieldPath,
  volume: FieldPath,
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
      return projection.serviceAccountToken === undefined
        ? []
        : validateToken(projection.serviceAccountToken, path, volume)
  }
}

function validateToken(
  { expirationSeconds, path: file }: ServiceAccountTokenProjection,
  path: FieldPath,
  volume: FieldPath,
): FieldError[] {
  const faults: FieldError[] = []
  const here = path.child('expirationSeconds')
  if (expirationSeconds !== undefined && expirationSeconds < 600) {
    faults.push(invalidValue(here, expirationSeconds, 'may not specify a duration less than 10 minutes'))
  }
  if (expirationSeconds !== undefined && expirationSeconds > 2 ** 32) {
    faults.push(invalidValue(here, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'))
  }
  // Kubernetes names the volume here, not the source.
  if (file === '') faults.push(required(volume.child('path')))
  else faults.push(...validateNonReservedPath(file, volume.child('path')))
  return faults
}

/** Two sources may not make the same file; Kubernetes names an object then, and does not look at tokens. */
function uniqueFiles(projection: DeepReadonly<VolumeProjection>, files: Set<string>, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  for (const source of [projection.secret, projection.configMap, projection.downwardAPI]) {
    for (const { path: file } of source?.items ?? []) {
      const told = source !== undefined && 'name' in source ? source.name : file
      if (file === '' || !files.has(file)) files.add(file)
      else faults.push(invalidValue(path, told ?? '', 'conflicting duplicate paths'))
    }
  }
  return faults
}
