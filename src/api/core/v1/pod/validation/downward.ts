/** References to the Pod's own fields (https://kubernetes.io/docs/concepts/workloads/pods/downward-api/). */

import type { FieldError, FieldPath } from '../../../../../meta/field-path.ts'
import { qualifiedName } from '../../../../../meta/names.ts'
import { cmpQuantity, isZeroQuantity } from '../../../../../meta/quantity.ts'
import { invalidEach, invalidValue, notSupported, required } from '../../../../../meta/validation.ts'
import type { ObjectFieldSelector, ResourceFieldSelector } from '../../../../generated/core-v1.ts'

/** Fields that environment variables may have, sorted. */
export const ENV_FIELDS: readonly string[] = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]

/** Fields that files may have, sorted. */
export const FILE_FIELDS: readonly string[] = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
]

/** All fields that have a name at all. */
const KNOWN_FIELDS = new Set([
  ...ENV_FIELDS,
  ...FILE_FIELDS,
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.host',
  'status.phase',
])

/** `metadata.labels['app']` as its map and its key. */
function splitSubscript(text: string): { readonly map: string; readonly key: string } | undefined {
  if (!text.endsWith("']")) return undefined
  const open = text.indexOf("['")
  if (open <= 0) return undefined
  return { map: text.slice(0, open), key: text.slice(open + 2, -2) }
}

export function validateFieldRef(ref: ObjectFieldSelector, fields: readonly string[], path: FieldPath): FieldError[] {
  const { apiVersion = '', fieldPath } = ref
  if (apiVersion === '') return [required(path.child('apiVersion'))]
  if (fieldPath === '') return [required(path.child('fieldPath'))]
  const fault = (why: string) => [
    invalidValue(path.child('fieldPath'), fieldPath, `error converting fieldPath: ${why}`),
  ]
  if (apiVersion !== 'v1') return fault(`unsupported pod version: ${apiVersion}`)
  const subscripted = splitSubscript(fieldPath)
  if (subscripted === undefined) {
    if (fields.includes(fieldPath)) return []
    if (!KNOWN_FIELDS.has(fieldPath)) return fault(`field label not supported: ${fieldPath}`)
    return [notSupported(path.child('fieldPath'), fieldPath, fields)]
  }
  const { map, key } = subscripted
  if (map === 'metadata.annotations') return invalidEach(path, key, qualifiedName(key.toLowerCase()))
  if (map === 'metadata.labels') return invalidEach(path, key, qualifiedName(key))
  return fault(`field label does not support subscript: ${fieldPath}`)
}

const RESOURCES: readonly string[] = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]
const BYTES: readonly string[] = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei']
const DIVISORS: Readonly<Record<string, { readonly name: string; readonly values: readonly string[] }>> = {
  cpu: { name: 'cpu', values: ['1m', '1'] },
  memory: { name: 'memory', values: BYTES },
  'ephemeral-storage': { name: 'local ephemeral storage', values: BYTES },
  hugepages: { name: 'hugepages', values: BYTES },
}

/** A reference to what a container asks for; in files the container must be named. */
export function validateResourceFieldRef(
  ref: ResourceFieldSelector,
  path: FieldPath,
  needsContainer: boolean,
): FieldError[] {
  const faults: FieldError[] = []
  const { containerName = '', resource, divisor } = ref
  const isHugePages = /^(limits|requests)\.hugepages-/.test(resource)
  if (needsContainer && containerName === '') faults.push(required(path.child('containerName')))
  else if (resource === '') faults.push(required(path.child('resource')))
  else if (!RESOURCES.includes(resource) && !isHugePages) {
    faults.push(notSupported(path.child('resource'), resource, RESOURCES))
  }
  const kind = isHugePages ? 'hugepages' : resource.slice(resource.indexOf('.') + 1)
  const rule = Object.hasOwn(DIVISORS, kind) ? DIVISORS[kind] : undefined
  if (rule === undefined || divisor === undefined || isZeroQuantity(divisor)) return faults
  if (rule.values.some((value) => cmpQuantity(value, divisor) === 0)) return faults
  const listed = rule.values.length === 2 ? rule.values.join(' and ') : rule.values.join(', ')
  const words = `only divisor's values ${listed} are supported with the ${rule.name} resource`
  faults.push(invalidValue(path.child('divisor'), resource, words))
  return faults
}
