/** Secret, v1: what not everybody may read (https://kubernetes.io/docs/concepts/configuration/secret/). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { configMapKey } from '../../../../meta/names.ts'
import { ENOUGH, immutableField, invalidEach, invalidValue, required, tooLong } from '../../../../meta/validation.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type { Secret } from '../../../generated/core-v1.ts'
import { defineResource } from '../../../resource.ts'
import { MAX_DATA_BYTES, validateFrozenData } from '../data.ts'
import { JsonError, parseCarefully } from '../../../../wire/json/careful.ts'
import { cannotRead } from '../../../../wire/patch/errors.ts'

type Shared = DeepReadonly<Secret>

/** The annotation that ties a token to its service account. */
const SERVICE_ACCOUNT = 'kubernetes.io/service-account.name'

const PEM = /^-----BEGIN [^\n]*-----$/m

export const secrets = defineResource<Secret>('v1/secrets', {
  setDefaults: defaultSecret,
  validate: validateSecret,
  validateUpdate: (object, old, root) => [
    ...immutableField(object.type, old.type, root.child('type')),
    ...validateFrozenData(object, old, ['data'], root),
    ...validateSecret(object, root),
  ],
  warnings: ({ type, data = {} }) => {
    const isLacking = type === 'kubernetes.io/tls' && !PEM.test(Buffer.from(data['tls.crt'] ?? '', 'base64').toString())
    return isLacking ? ['tls: failed to find any PEM data in certificate input'] : []
  },
  selectableFields: { type: ({ type }) => type ?? '' },
  columns: [
    nameColumn(),
    textColumn('Type', ({ type }) => type ?? ''),
    textColumn('Data', ({ data }) => Object.keys(data ?? {}).length),
    ageColumn(),
  ],
})

/** Plain texts, which may only be written, become data. */
function defaultSecret(draft: Secret): void {
  draft.type ??= 'Opaque'
  if (draft.stringData === undefined) return
  const data: Record<string, string> = draft.data ?? {}
  for (const [key, text] of Object.entries(draft.stringData)) data[key] = Buffer.from(text).toString('base64')
  draft.data = data
  delete draft.stringData
}

function validateSecret(secret: Shared, root: FieldPath): FieldError[] {
  const faults: FieldError[] = []
  const path = root.child('data')
  let size = 0
  for (const key in secret.data) {
    if (faults.length > ENOUGH) break
    faults.push(...invalidEach(path.key(key), key, configMapKey(key)))
    size += Buffer.byteLength(secret.data[key] ?? '', 'base64')
  }
  if (size > MAX_DATA_BYTES) faults.push(tooLong(path, MAX_DATA_BYTES))
  return [...faults, ...validateType(secret, path, root)]
}

/** Some types promise what is inside. */
function validateType(secret: Shared, path: FieldPath, root: FieldPath): FieldError[] {
  const has = (key: string) => secret.data !== undefined && Object.hasOwn(secret.data, key)
  const need = (key: string) => (has(key) ? [] : [required(path.key(key))])
  switch (secret.type ?? '') {
    case 'kubernetes.io/service-account-token': {
      const account = secret.metadata.annotations?.[SERVICE_ACCOUNT] ?? ''
      return account === '' ? [required(root.child('metadata', 'annotations').key(SERVICE_ACCOUNT))] : []
    }
    case 'kubernetes.io/dockercfg':
      return validateJson(secret, '.dockercfg', path)
    case 'kubernetes.io/dockerconfigjson':
      return validateJson(secret, '.dockerconfigjson', path)
    case 'kubernetes.io/basic-auth':
      return has('username') || has('password') ? [] : [...need('username'), ...need('password')]
    case 'kubernetes.io/ssh-auth':
      return (secret.data?.['ssh-privatekey'] ?? '') === '' ? [required(path.key('ssh-privatekey'))] : []
    case 'kubernetes.io/tls':
      return [...need('tls.crt'), ...need('tls.key')]
    default:
      return []
  }
}

function validateJson(secret: Shared, key: string, path: FieldPath): FieldError[] {
  const content = secret.data !== undefined && Object.hasOwn(secret.data, key) ? secret.data[key] : undefined
  if (content === undefined) return [required(path.key(key))]
  const fault = jsonFault(Buffer.from(content, 'base64').toString())
  return fault === undefined ? [] : [invalidValue(path.key(key), '<secret contents redacted>', fault)]
}

/** What Kubernetes says of a text that is no JSON: of what is in it no more than one character. */
function wordsOf(text: string): string {
  try {
    parseCarefully(text)
    return 'invalid JSON'
  } catch (error) {
    return error instanceof JsonError ? error.message : 'invalid JSON'
  }
}

/** Says what is wrong and nothing of what is there: the content is secret. */
function jsonFault(text: string): string | undefined {
  if (text === '') return 'unexpected end of JSON input'
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && !Array.isArray(value)
    return isObject ? undefined : cannotRead(value, 'map[string]interface {}')
  } catch {
    return wordsOf(text)
  }
}
