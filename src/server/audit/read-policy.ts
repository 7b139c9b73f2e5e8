/** Reads and judges an audit policy (https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/#audit-k8s-io-v1-Policy). */

import { UserError } from '../../base/user-error.ts'
import { type FieldError, type FieldPath, fieldPath } from '../../meta/field-path.ts'
import { dnsSubdomain } from '../../meta/names.ts'
import { invalidEach, invalidValue, notSupported, required } from '../../meta/validation.ts'
import { JsonError } from '../../wire/json/careful.ts'
import { readYamlBody } from '../../wire/yaml/parse.ts'
import { type GroupResources, LEVELS, type Policy, type PolicyRule, type Stage, STAGES } from './policy.ts'

const API_VERSION = 'audit.k8s.io/v1'

/** The policy in a YAML or JSON text. Throws a `UserError` that says what is wrong with it. */
export function readAuditPolicy(text: string): Policy {
  const value = parsed(text)
  const { apiVersion, kind } = value
  if (apiVersion !== API_VERSION || kind !== 'Policy') {
    throw wrong(`it has to be a Policy of ${API_VERSION}, not ${JSON.stringify(kind)} of ${JSON.stringify(apiVersion)}`)
  }
  checkShape(value, POLICY, '')
  const policy = value as unknown as Policy
  const faults = policyFaults(policy)
  if (faults.length > 0) throw wrong(faults.map(({ field, message }) => `${field}: ${message}`).join('\n'))
  if ((policy.rules ?? []).length === 0) throw wrong('loaded illegal policy with 0 rules')
  return policy
}

const wrong = (detail: string) =>
  new UserError(
    `the audit policy cannot be used: ${detail}`,
    'https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/ lists the fields',
  )

function parsed(text: string): Record<string, unknown> {
  try {
    const { value } = readYamlBody(Buffer.from(text))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (error) {
    if (error instanceof JsonError) throw wrong(error.message)
    throw error
  }
  throw wrong('it is no object')
}

type Shape = 'string' | 'boolean' | readonly [Shape] | { readonly [field: string]: Shape }

const TEXTS = ['string'] as const
const POLICY: Shape = {
  omitStages: TEXTS,
  omitManagedFields: 'boolean',
  rules: [
    {
      level: 'string',
      users: TEXTS,
      userGroups: TEXTS,
      verbs: TEXTS,
      resources: [{ group: 'string', resources: TEXTS, resourceNames: TEXTS }],
      namespaces: TEXTS,
      nonResourceURLs: TEXTS,
      omitStages: TEXTS,
      omitManagedFields: 'boolean',
    },
  ],
}

/** Throws unless what the policy's fields hold is of their type; null is as good as nothing, and other fields are left alone. */
function checkShape(value: unknown, shape: Shape, path: string): void {
  if (typeof shape === 'string') {
    // oxlint-disable-next-line valid-typeof -- one of two types
    if (typeof value !== shape) throw wrong(`${path} has to be a ${shape}`)
    return
  }
  if (Array.isArray(shape)) {
    const [of] = shape as readonly [Shape]
    if (!Array.isArray(value)) throw wrong(`${path} has to be a list`)
    for (const [at, item] of value.entries()) checkShape(item, of, `${path}[${at}]`)
    return
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(`${path} has to be an object`)
  const object = value as Record<string, unknown>
  for (const [name, of] of Object.entries(shape)) {
    if (object[name] === null) delete object[name]
    if (Object.hasOwn(object, name)) checkShape(object[name], of, path === '' ? name : `${path}.${name}`)
  }
}

function policyFaults({ omitStages, rules = [] }: Policy): FieldError[] {
  const all = fieldPath('rules')
  return [
    ...stageFaults(omitStages, fieldPath('omitStages')),
    ...rules.flatMap((rule, at) => ruleFaults(rule, all.index(at))),
  ]
}

function ruleFaults(rule: PolicyRule, path: FieldPath): FieldError[] {
  const { level, nonResourceURLs = [], resources = [], namespaces = [], omitStages } = rule
  const isOfBoth = nonResourceURLs.length > 0 && resources.length + namespaces.length > 0
  const urls = path.child('nonResourceURLs')
  const both = 'rules cannot apply to both regular resources and non-resource URLs'
  return [
    ...levelFaults(level, path.child('level')),
    ...nonResourceURLs.flatMap((url, at) => urlFaults(url, urls.index(at))),
    ...resources.flatMap((one) => resourceFaults(one, path.child('resources'))),
    ...stageFaults(omitStages, path.child('omitStages')),
    ...(isOfBoth ? [invalidValue(urls, nonResourceURLs, both)] : []),
  ]
}

function levelFaults(level: string | undefined, path: FieldPath): FieldError[] {
  if (level === undefined || level === '') return [required(path)]
  return (LEVELS as readonly string[]).includes(level) ? [] : [notSupported(path, level, LEVELS)]
}

function urlFaults(url: string, path: FieldPath): FieldError[] {
  if (url === '*') return []
  const faults: FieldError[] = []
  if (!url.startsWith('/')) {
    faults.push(invalidValue(path, url, "non-resource URL rules must begin with a '/' character"))
  }
  if (url.slice(0, -1).includes('*')) {
    faults.push(invalidValue(path, url, "non-resource URL wildcards '*' must be the final character of the rule"))
  }
  return faults
}

function resourceFaults({ group = '', resources = [], resourceNames = [] }: GroupResources, path: FieldPath) {
  const isNamed = group !== '' && group !== '*'
  const names = path.child('resourceNames')
  return [
    ...(isNamed ? invalidEach(path.child('group'), group, dnsSubdomain(group)) : []),
    ...(resourceNames.length > 0 && resources.length === 0
      ? [invalidValue(names, resourceNames, 'using resourceNames requires at least one resource')]
      : []),
  ]
}

function stageFaults(stages: readonly Stage[] = [], path: FieldPath): FieldError[] {
  return stages.flatMap((stage, at) =>
    STAGES.includes(stage) ? [] : [invalidValue(path.index(at), stage, `allowed stages are ${STAGES.join(',')}`)],
  )
}
