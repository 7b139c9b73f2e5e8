/**
 * The old OpenAPI document as protobuf (gnostic's `openapi.v2.Document`), which kubectl before 1.27 reads
 * (https://github.com/google/gnostic-models/blob/main/openapiv2/OpenAPIv2.proto).
 */
import { ReverseWriter } from '../../../wire/protobuf/writer.ts'
import type { OpenApiSchema } from './definitions.ts'
import type { SwaggerDocument } from './documents.ts'

type Members = Readonly<Record<string, unknown>>
/** Writes the fields of a message, last field first. */
type Write = () => void

/** The document's bytes. */
export function swaggerProtobuf(document: SwaggerDocument): Buffer {
  const encoder = new SwaggerEncoder()
  return encoder.document(document)
}

class SwaggerEncoder {
  readonly #writer = new ReverseWriter()

  document({ swagger, info, paths, definitions }: SwaggerDocument): Buffer {
    this.#message(9, () => this.#named(1, definitions, (schema) => this.#schema(schema)))
    this.#message(8, () => this.#named(2, paths, (path) => this.#path(path)))
    this.#message(2, () => {
      this.#text(2, info.version)
      this.#text(1, info.title)
    })
    this.#text(1, swagger)
    return this.#writer.take()
  }

  #path(path: OpenApiSchema): void {
    this.#parameters(9, path.parameters)
    const methods = [
      [8, 'patch'],
      [5, 'delete'],
      [4, 'post'],
      [3, 'put'],
      [2, 'get'],
    ] as const
    for (const [number, method] of methods) {
      const operation = path[method]
      if (operation !== undefined) this.#message(number, () => this.#operation(operation as Members))
    }
  }

  #operation(operation: Members): void {
    this.#extensions(13, operation)
    this.#texts(10, operation.schemes)
    this.#message(9, () => this.#named(1, operation.responses as Members, (response) => this.#response(response)))
    this.#parameters(8, operation.parameters)
    this.#texts(7, operation.consumes)
    this.#texts(6, operation.produces)
    this.#text(5, operation.operationId)
    this.#text(3, operation.description)
    this.#texts(1, operation.tags)
  }

  #response(response: OpenApiSchema): void {
    this.#message(1, () => {
      const { schema } = response
      if (schema !== undefined) this.#message(2, () => this.#message(1, () => this.#schema(schema as OpenApiSchema)))
      this.#text(1, response.description)
    })
  }

  #parameters(number: number, parameters: unknown): void {
    for (const parameter of ((parameters ?? []) as Members[]).toReversed()) {
      this.#message(number, () => this.#message(1, () => this.#parameter(parameter)))
    }
  }

  #parameter(parameter: Members): void {
    if (parameter.in === 'body') {
      this.#message(1, () => {
        this.#message(5, () => this.#schema(parameter.schema as OpenApiSchema))
        this.#boolean(4, parameter.required)
        this.#text(3, parameter.in)
        this.#text(2, parameter.name)
      })
      return
    }
    const isPath = parameter.in === 'path'
    this.#message(2, () =>
      this.#message(isPath ? 4 : 3, () => {
        this.#boolean(isPath ? 19 : 20, parameter.uniqueItems)
        this.#text(isPath ? 5 : 6, parameter.type)
        this.#text(4, parameter.name)
        this.#text(3, parameter.description)
        this.#text(2, parameter.in)
        this.#boolean(1, parameter.required)
      }),
    )
  }

  #schema(schema: OpenApiSchema): void {
    this.#extensions(31, schema)
    const { properties, items, type, additionalProperties, required } = schema
    if (properties !== undefined) {
      this.#message(25, () => this.#named(1, properties as Members, (property) => this.#schema(property)))
    }
    if (items !== undefined) this.#message(23, () => this.#message(1, () => this.#schema(items as OpenApiSchema)))
    if (type !== undefined) this.#message(22, () => this.#text(1, type))
    if (typeof additionalProperties === 'boolean') this.#message(21, () => this.#boolean(2, additionalProperties))
    else if (additionalProperties !== undefined) {
      this.#message(21, () => this.#message(1, () => this.#schema(additionalProperties as OpenApiSchema)))
    }
    for (const value of ((schema.enum ?? []) as unknown[]).toReversed()) this.#message(20, () => this.#any(value))
    this.#texts(19, required)
    this.#text(13, schema.pattern)
    if (schema.default !== undefined) this.#message(5, () => this.#any(schema.default))
    this.#text(4, schema.description)
    this.#text(3, schema.title)
    this.#text(2, schema.format)
    this.#text(1, schema.$ref)
  }

  #extensions(number: number, members: Members): void {
    for (const [name, value] of Object.entries(members).toReversed()) {
      if (!name.startsWith('x-')) continue
      this.#message(number, () => {
        this.#message(2, () => this.#any(value))
        this.#text(1, name)
      })
    }
  }

  /** Any value is YAML text there, and JSON is YAML. */
  #any(value: unknown): void {
    this.#text(2, `${JSON.stringify(value)}\n`)
  }

  #named(number: number, members: Members, write: (value: OpenApiSchema) => void): void {
    for (const [name, value] of Object.entries(members).toReversed()) {
      this.#message(number, () => {
        this.#message(2, () => write(value as OpenApiSchema))
        this.#text(1, name)
      })
    }
  }

  #message(number: number, write: Write): void {
    const before = this.#writer.length
    write()
    this.#writer.varint(this.#writer.length - before)
    this.#writer.varint(number * 8 + 2)
  }

  #texts(number: number, texts: unknown): void {
    for (const text of ((texts ?? []) as string[]).toReversed()) this.#text(number, text)
  }

  #text(number: number, text: unknown): void {
    if (typeof text !== 'string' || text === '') return
    this.#writer.text(text)
    this.#writer.varint(number * 8 + 2)
  }

  #boolean(number: number, value: unknown): void {
    if (value !== true) return
    this.#writer.byte(1)
    this.#writer.varint(number * 8)
  }
}
