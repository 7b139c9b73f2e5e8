/**
 * An OpenAPI document of version 3 as protobuf (gnostic's `openapi.v3.Document`), which client-go reads
 * (https://github.com/google/gnostic-models/blob/main/openapiv3/OpenAPIv3.proto).
 */
import type { Steps } from '../../../base/async/steps.ts'
import type { OpenApiSchema } from './definitions.ts'
import type { OpenApiDocument } from './documents.ts'
import { DocumentWriter, type Members } from './proto-writer.ts'

/** The document's bytes. */
export function openApiProtobuf(document: OpenApiDocument): Steps<Buffer> {
  return new OpenApiEncoder().document(document)
}

class OpenApiEncoder {
  readonly #out = new DocumentWriter()

  #securityScheme(scheme: OpenApiSchema): void {
    this.#out.text(4, scheme.in)
    this.#out.text(3, scheme.name)
    this.#out.text(2, scheme.description)
    this.#out.text(1, scheme.type)
  }

  *document({ openapi, info, paths, components }: OpenApiDocument): Steps<Buffer> {
    const out = this.#out
    yield* out.messageInSteps(5, this.#components(components))
    const operations = out.namedInSteps(1, paths, (path) => this.#path(path))
    yield* out.messageInSteps(4, operations)
    out.message(2, () => {
      out.text(6, info.version)
      out.text(1, info.title)
    })
    out.text(1, openapi)
    return out.take()
  }

  *#components({ schemas, securitySchemes }: OpenApiDocument['components']): Steps<void> {
    const out = this.#out
    out.message(7, () => out.named(1, securitySchemes, (scheme) => out.message(1, () => this.#securityScheme(scheme))))
    const all = out.namedInSteps(1, schemas, (schema) => this.#schemaOrReference(schema))
    yield* out.messageInSteps(1, all)
  }

  #path(path: OpenApiSchema): void {
    this.#parameters(13, path.parameters)
    const methods = [
      [10, 'patch'],
      [9, 'head'],
      [8, 'options'],
      [7, 'delete'],
      [6, 'post'],
      [5, 'put'],
      [4, 'get'],
    ] as const
    for (const [number, method] of methods) {
      const operation = path[method]
      if (operation !== undefined) this.#out.message(number, () => this.#operation(operation as Members))
    }
  }

  #operation(operation: Members): void {
    const out = this.#out
    out.extensions(13, operation)
    const responses = operation.responses as Members
    out.message(8, () => out.named(2, responses, (response) => out.message(1, () => this.#response(response))))
    const body = operation.requestBody as OpenApiSchema | undefined
    if (body !== undefined) out.message(7, () => out.message(1, () => this.#requestBody(body)))
    this.#parameters(6, operation.parameters)
    out.text(5, operation.operationId)
    out.text(3, operation.description)
    out.texts(1, operation.tags)
  }

  #requestBody({ content, required }: OpenApiSchema): void {
    this.#out.boolean(3, required)
    this.#content(2, content)
  }

  #response({ content, description }: OpenApiSchema): void {
    this.#content(3, content)
    this.#out.text(1, description)
  }

  #content(number: number, content: unknown): void {
    const out = this.#out
    if (content === undefined) return
    out.message(number, () =>
      out.named(1, content as Members, ({ schema }) =>
        out.message(1, () => this.#schemaOrReference(schema as OpenApiSchema)),
      ),
    )
  }

  #parameters(number: number, parameters: unknown): void {
    const out = this.#out
    for (const parameter of ((parameters ?? []) as Members[]).toReversed()) {
      out.message(number, () =>
        out.message(1, () => {
          out.message(10, () => this.#schemaOrReference(parameter.schema as OpenApiSchema))
          out.boolean(4, parameter.required)
          out.text(3, parameter.description)
          out.text(2, parameter.in)
          out.text(1, parameter.name)
        }),
      )
    }
  }

  #schemaOrReference(schema: OpenApiSchema): void {
    const out = this.#out
    if (schema.$ref === undefined) out.message(1, () => this.#schema(schema))
    else out.message(2, () => out.text(1, schema.$ref))
  }

  #schemas(number: number, schemas: unknown): void {
    for (const schema of ((schemas ?? []) as OpenApiSchema[]).toReversed()) {
      this.#out.message(number, () => this.#schemaOrReference(schema))
    }
  }

  #schema(schema: OpenApiSchema): void {
    const out = this.#out
    const { additionalProperties: additional, items, properties } = schema
    out.extensions(36, schema)
    out.text(35, schema.format)
    out.text(34, schema.description)
    this.#default(schema.default)
    if (typeof additional === 'boolean') out.message(32, () => out.flag(2, additional))
    else if (additional !== undefined) {
      out.message(32, () => out.message(1, () => this.#schemaOrReference(additional as OpenApiSchema)))
    }
    if (properties !== undefined) {
      out.message(31, () => out.named(1, properties as Members, (property) => this.#schemaOrReference(property)))
    }
    if (items !== undefined) out.message(30, () => this.#schemas(1, [items]))
    if (schema.not !== undefined) out.message(29, () => this.#schema(schema.not as OpenApiSchema))
    this.#schemas(28, schema.anyOf)
    this.#schemas(27, schema.oneOf)
    this.#schemas(26, schema.allOf)
    out.text(25, schema.type)
    for (const value of ((schema.enum ?? []) as unknown[]).toReversed()) out.message(24, () => out.any(value))
    out.texts(23, schema.required)
    this.#bounds(schema)
    out.text(9, schema.title)
    out.boolean(1, schema.nullable)
  }

  #bounds(schema: OpenApiSchema): void {
    const out = this.#out
    out.whole(22, schema.minProperties)
    out.whole(21, schema.maxProperties)
    out.boolean(20, schema.uniqueItems)
    out.whole(19, schema.minItems)
    out.whole(18, schema.maxItems)
    out.text(17, schema.pattern)
    out.whole(16, schema.minLength)
    out.whole(15, schema.maxLength)
    out.boolean(14, schema.exclusiveMinimum)
    out.double(13, schema.minimum)
    out.boolean(12, schema.exclusiveMaximum)
    out.double(11, schema.maximum)
    out.double(10, schema.multipleOf)
  }

  /** Only single values can be told; of any other it is told that there is one. */
  #default(value: unknown): void {
    const out = this.#out
    if (typeof value === 'string') out.message(33, () => out.text(3, value, true))
    else if (typeof value === 'boolean') out.message(33, () => out.flag(2, value))
    else if (typeof value === 'number') out.message(33, () => out.double(1, value, true))
    else if (value !== undefined) out.message(33, () => {})
  }
}
