/** The operations on one resource, as OpenAPI paths: what they take and what they answer. */
import { schemaOf } from '../../../api/schemas.ts'
import type { ScalarKind } from '../../../wire/schema.ts'
import type { DiscoveredResource } from '../groups.ts'
import { answersWithObject } from '../../verbs/deleted-answer.ts'
import * as parameters from './parameters.ts'
import type { Parameter } from './parameters.ts'

/** The parts of an operation that both versions share; each version writes them its own way. */
export interface Operation {
  readonly method: 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch'
  /** `list`, `create`, ... as in `x-kubernetes-action`. */
  readonly action: string
  readonly id: string
  /** Of the group and version whose path it is. */
  readonly tag: string
  readonly description: string
  readonly kind: GroupVersionKind
  readonly query: readonly Parameter[]
  readonly body?: 'object' | 'patch' | 'deleteOptions'
  /** `any`: whatever the program says that the request is passed on to. */
  readonly answer: 'object' | 'list' | 'status' | 'watchEvent' | 'text' | 'any'
  /** The answer may come as a stream of events. */
  readonly isStream?: boolean
  /** Codes of success beside 200. */
  readonly codes: readonly ('201' | '202')[]
}

export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

export interface OperationPath {
  readonly path: string
  /** Names in braces. */
  readonly parameters: readonly Parameter[]
  readonly operations: readonly Operation[]
}

type Subresource = DiscoveredResource['subresources'][number]

/** All paths of a resource and its subresources. */
export function operationPaths(resource: DiscoveredResource): OperationPath[] {
  const { group, version, namespaced, verbs, resource: plural } = resource
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const scope = namespaced ? [parameters.namespace] : []
  const below = namespaced ? `namespaces/{namespace}/${plural}` : plural
  const base = `${root}/${below}`
  const named = [nameOf(resource.kind), ...scope]
  const isEverywhere = namespaced && verbs.includes('list')
  const paths: OperationPath[] = [
    { path: base, parameters: scope, operations: collectionOperations(resource) },
    { path: `${base}/{name}`, parameters: named, operations: itemOperations(resource) },
    ...resource.subresources.flatMap((one) => subresourcePaths(resource, one, { base, scope })),
    ...(isEverywhere
      ? [{ path: `${root}/${plural}`, parameters: [], operations: [listOperation(resource, true)] }]
      : []),
  ]
  if (verbs.includes('watch')) {
    const watch = `${root}/watch`
    paths.push(
      { path: `${watch}/${below}`, parameters: scope, operations: [watchOperation(resource, 'watchlist', false)] },
      ...(verbs.includes('get')
        ? [
            {
              path: `${watch}/${below}/{name}`,
              parameters: named,
              operations: [watchOperation(resource, 'watch', false)],
            },
          ]
        : []),
      ...(namespaced
        ? [
            {
              path: `${watch}/${plural}`,
              parameters: [],
              operations: [watchOperation(resource, 'watchlist', true)],
            },
          ]
        : []),
    )
  }
  return paths.filter(({ operations }) => operations.length > 0)
}

const nameOf = (kind: string): Parameter => ({ ...parameters.name, description: `The name of the ${kind}.` })

const CONNECTS: ReadonlySet<string> = new Set(['attach', 'exec', 'portforward', 'proxy'])
const METHODS_OF_PROXIES = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'] as const
const METHODS_OF_STREAMS = ['get', 'post'] as const

function subresourcePaths(
  resource: DiscoveredResource,
  subresource: Subresource,
  { base, scope }: { readonly base: string; readonly scope: readonly Parameter[] },
): OperationPath[] {
  const path = `${base}/{name}/${subresource.name}`
  const named = [nameOf(subresource.kind), ...scope]
  if (!CONNECTS.has(subresource.name)) {
    return [{ path, parameters: named, operations: itemOperations(resource, subresource) }]
  }
  if (subresource.name !== 'proxy') {
    return [{ path, parameters: named, operations: connectOperations(resource, subresource, METHODS_OF_STREAMS) }]
  }
  const operations = (isBelow: boolean) => connectOperations(resource, subresource, METHODS_OF_PROXIES, isBelow)
  return [
    { path, parameters: named, operations: operations(false) },
    { path: `${path}/{path}`, parameters: [...named, parameters.proxiedPath], operations: operations(true) },
  ]
}

/** The fields of a kind of options, as a query has them. */
function optionParameters(type: string): Parameter[] {
  return [...(schemaOf(type)?.fields.values() ?? [])].flatMap(({ name, shape }) => {
    // A time is no text to Kubernetes, so that it leaves sinceTime out, though it takes it.
    const isTime = shape.kind === 'scalar' && shape.scalar === 'Time'
    if (name === 'kind' || name === 'apiVersion' || isTime) return []
    const inner = shape.kind === 'list' ? shape.of : shape
    const scalar = inner.kind === 'scalar' ? inner.scalar : 'string'
    const description = `As in ${type.slice(type.indexOf('.') + 1)}.`
    return [{ name, in: 'query', type: QUERY_TYPES[scalar] ?? 'string', description }]
  })
}

const QUERY_TYPES: Readonly<Partial<Record<ScalarKind, Parameter['type']>>> = {
  boolean: 'boolean',
  int32: 'integer',
  int64: 'integer',
}

/** What is passed on to a container, a Pod, a Service or a node. */
function connectOperations(
  resource: DiscoveredResource,
  subresource: Subresource,
  methods: readonly Operation['method'][],
  isBelow = false,
): Operation[] {
  const query = optionParameters(subresource.type)
  const make = operationMaker(resource, subresource)
  return methods.map((method) => {
    const made = make(method, 'connect', `connect`, { query, answer: 'any', codes: [] })
    const id = made.id.replace(/^connect(.*?V\d\w*?)(?=Namespaced|Node)/, `connect$1${capital(method)}`)
    return { ...made, id: isBelow ? `${id}WithPath` : id }
  })
}

function collectionOperations(resource: DiscoveredResource): Operation[] {
  const { verbs } = resource
  const make = operationMaker(resource)
  return [
    ...(verbs.includes('list') ? [listOperation(resource, false)] : []),
    ...(verbs.includes('create')
      ? [make('post', 'post', 'create', { query: parameters.writing, body: 'object', codes: ['201', '202'] })]
      : []),
    ...(verbs.includes('deletecollection')
      ? [
          make('delete', 'deletecollection', 'deleteCollection', {
            query: [...parameters.deletion, ...parameters.listing.filter(({ name }) => !/watch|Watch/.test(name))],
            body: 'deleteOptions',
            answer: 'status',
            codes: [],
          }),
        ]
      : []),
  ]
}

function listOperation(resource: DiscoveredResource, isEverywhere: boolean): Operation {
  const make = operationMaker(resource, undefined, isEverywhere)
  return make('get', 'list', 'list', { query: parameters.listing, answer: 'list', isStream: true, codes: [] })
}

/** The old way to follow changes: a path of its own. */
function watchOperation(resource: DiscoveredResource, action: 'watch' | 'watchlist', isEverywhere: boolean): Operation {
  const make = operationMaker(resource, undefined, isEverywhere, action === 'watchlist' ? 'List' : '')
  const query = parameters.listing
  return make('get', action, 'watch', { query, answer: 'watchEvent', isStream: true, codes: [] })
}

function itemOperations(resource: DiscoveredResource, subresource?: Subresource): Operation[] {
  const { verbs } = subresource ?? resource
  const make = operationMaker(resource, subresource)
  const { writing, deletion, force } = parameters
  const answer = answersWithObject(resource) ? 'object' : 'status'
  const reading: Rest =
    subresource?.name === 'log'
      ? { query: optionParameters('core/v1.PodLogOptions'), answer: 'text', codes: [] }
      : { query: [], codes: [] }
  return [
    ...(verbs.includes('get') ? [make('get', 'get', 'read', reading)] : []),
    ...(verbs.includes('update')
      ? [make('put', 'put', 'replace', { query: writing, body: 'object', codes: ['201'] })]
      : []),
    ...(subresource !== undefined && verbs.includes('create')
      ? [make('post', 'post', 'create', { query: writing, body: 'object', codes: ['201', '202'] })]
      : []),
    ...(verbs.includes('delete')
      ? [make('delete', 'delete', 'delete', { query: deletion, body: 'deleteOptions', answer, codes: ['202'] })]
      : []),
    ...(verbs.includes('patch')
      ? [make('patch', 'patch', 'patch', { query: [...writing, force], body: 'patch', codes: ['201'] })]
      : []),
  ]
}

type Rest = Partial<Pick<Operation, 'body' | 'answer' | 'isStream'>> & Pick<Operation, 'query' | 'codes'>

function operationMaker(
  resource: DiscoveredResource,
  subresource?: Subresource,
  isEverywhere = false,
  suffix: 'List' | '' = '',
) {
  const { group, version } = resource
  const kind = subresource ?? resource
  const scope = resource.namespaced && !isEverywhere ? 'Namespaced' : ''
  const names = `${capital(groupName(group))}${capital(version)}`
  const everywhere = isEverywhere ? 'ForAllNamespaces' : ''
  const what = `${scope}${resource.kind}${capital(subresource?.name ?? '')}${suffix}${everywhere}`
  return (method: Operation['method'], action: string, verb: string, rest: Rest): Operation => ({
    method,
    action,
    id: verb === 'deleteCollection' ? `delete${names}Collection${what}` : `${verb}${names}${what}`,
    tag: `${groupName(group)}_${version}`,
    description: `${verb} ${subresource === undefined ? '' : `${subresource.name} of `}${resource.kind}`,
    kind: { group: kind.group, version: kind.version, kind: kind.kind },
    answer: 'object',
    ...rest,
    query: rest.answer === 'any' ? rest.query : [...rest.query, parameters.pretty],
  })
}

/** As names of operations have it: `core`, `apps`, `rbacAuthorization`. */
export function groupName(group: string): string {
  if (group === '') return 'core'
  const [first = '', ...others] = group.replace(/\.k8s\.io$/, '').split('.')
  return first + others.map(capital).join('')
}

/** The word as it begins in the middle of a name. */
export function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
