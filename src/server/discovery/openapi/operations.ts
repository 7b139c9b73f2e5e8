/** The operations on one resource, as OpenAPI paths: what they take and what they answer. */
import type { DiscoveredResource } from '../groups.ts'

/** The parts of an operation that both versions share; each version writes them its own way. */
export interface Operation {
  readonly method: 'get' | 'put' | 'post' | 'delete' | 'patch'
  /** `list`, `create`, ... as in `x-kubernetes-action`. */
  readonly action: string
  readonly id: string
  readonly description: string
  readonly kind: GroupVersionKind
  readonly query: readonly Parameter[]
  readonly body?: 'object' | 'patch' | 'deleteOptions'
  readonly answer: 'object' | 'list' | 'status'
}

export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

export interface Parameter {
  readonly name: string
  readonly type: 'string' | 'boolean' | 'integer'
  readonly description: string
}

export interface OperationPath {
  readonly path: string
  /** Names in braces. */
  readonly parameters: readonly Parameter[]
  readonly operations: readonly Operation[]
}

const parameter = (name: string, type: Parameter['type'], description: string): Parameter => ({
  name,
  type,
  description,
})

const pretty = parameter('pretty', 'string', 'If true, the answer is indented.')
const dryRun = parameter('dryRun', 'string', 'All: do everything but keep the result.')
const fieldManager = parameter('fieldManager', 'string', 'The name under which the changed fields are managed.')
const fieldValidation = parameter(
  'fieldValidation',
  'string',
  'What to do about unknown and repeated fields: Ignore, Warn (the default) or Strict.',
)
const force = parameter('force', 'boolean', 'With apply: take over fields that others manage.')
const deletion = [
  dryRun,
  parameter('gracePeriodSeconds', 'integer', 'Seconds until the object is gone; zero: at once.'),
  parameter('orphanDependents', 'boolean', 'The old form of propagationPolicy.'),
  parameter('propagationPolicy', 'string', 'What becomes of dependents: Orphan, Background or Foreground.'),
]
const listing = [
  parameter('allowWatchBookmarks', 'boolean', 'A watch may send BOOKMARK events.'),
  parameter('continue', 'string', 'Where a list in pieces goes on.'),
  parameter('fieldSelector', 'string', 'Only objects whose fields are so.'),
  parameter('labelSelector', 'string', 'Only objects whose labels are so.'),
  parameter('limit', 'integer', 'At most so many objects in one answer.'),
  parameter('resourceVersion', 'string', 'The revision to read at or to start from.'),
  parameter('resourceVersionMatch', 'string', 'How resourceVersion is meant: Exact or NotOlderThan.'),
  parameter('sendInitialEvents', 'boolean', 'A watch begins with what is there.'),
  parameter('timeoutSeconds', 'integer', 'How long a list or watch may last.'),
  parameter('watch', 'boolean', 'Follow changes instead of listing.'),
]
const namespaceParameter = parameter('namespace', 'string', 'The namespace of the object.')
const nameParameter = parameter('name', 'string', 'The name of the object.')

/** All paths of a resource and its subresources. */
export function operationPaths(resource: DiscoveredResource): OperationPath[] {
  const root = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`
  const scope = resource.namespaced ? [namespaceParameter] : []
  const base = resource.namespaced
    ? `${root}/namespaces/{namespace}/${resource.resource}`
    : `${root}/${resource.resource}`
  const all = resource.namespaced && resource.verbs.includes('list')
  const paths = [
    { path: base, parameters: scope, operations: collectionOperations(resource) },
    { path: `${base}/{name}`, parameters: [nameParameter, ...scope], operations: itemOperations(resource) },
    ...resource.subresources.map((subresource) => ({
      path: `${base}/{name}/${subresource.name}`,
      parameters: [nameParameter, ...scope],
      operations: itemOperations(resource, subresource),
    })),
    ...(all
      ? [{ path: `${root}/${resource.resource}`, parameters: [], operations: [listOperation(resource, true)] }]
      : []),
  ]
  return paths.filter(({ operations }) => operations.length > 0)
}

function collectionOperations(resource: DiscoveredResource): Operation[] {
  const { verbs } = resource
  const make = operationMaker(resource)
  return [
    ...(verbs.includes('list') ? [listOperation(resource, false)] : []),
    ...(verbs.includes('create')
      ? [make('post', 'post', 'create', { query: [dryRun, fieldManager, fieldValidation, pretty], body: 'object' })]
      : []),
    ...(verbs.includes('deletecollection')
      ? [
          make('delete', 'deletecollection', 'deleteCollection', {
            query: [...deletion, ...listing.filter(({ name }) => !/watch|Watch/.test(name)), pretty],
            body: 'deleteOptions',
            answer: 'status',
          }),
        ]
      : []),
  ]
}

function listOperation(resource: DiscoveredResource, everywhere: boolean): Operation {
  const make = operationMaker(resource, undefined, everywhere)
  return make('get', 'list', 'list', { query: [...listing, pretty], answer: 'list' })
}

function itemOperations(
  resource: DiscoveredResource,
  subresource?: DiscoveredResource['subresources'][number],
): Operation[] {
  const { verbs } = subresource ?? resource
  const make = operationMaker(resource, subresource)
  const writing = [dryRun, fieldManager, fieldValidation]
  return [
    ...(verbs.includes('get') ? [make('get', 'get', 'read', { query: [pretty] })] : []),
    ...(verbs.includes('update')
      ? [make('put', 'put', 'replace', { query: [...writing, pretty], body: 'object' })]
      : []),
    ...(subresource !== undefined && verbs.includes('create')
      ? [make('post', 'post', 'create', { query: [...writing, pretty], body: 'object' })]
      : []),
    ...(verbs.includes('delete')
      ? [make('delete', 'delete', 'delete', { query: [...deletion, pretty], body: 'deleteOptions', answer: 'status' })]
      : []),
    ...(verbs.includes('patch')
      ? [make('patch', 'patch', 'patch', { query: [...writing, force, pretty], body: 'patch' })]
      : []),
  ]
}

function operationMaker(
  resource: DiscoveredResource,
  subresource?: DiscoveredResource['subresources'][number],
  everywhere = false,
) {
  const kind = subresource ?? resource
  const scope = resource.namespaced && !everywhere ? 'Namespaced' : ''
  const names = [resource.group.split('.')[0] || 'core', resource.version].map(capital).join('')
  const what = `${scope}${resource.kind}${capital(subresource?.name ?? '')}${everywhere ? 'ForAllNamespaces' : ''}`
  return (
    method: Operation['method'],
    action: string,
    verb: string,
    rest: Partial<Pick<Operation, 'body' | 'answer'>> & Pick<Operation, 'query'>,
  ): Operation => ({
    method,
    action,
    id: verb === 'deleteCollection' ? `delete${names}Collection${what}` : `${verb}${names}${what}`,
    description: `${verb} ${subresource === undefined ? '' : `${subresource.name} of `}${resource.kind}`,
    kind: { group: kind.group, version: kind.version, kind: kind.kind },
    answer: 'object',
    ...rest,
  })
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
