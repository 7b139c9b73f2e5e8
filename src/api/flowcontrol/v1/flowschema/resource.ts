/** FlowSchema, flowcontrol.apiserver.k8s.io/v1: which requests belong together (https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#flowschema). */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import { dnsLabel, dnsSubdomain } from '../../../../meta/names.ts'
import { forbiddenField, invalidEach, invalidValue, notSupported, required } from '../../../../meta/validation.ts'
import { validateConditionTypes } from '../../../../meta/validate-conditions.ts'
import { ageColumn, nameColumn, textColumn } from '../../../columns.ts'
import type {
  FlowSchema,
  FlowSchemaSpec,
  NonResourcePolicyRule,
  ResourcePolicyRule,
  Subject,
} from '../../../generated/flowcontrol-v1.ts'
import { defineResource } from '../../../resource.ts'
import { dropStatus, keepStatus } from '../../../strategy.ts'

const MAX_PRECEDENCE = 10_000
const DISTINGUISHERS = ['ByNamespace', 'ByUser']
const SUBJECT_KINDS = ['Group', 'ServiceAccount', 'User']
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch']
/** Stands for no namespace among namespaces, where `*` stands for all of them. */
const ALL = '*'

export const flowSchemas = defineResource<FlowSchema>('flowcontrol.apiserver.k8s.io/v1/flowschemas', {
  setDefaults: ({ spec }) => {
    if (spec !== undefined && (spec.matchingPrecedence ?? 0) === 0) spec.matchingPrecedence = 1_000
  },
  prepareForCreate: dropStatus,
  prepareForUpdate: keepStatus,
  keptByStatus: 'metadata',
  validate: ({ metadata, spec }, root) => validateSpec(spec, metadata.name ?? '', root.child('spec')),
  validateStatusUpdate: ({ status }, _old, root) =>
    validateConditionTypes(status?.conditions, root.child('status', 'conditions')),
  columns: [
    nameColumn(),
    textColumn('PriorityLevel', ({ spec }) => spec?.priorityLevelConfiguration?.name ?? ''),
    textColumn('MatchingPrecedence', ({ spec }) => spec?.matchingPrecedence ?? 0),
    textColumn('DistinguisherMethod', ({ spec }) => spec?.distinguisherMethod?.type ?? '<none>'),
    ageColumn(),
    textColumn<FlowSchema>('MissingPL', ({ status }) => {
      const condition = (status?.conditions ?? []).find(({ type }) => type === 'Dangling')
      return condition?.status ?? '?'
    }),
  ],
})

function validateSpec(spec: DeepReadonly<FlowSchemaSpec> | undefined, name: string, path: FieldPath): FieldError[] {
  const { matchingPrecedence: precedence = 0, distinguisherMethod, priorityLevelConfiguration, rules = [] } = spec ?? {}
  const faults: FieldError[] = []
  const at = path.child('matchingPrecedence')
  if (precedence <= 0) faults.push(invalidValue(at, precedence, 'must be a positive value'))
  if (precedence > MAX_PRECEDENCE) {
    faults.push(invalidValue(at, precedence, `must not be greater than ${MAX_PRECEDENCE}`))
  }
  if (precedence === 1 && name !== 'exempt') {
    faults.push(invalidValue(at, precedence, "only the schema named 'exempt' may have matchingPrecedence 1"))
  }
  if (distinguisherMethod !== undefined && !DISTINGUISHERS.includes(distinguisherMethod.type)) {
    const shown = { Type: distinguisherMethod.type }
    faults.push(notSupported(path.child('distinguisherMethod', 'type'), shown, DISTINGUISHERS))
  }
  const level = priorityLevelConfiguration?.name ?? ''
  const levelPath = path.child('priorityLevelConfiguration', 'name')
  if (level === '') faults.push(required(levelPath, 'must reference a priority level'))
  else faults.push(...invalidEach(levelPath, level, dnsSubdomain(level)))
  rules.forEach(({ subjects = [], resourceRules = [], nonResourceRules = [] }, position) => {
    const each = path.child('rules').index(position)
    if (subjects.length === 0) faults.push(required(each.child('subjects'), 'subjects must contain at least one value'))
    subjects.forEach((subject, n) => faults.push(...validateSubject(subject, each.child('subjects').index(n))))
    if (resourceRules.length === 0 && nonResourceRules.length === 0) {
      faults.push(required(each, 'at least one of resourceRules and nonResourceRules has to be non-empty'))
    }
    resourceRules.forEach((rule, n) => faults.push(...resourceFaults(rule, each.child('resourceRules').index(n))))
    nonResourceRules.forEach((rule, n) => faults.push(...pathFaults(rule, each.child('nonResourceRules').index(n))))
  })
  return faults
}

function validateSubject(subject: DeepReadonly<Subject>, path: FieldPath): FieldError[] {
  const { kind, user, group, serviceAccount } = subject
  const parts = { user, group, serviceAccount }
  const own = { User: 'user', Group: 'group', ServiceAccount: 'serviceAccount' }[kind] as keyof typeof parts | undefined
  if (own === undefined) return [notSupported(path.child('kind'), kind ?? '', SUBJECT_KINDS)]
  const faults: FieldError[] = []
  if (parts[own] === undefined)
    faults.push(required(path.child(own), `${own} is required when subject kind is '${kind}'`))
  else if ((parts[own].name ?? '') === '') faults.push(required(path.child(own, 'name')))
  if (kind === 'ServiceAccount' && serviceAccount !== undefined) {
    const { name = '', namespace = '' } = serviceAccount
    if (name !== '' && name !== ALL) faults.push(...invalidEach(path.child(own, 'name'), name, dnsSubdomain(name)))
    if (namespace === '') {
      faults.push(required(path.child(own, 'namespace'), 'must specify namespace for service account'))
    } else {
      faults.push(...invalidEach(path.child(own, 'namespace'), namespace, dnsLabel(namespace)))
    }
  }
  for (const [name, part] of Object.entries(parts)) {
    if (name !== own && part !== undefined) {
      faults.push(forbiddenField(path.child(name), `${name} is forbidden when subject kind is not '${kindOf(name)}'`))
    }
  }
  return faults
}

const kindOf = (name: string) => (name === 'user' ? 'User' : name === 'group' ? 'Group' : 'ServiceAccount')

function resourceFaults(rule: DeepReadonly<ResourcePolicyRule>, path: FieldPath): FieldError[] {
  const { verbs = [], apiGroups = [], resources = [], namespaces = [], clusterScope = false } = rule
  const faults = verbFaults(verbs, path.child('verbs'))
  const missing = (what: string) => `resource rules must supply at least one ${what}`
  faults.push(...wildList(apiGroups, path.child('apiGroups'), [missing('api group'), onlyAll('api groups')]))
  faults.push(...wildList(resources, path.child('resources'), [missing('resource'), onlyAll('resources')]))
  if (namespaces.length === 0 && !clusterScope) {
    faults.push(
      required(
        path.child('namespaces'),
        'resource rules that are not cluster scoped must supply at least one namespace',
      ),
    )
  }
  const at = path.child('namespaces')
  if (namespaces.includes(ALL)) {
    if (namespaces.length > 1) faults.push(invalidValue(at, namespaces, onlyAll('namespaces')))
    return faults
  }
  namespaces.forEach((namespace, position) => {
    const words = dnsLabel(namespace).map(
      (fault) => `each member of this list must be '*' or a DNS-1123 label; ${fault}`,
    )
    faults.push(...invalidEach(at.index(position), namespace, words))
  })
  return faults
}

function pathFaults(rule: DeepReadonly<NonResourcePolicyRule>, path: FieldPath): FieldError[] {
  const { verbs = [], nonResourceURLs = [] } = rule
  const at = path.child('nonResourceURLs')
  const faults = verbFaults(verbs, path.child('verbs'))
  const none = 'nonResourceURLs must contain at least one value'
  faults.push(...wildList(nonResourceURLs, at, [none, onlyAll('non-resource URLs')]))
  if (nonResourceURLs.includes(ALL)) return faults
  nonResourceURLs.forEach((url, position) => {
    const wrong = urlFault(url)
    if (wrong !== undefined) faults.push(invalidValue(at.index(position), url, wrong))
  })
  return faults
}

/** What keeps a text from being a path, or all paths below one (`/a/*`). */
function urlFault(url: string): string | undefined {
  if (url === '') return 'must not be empty'
  if (url === '/') return undefined
  if (!url.startsWith('/')) return 'must start with slash'
  if (url.includes(' ')) return 'must not contain white-space'
  if (url.includes('//')) return 'must not contain double slash'
  const stars = url.split(ALL).length - 1
  return stars > 1 || (stars === 1 && !url.endsWith('/*')) ? 'wildcard can only do suffix matching' : undefined
}

function verbFaults(verbs: readonly string[], path: FieldPath): FieldError[] {
  const faults = wildList(verbs, path, ['verbs must contain at least one value', onlyAll('verbs')])
  if (!verbs.includes(ALL) && !verbs.every((verb) => VERBS.includes(verb))) {
    faults.push(notSupported(path, verbs, VERBS))
  }
  return faults
}

const onlyAll = (what: string) => `if '*' is present, must not specify other ${what}`

/** A list that is not empty, and has `*` alone. */
function wildList(texts: readonly string[], path: FieldPath, [none, mixed]: readonly [string, string]): FieldError[] {
  if (texts.length === 0) return [required(path, none)]
  return texts.length > 1 && texts.includes(ALL) ? [invalidValue(path, texts, mixed)] : []
}
