/** Environment variables of containers (https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/). */

import type { DeepReadonly } from '../../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { configMapKey, dnsLabel, dnsSubdomain, envVarName } from '../../../../../meta/names.ts'
import { ENOUGH, invalidEach, invalidValue, required } from '../../../../../meta/validation.ts'
import type { EnvFromSource, EnvVar, EnvVarSource, FileKeySelector } from '../../../../generated/core-v1.ts'
import { ENV_FIELDS, validateFieldRef, validateResourceFieldRef } from './downward.ts'
import { validateNoBacksteps } from './paths.ts'

/** Variables given one by one. */
export function validateEnv(env: readonly DeepReadonly<EnvVar>[] | undefined, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  for (const [at, variable] of (env ?? []).entries()) {
    if (faults.length > ENOUGH) break
    const here = path.index(at)
    if (variable.name === '') faults.push(required(here.child('name')))
    else faults.push(...invalidEach(here.child('name'), variable.name, envVarName(variable.name)))
    if (variable.valueFrom !== undefined) {
      faults.push(...validateValueFrom(variable.valueFrom, variable.value, here.child('valueFrom')))
    }
  }
  return faults
}

function validateValueFrom(
  source: DeepReadonly<EnvVarSource>,
  value: string | undefined,
  path: FieldPath,
): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source
  const faults: FieldError[] = []
  if (fieldRef !== undefined) faults.push(...validateFieldRef(fieldRef, ENV_FIELDS, path.child('fieldRef')))
  if (resourceFieldRef !== undefined) {
    faults.push(...validateResourceFieldRef(resourceFieldRef, path.child('resourceFieldRef'), false))
  }
  if (configMapKeyRef !== undefined) faults.push(...validateKeyRef(configMapKeyRef, path.child('configMapKeyRef')))
  if (secretKeyRef !== undefined) faults.push(...validateKeyRef(secretKeyRef, path.child('secretKeyRef')))
  if (fileKeyRef !== undefined) faults.push(...validateFileKeyRef(fileKeyRef, path.child('fileKeyRef')))
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef]
  const count = sources.filter((given) => given !== undefined).length
  if (count === 0) {
    const words =
      'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
    faults.push(invalidValue(path, '', words))
  } else if (value !== undefined && value !== '') {
    faults.push(invalidValue(path, '', 'may not be specified when `value` is not empty'))
  } else if (count > 1) {
    faults.push(invalidValue(path, '', 'may not have more than one field specified at a time'))
  }
  return faults
}

function validateKeyRef({ name = '', key }: { readonly name?: string; readonly key: string }, path: FieldPath) {
  const faults: FieldError[] = []
  faults.push(...invalidEach(path.child('name'), name, dnsSubdomain(name)))
  if (key === '') faults.push(required(path.child('key')))
  else faults.push(...invalidEach(path.child('key'), key, configMapKey(key)))
  return faults
}

function validateFileKeyRef({ volumeName, path: file, key }: FileKeySelector, path: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  if (key === '') faults.push(required(path.child('key')))
  else faults.push(...invalidEach(path.child('key'), key, envVarName(key)))
  if (volumeName === '') faults.push(required(path.child('volumeName')))
  else faults.push(...invalidEach(path.child('volumeName'), volumeName, dnsLabel(volumeName)))
  if (file === '') faults.push(required(path.child('path')))
  else faults.push(...validateNoBacksteps(file, path.child('path')))
  return faults
}

function validateRef({ name = '' }: { readonly name?: string }, path: FieldPath): FieldError[] {
  const here = path.child('name')
  return name === '' ? [required(here)] : invalidEach(here, name, dnsSubdomain(name))
}

/** Variables taken from whole ConfigMaps and Secrets. */
export function validateEnvFrom(
  sources: readonly DeepReadonly<EnvFromSource>[] | undefined,
  path: FieldPath,
): FieldError[] {
  const faults: FieldError[] = []
  for (const [at, { prefix, configMapRef, secretRef }] of (sources ?? []).entries()) {
    if (faults.length > ENOUGH) break
    const here = path.index(at)
    if (prefix !== undefined && prefix !== '') {
      faults.push(...invalidEach(here.child('prefix'), prefix, envVarName(prefix)))
    }
    if (configMapRef !== undefined) faults.push(...validateRef(configMapRef, here.child('configMapRef')))
    if (secretRef !== undefined) faults.push(...validateRef(secretRef, here.child('secretRef')))
    if (configMapRef === undefined && secretRef === undefined) {
      faults.push(invalidValue(path, '', 'must specify one of: `configMapRef` or `secretRef`'))
    } else if (configMapRef !== undefined && secretRef !== undefined) {
      faults.push(invalidValue(path, '', 'may not have more than one field specified at a time'))
    }
  }
  return faults
}
