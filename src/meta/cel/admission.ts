/**
 * The environment of admission policies and of webhooks' match conditions
 * (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#validation-expression).
 */

import { type Environment, extend, type Fields } from './environment.ts'
import { kubernetesEnvironment } from './kubernetes.ts'
import { jsonpatch } from './libraries/jsonpatch.ts'
import { type CelType, DYN, objectType, readType, STRING } from './types.ts'

/** What an expression of a policy sees besides the objects and the request. */
export interface AdmissionOptions {
  /** Whether the policy has parameters. */
  readonly params: boolean
  /** Whether the expression may ask what the user is allowed; it may unless this says otherwise. */
  readonly authorizer?: boolean
  /** Whether the expression makes patches: it may name `Object` and `JSONPatch`. */
  readonly patches?: boolean
  /** The policy's own variables, in their order; absent where it has none. */
  readonly variables?: ReadonlyMap<string, CelType>
}

const VARIABLES = 'kubernetes.variables'
const kept = new Map<string, Environment>()

/** The environment for an expression of a policy. */
export function admissionEnvironment({ variables, ...options }: AdmissionOptions): Environment {
  const { params, authorizer = true, patches = false } = options
  const key = `${params} ${authorizer} ${patches}`
  const base = kept.get(key) ?? makeBase({ params, authorizer, patches })
  kept.set(key, base)
  if (variables === undefined) return base
  return extend(base, {
    variables: { variables: objectType(VARIABLES) },
    objects: (name) => (name === VARIABLES ? { field: (field) => variables.get(field) } : undefined),
  })
}

function makeBase({ params, authorizer, patches }: Required<Omit<AdmissionOptions, 'variables'>>): Environment {
  return extend(kubernetesEnvironment(), {
    variables: {
      object: DYN,
      oldObject: DYN,
      namespaceObject: objectType('kubernetes.Namespace'),
      request: objectType('kubernetes.AdmissionRequest'),
      ...(authorizer && AUTHORIZER_VARIABLES),
      ...(params && { params: DYN }),
    },
    libraries: patches ? [jsonpatch] : [],
    objects: (name) => OBJECTS.get(name) ?? (patches ? patchObject(name) : undefined),
  })
}

/** What is known of the objects that a policy is about. */
export interface TypedOptions {
  readonly object: CelType
  /** Absent where the policy has no parameters. */
  readonly params?: CelType
  /** The fields of these types. */
  readonly objects: (name: string) => Fields | undefined
  readonly variables: ReadonlyMap<string, CelType>
}

/** The environment in which expressions of a policy are checked against the types of what they are about. */
export function typedEnvironment({ object, params, objects, variables }: TypedOptions): Environment {
  return extend(kubernetesEnvironment(), {
    variables: {
      object,
      oldObject: object,
      namespaceObject: objectType('kubernetes.Namespace'),
      request: objectType('kubernetes.AdmissionRequest'),
      authorizer: AUTHORIZER_VARIABLES.authorizer,
      variables: objectType(VARIABLES),
      ...(params && { params }),
    },
    objects: (name) =>
      name === VARIABLES ? { field: (field) => variables.get(field) } : (OBJECTS.get(name) ?? objects(name)),
  })
}

const AUTHORIZER_VARIABLES = {
  authorizer: objectType('kubernetes.authorization.Authorizer'),
  'authorizer.requestResource': objectType('kubernetes.authorization.ResourceCheck'),
}

/** Objects that patches are made of: any field may be set. */
function patchObject(name: string): Fields | undefined {
  if (name === 'JSONPatch') return JSON_PATCH
  return name === 'Object' || name.startsWith('Object.') ? { field: () => DYN } : undefined
}

const fields = (types: Readonly<Record<string, string>>): Fields => ({
  field: (name) => (Object.hasOwn(types, name) ? readType(types[name] as string) : undefined),
})

const JSON_PATCH: Fields = {
  field: (name) => (['op', 'from', 'path'].includes(name) ? STRING : name === 'value' ? DYN : undefined),
}

const KIND = 'kubernetes.GroupVersionKind'
const RESOURCE = 'kubernetes.GroupVersionResource'

const OBJECTS: ReadonlyMap<string, Fields> = new Map([
  [KIND, fields({ group: 'string', version: 'string', kind: 'string' })],
  [RESOURCE, fields({ group: 'string', version: 'string', resource: 'string' })],
  [
    'kubernetes.UserInfo',
    fields({ username: 'string', uid: 'string', groups: 'list(string)', extra: 'map(string, list(string))' }),
  ],
  [
    'kubernetes.AdmissionRequest',
    fields({
      kind: KIND,
      resource: RESOURCE,
      subResource: 'string',
      requestKind: KIND,
      requestResource: RESOURCE,
      requestSubResource: 'string',
      name: 'string',
      namespace: 'string',
      operation: 'string',
      userInfo: 'kubernetes.UserInfo',
      dryRun: 'bool',
      options: 'dyn',
    }),
  ],
  [
    'kubernetes.Namespace',
    fields({
      metadata: 'kubernetes.NamespaceMetadata',
      spec: 'kubernetes.NamespaceSpec',
      status: 'kubernetes.NamespaceStatus',
    }),
  ],
  ['kubernetes.NamespaceSpec', fields({ finalizers: 'list(string)' })],
  ['kubernetes.NamespaceStatus', fields({ conditions: 'list(kubernetes.NamespaceCondition)', phase: 'string' })],
  [
    'kubernetes.NamespaceCondition',
    fields({ status: 'string', type: 'string', lastTransitionTime: 'timestamp', message: 'string', reason: 'string' }),
  ],
  [
    'kubernetes.NamespaceMetadata',
    fields({
      name: 'string',
      generateName: 'string',
      namespace: 'string',
      labels: 'map(string, string)',
      annotations: 'map(string, string)',
      UID: 'string',
      creationTimestamp: 'timestamp',
      deletionGracePeriodSeconds: 'int',
      deletionTimestamp: 'timestamp',
      generation: 'int',
      resourceVersion: 'string',
      finalizers: 'list(string)',
    }),
  ],
])
