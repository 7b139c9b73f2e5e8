/**
 * The old OpenAPI document as protobuf (gnostic's `openapi.v2.Document`), which kubectl before 1.27 reads
 * (https://github.com/google/gnostic-models/blob/main/openapiv2/OpenAPIv2.proto).
 */
import type { Steps } from '../../../base/async/steps.ts'
import type { OpenApiSchema } from './definitions.ts'
import type { SwaggerDocument } from './documents.ts'
import { DocumentWriter, type Members } from './proto-writer.ts'

/** The document's bytes. */
export function swaggerProtobuf(document: SwaggerDocument): Steps<Buffer> {
  return new SwaggerEncoder().document(document)
}

class SwaggerEncoder {
  readonly #out = new DocumentWriter()

  #apiKey({ type, name, in: place, description }: OpenApiSchema): void {
    this.#out.message(2, () => {
      this.#out.text(4, description)
      this.#out.text(3, place)
      this.#out.text(2, name)
      this.#out.text(1, type)
    })
  }

  *document({ swagger, info, paths, definitions, parameters, ...rest }: SwaggerDocument): Steps<Buffer> {
    const out = this.#out
    out.message(13, () => out.named(1, rest.securityDefinitions, (scheme) => this.#apiKey(scheme)))
    for (const demand of rest.security.toReversed()) {
      out.message(12, () => out.named(1, demand, () => undefined))
    }
    out.message(10, () => out.named(1, parameters, (parameter) => this.#parameter(parameter)))
    const schemas = out.namedInSteps(1, definitions, (schema) => this.#schema(schema))
    yield* out.messageInSteps(9, schemas)
    const operations = out.namedInSteps(2, paths, (path) => this.#path(path))
    yield* out.messageInSteps(8, operations)
    out.message(2, () => {
      out.text(2, info.version)
      out.text(1, info.title)
    })
    out.text(1, swagger)
    return out.take()
  }

  #path(path: OpenApiSchema): void {
    this.#parameters(9, path.parameters)
    const methods = [
      [8, 'patch'],
      [7, 'head'],
      [6, 'options'],
      [5, 'delete'],
      [4, 'post'],
      [3, 'put'],
      [2, 'get'],
    ] as const
    for (const [number, method] of methods) {
      const operation = path[method]
      if (operation !== undefined) this.#out.message(number, () => this.#operation(operation as Members))
    }
  }

  #operation(operation: Members): void {
    this.#out.extensions(13, operation)
    this.#out.texts(10, operation.schemes)
    this.#out.message(9, () =>
      this.#out.named(1, operation.responses as Members, (response) => this.#response(response)),
    )
    this.#parameters(8, operation.parameters)
    this.#out.texts(7, operation.consumes)
    this.#out.texts(6, operation.produces)
    this.#out.text(5, operation.operationId)
    this.#out.text(3, operation.description)
    this.#out.texts(1, operation.tags)
  }

  #response(response: OpenApiSchema): void {
    this.#out.message(1, () => {
      const { schema } = response
      if (schema !== undefined)
        this.#out.message(2, () => this.#out.message(1, () => this.#schema(schema as OpenApiSchema)))
      this.#out.text(1, response.description)
    })
  }

  #parameters(number: number, parameters: unknown): void {
    for (const parameter of ((parameters ?? []) as Members[]).toReversed()) {
      const { $ref } = parameter
      this.#out.message(number, () => {
        if ($ref === undefined) this.#out.message(1, () => this.#parameter(parameter))
        else this.#out.message(2, () => this.#out.text(1, $ref))
      })
    }
  }

  #parameter(parameter: Members): void {
    if (parameter.in === 'body') {
      this.#out.message(1, () => {
        this.#out.message(5, () => this.#schema(parameter.schema as OpenApiSchema))
        this.#out.boolean(4, parameter.required)
        this.#out.text(3, parameter.in)
        this.#out.text(2, parameter.name)
      })
      return
    }
    const isPath = parameter.in === 'path'
    this.#out.message(2, () =>
      this.#out.message(isPath ? 4 : 3, () => {
        this.#out.boolean(isPath ? 19 : 20, parameter.uniqueItems)
        this.#out.text(isPath ? 5 : 6, parameter.type)
        this.#out.text(4, parameter.name)
        this.#out.text(3, parameter.description)
        this.#out.text(2, parameter.in)
        this.#out.boolean(1, parameter.required)
      }),
    )
  }

  #schema(schema: OpenApiSchema): void {
    this.#out.extensions(31, schema)
    const { properties, items, type, additionalProperties, required } = schema
    if (properties !== undefined) {
      this.#out.message(25, () => this.#out.named(1, properties as Members, (property) => this.#schema(property)))
    }
    if (items !== undefined)
      this.#out.message(23, () => this.#out.message(1, () => this.#schema(items as OpenApiSchema)))
    if (type !== undefined) this.#out.message(22, () => this.#out.text(1, type))
    if (typeof additionalProperties === 'boolean')
      this.#out.message(21, () => this.#out.boolean(2, additionalProperties))
    else if (additionalProperties !== undefined) {
      this.#out.message(21, () => this.#out.message(1, () => this.#schema(additionalProperties as OpenApiSchema)))
    }
    for (const value of ((schema.enum ?? []) as unknown[]).toReversed())
      this.#out.message(20, () => this.#out.any(value))
    this.#out.texts(19, required)
    this.#out.text(13, schema.pattern)
    if (schema.default !== undefined) this.#out.message(5, () => this.#out.any(schema.default))
    this.#out.text(4, schema.description)
    this.#out.text(3, schema.title)
    this.#out.text(2, schema.format)
    this.#out.text(1, schema.$ref)
  }
}
