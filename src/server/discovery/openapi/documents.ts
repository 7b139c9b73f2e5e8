/**
 * OpenAPI documents of what is served: version 3 by group and version, version 2 for everything at once
 * (https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-interface-definition).
 */
import { schemaOf } from '../../../api/schemas.ts'
import type { Steps } from '../../../base/async/steps.ts'
import type { DiscoveredResource } from '../groups.ts'
import { Definitions, type OpenApiSchema, type OpenApiVersion } from './definitions.ts'
import { customName } from './names.ts'
import { operationPaths, type Operation, type OperationPath } from './operations.ts'
import type { Parameter } from './parameters.ts'
import { type DiscoveryOperation, type DocumentPart, VERSION_TYPE } from './parts.ts'
import { SharedParameters } from './shared-parameters.ts'
import { withoutNewKeywords } from './structural.ts'
import { versionSchema } from './version-schema.ts'

const bodyTypes = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']
const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
]
const objectMeta = 'meta/v1.ObjectMeta'

const securitySchemes = {
  BearerToken: { type: 'apiKey', description: 'A bearer token.', name: 'authorization', in: 'header' },
}

/** The document of one part, such as a group and version. `version` is the server's, such as `1.36`. */
export function* openApiV3(part: DocumentPart, version: string): Steps<OpenApiDocument> {
  const definitions = new Definitions(3, part.resources[0])
  const paths = yield* pathsOf([part], definitions, {
    ofResource: pathV3,
    ofDiscovery: (operation) => discoveryV3(operation, definitions),
    version: 3,
  })
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version },
    paths,
    components: { schemas: definitions.all(), securitySchemes },
  }
}

/** The document of everything. */
export function* openApiV2(parts: readonly DocumentPart[], version: string): Steps<SwaggerDocument> {
  const definitions = new Definitions(2)
  const shared = new SharedParameters()
  const paths = yield* pathsOf(parts, definitions, {
    ofResource: (path, types) => pathV2(path, types, shared),
    ofDiscovery: (operation) => discoveryV2(operation, definitions),
    version: 2,
  })
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version },
    paths,
    definitions: definitions.all(),
    parameters: shared.all(),
    securityDefinitions: securitySchemes,
    security: [{ BearerToken: [] }],
  }
}

export interface OpenApiDocument {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: Readonly<Record<string, OpenApiSchema>>
  readonly components: {
    readonly schemas: Readonly<Record<string, OpenApiSchema>>
    readonly securitySchemes: Readonly<Record<string, OpenApiSchema>>
  }
}

export interface SwaggerDocument {
  readonly swagger: string
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: Readonly<Record<string, OpenApiSchema>>
  readonly definitions: Readonly<Record<string, OpenApiSchema>>
  readonly parameters: Readonly<Record<string, OpenApiSchema>>
  readonly securityDefinitions: Readonly<Record<string, OpenApiSchema>>
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
}

/** How one version writes paths. */
interface PathWriter {
  readonly version: OpenApiVersion
  ofResource(path: OperationPath, types: ResourceTypes): OpenApiSchema
  ofDiscovery(operation: DiscoveryOperation): OpenApiSchema
}

/** Others have their turn after each resource. */
function* pathsOf(
  parts: readonly DocumentPart[],
  definitions: Definitions,
  writer: PathWriter,
): Steps<Record<string, OpenApiSchema>> {
  const paths: (readonly [string, OpenApiSchema])[] = []
  for (const { resources, discovery } of parts) {
    paths.push([discovery.path, { get: writer.ofDiscovery(discovery) }])
    for (const resource of resources) {
      const types = new ResourceTypes(resource, definitions, writer.version)
      for (const path of operationPaths(resource)) paths.push([path.path, writer.ofResource(path, types)])
      yield
    }
  }
  return Object.fromEntries(paths.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** The schemas that the operations of one resource speak of. */
class ResourceTypes {
  readonly #resource: DiscoveredResource
  readonly #definitions: Definitions

  constructor(resource: DiscoveredResource, definitions: Definitions, version: OpenApiVersion) {
    this.#resource = resource
    this.#definitions = definitions
    if (schemaOf(resource.type) === undefined) this.#addCustom(version)
  }

  body(operation: Operation): OpenApiSchema {
    if (operation.body === 'deleteOptions') return this.#definitions.reference('meta/v1.DeleteOptions')
    if (operation.body === 'patch')
      return this.#definitions.add(`io.k8s.apimachinery.pkg.apis.meta.v1.Patch`, patchSchema)
    return this.#object(operation)
  }

  answer(operation: Operation): OpenApiSchema {
    if (operation.answer === 'status') return this.#definitions.reference('meta/v1.Status')
    if (operation.answer === 'watchEvent') return this.#definitions.reference('meta/v1.WatchEvent')
    if (operation.answer === 'text' || operation.answer === 'any') return { type: 'string' }
    if (operation.answer === 'object') return this.#object(operation)
    const list = `${this.#resource.type}List`
    if (schemaOf(list) !== undefined) return this.#definitions.reference(list)
    const { group, version, kind } = this.#resource
    return this.#definitions.referenceTo(customName(group, version, `${kind}List`))
  }

  #object({ kind }: Operation): OpenApiSchema {
    const { group, version, subresources, type } = this.#resource
    const isOwn = kind.kind === this.#resource.kind && kind.group === group && kind.version === version
    const key = isOwn ? type : subresources.find((candidate) => candidate.kind === kind.kind)?.type
    if (key !== undefined && schemaOf(key) !== undefined) return this.#definitions.reference(key)
    return this.#definitions.referenceTo(customName(group, version, this.#resource.kind))
  }

  #addCustom(openApiVersion: OpenApiVersion): void {
    const { group, version, kind, openApiSchema = { type: 'object' } } = this.#resource
    const own = openApiVersion === 2 ? withoutNewKeywords(openApiSchema) : openApiSchema
    const gvk = (name: string) => ({ 'x-kubernetes-group-version-kind': [{ group, kind: name, version }] })
    const typeMeta = { apiVersion: { type: 'string' }, kind: { type: 'string' } }
    const item = this.#definitions.add(customName(group, version, kind), {
      ...own,
      properties: {
        ...(own.properties as object | undefined),
        ...typeMeta,
        metadata: this.#definitions.reference(objectMeta),
      },
      ...gvk(kind),
    })
    this.#definitions.add(customName(group, version, `${kind}List`), {
      description: `${kind}List is a list of ${kind}`,
      type: 'object',
      required: ['items'],
      properties: {
        ...typeMeta,
        items: { type: 'array', items: item },
        metadata: this.#definitions.reference('meta/v1.ListMeta'),
      },
      ...gvk(`${kind}List`),
    })
  }
}

const patchSchema = { type: 'object', description: 'A patch, in the form that its content type names.' }

const STREAMS = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']

function answerTypes({ answer, isStream }: Operation): readonly string[] {
  if (answer === 'any') return ['*/*']
  if (answer === 'text') return ['text/plain', ...bodyTypes]
  return isStream === true ? [...bodyTypes, ...STREAMS] : bodyTypes
}

/** A path with what its operations say; parameters that all of them share are the path's. */
function pathOf(
  { parameters, operations }: OperationPath,
  write: (parameter: Parameter) => OpenApiSchema,
  operationOf: (operation: Operation, own: readonly OpenApiSchema[]) => OpenApiSchema,
): OpenApiSchema {
  const isShared = ({ name }: Parameter) => operations.every(({ query }) => query.some((one) => one.name === name))
  const shared = [...parameters, ...(operations[0]?.query.filter(isShared) ?? [])]
  const list = (all: readonly Parameter[]) => all.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(write)
  const written = operations.map((operation) => {
    const own = operation.query.filter((one) => !isShared(one))
    return [operation.method, { ...common(operation), ...operationOf(operation, list(own)) }] as const
  })
  return { ...Object.fromEntries(written), ...(shared.length === 0 ? {} : { parameters: list(shared) }) }
}

function pathV3(path: OperationPath, types: ResourceTypes): OpenApiSchema {
  const write = ({ name, in: place, description, type }: Parameter) => ({
    name,
    in: place,
    description,
    ...(place === 'path' ? { required: true } : {}),
    schema: { type, uniqueItems: true },
  })
  const content = (contentTypes: readonly string[], schema: OpenApiSchema) =>
    Object.fromEntries(contentTypes.map((type) => [type, { schema }]))
  return pathOf(path, write, (operation, own) => ({
    ...(own.length === 0 ? {} : { parameters: own }),
    ...(operation.body === undefined
      ? {}
      : {
          requestBody: {
            content: content(operation.body === 'patch' ? patchTypes : ['*/*'], types.body(operation)),
            ...(operation.body === 'deleteOptions' ? {} : { required: true }),
          },
        }),
    responses: responses(operation, { content: content(answerTypes(operation), types.answer(operation)) }),
  }))
}

function pathV2(path: OperationPath, types: ResourceTypes, shared: SharedParameters): OpenApiSchema {
  const write = ({ name, in: place, description, type }: Parameter) =>
    shared.reference({
      name,
      in: place,
      description,
      type,
      uniqueItems: true,
      ...(place === 'path' ? { required: true } : {}),
    })
  return pathOf(path, write, (operation, own) => {
    const required = operation.body === 'deleteOptions' ? {} : { required: true }
    const body =
      operation.body === undefined
        ? []
        : [shared.reference({ name: 'body', in: 'body', ...required, schema: types.body(operation) })]
    const all = [...body, ...own]
    return {
      consumes: operation.body === 'patch' ? patchTypes : ['*/*'],
      produces: answerTypes(operation),
      schemes: ['https'],
      ...(all.length === 0 ? {} : { parameters: all }),
      responses: responses(operation, { schema: types.answer(operation) }),
    }
  })
}

function discoveryV3(operation: DiscoveryOperation, definitions: Definitions): OpenApiSchema {
  const schema = answerOf(operation, definitions, 3)
  const content = Object.fromEntries(operation.produces.map((type) => [type, { schema }]))
  return { ...commonOf(operation), responses: { '200': { description: 'OK', content }, ...UNAUTHORIZED } }
}

function discoveryV2(operation: DiscoveryOperation, definitions: Definitions): OpenApiSchema {
  const { consumes, produces } = operation
  return {
    ...commonOf(operation),
    ...(consumes === undefined ? {} : { consumes }),
    produces,
    schemes: ['https'],
    responses: { '200': { description: 'OK', schema: answerOf(operation, definitions, 2) }, ...UNAUTHORIZED },
  }
}

function commonOf({ tag, description, id }: DiscoveryOperation): OpenApiSchema {
  return { tags: [tag], description, operationId: id }
}

function answerOf({ answer }: DiscoveryOperation, definitions: Definitions, version: OpenApiVersion): OpenApiSchema {
  if (answer === undefined) return { type: 'string' }
  return answer === VERSION_TYPE ? definitions.add(answer, versionSchema(version)) : definitions.reference(answer)
}

function common({ id, tag, description, action, kind }: Operation): OpenApiSchema {
  return {
    tags: [tag],
    description,
    operationId: id,
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group: kind.group, kind: kind.kind, version: kind.version },
  }
}

const UNAUTHORIZED = { '401': { description: 'Unauthorized' } }
const SUCCESSES = { '201': 'Created', '202': 'Accepted' } as const

function responses({ codes }: Operation, answer: object): OpenApiSchema {
  return {
    '200': { description: 'OK', ...answer },
    ...Object.fromEntries(codes.map((code) => [code, { description: SUCCESSES[code], ...answer }])),
    ...UNAUTHORIZED,
  }
}
