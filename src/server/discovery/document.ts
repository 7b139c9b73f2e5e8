/** Documents as bytes, made once. */
import { createHash } from 'node:crypto'

export interface Document {
  readonly contentType: string
  readonly body: Buffer
  readonly etag: string
}

/** Documents by name. */
export class Documents {
  readonly #known = new Map<string, Document>()

  json(name: string, contentType: string, make: () => object): Document {
    return this.bytes(name, contentType, () => Buffer.from(JSON.stringify(make())))
  }

  bytes(name: string, contentType: string, make: () => Buffer): Document {
    let document = this.#known.get(name)
    if (document === undefined) {
      const body = make()
      document = { contentType, body, etag: `"${digest(body)}"` }
      this.#known.set(name, document)
    }
    return document
  }
}

/** SHA-256 as discovery writes it. */
export function digest(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex').toUpperCase()
}
