/** What the protobuf forms of both versions of OpenAPI have in common (https://github.com/google/gnostic-models). */
import type { Steps } from '../../../base/async/steps.ts'
import { ReverseWriter } from '../../../wire/protobuf/writer.ts'
import type { OpenApiSchema } from './definitions.ts'

export type Members = Readonly<Record<string, unknown>>
/** Writes the fields of a message, last field first. */
type Write = () => void

/** So many paths or definitions are written at a time. */
const STEP = 8

/** Writes fields of messages by number, the last one first. What is absent, empty, false or zero is not written. */
export class DocumentWriter {
  readonly #writer = new ReverseWriter()

  /** All that was written. */
  take(): Buffer {
    return this.#writer.take()
  }

  extensions(number: number, members: Members): void {
    for (const [name, value] of Object.entries(members).toReversed()) {
      if (!name.startsWith('x-')) continue
      this.message(number, () => {
        this.message(2, () => this.any(value))
        this.text(1, name)
      })
    }
  }

  /** Any value is YAML text there, and JSON is YAML. */
  any(value: unknown): void {
    this.text(2, `${JSON.stringify(value)}\n`)
  }

  named(number: number, members: Members, write: (value: OpenApiSchema) => void): void {
    for (const entry of Object.entries(members).toReversed()) this.#entry(number, entry, write)
  }

  /** As `named`, of many: others have their turn between them. */
  *namedInSteps(number: number, members: Members, write: (value: OpenApiSchema) => void): Steps<void> {
    for (const [at, entry] of Object.entries(members).toReversed().entries()) {
      if (at % STEP === STEP - 1) yield
      this.#entry(number, entry, write)
    }
  }

  /** As `message`, of fields that are written in steps. */
  *messageInSteps(number: number, steps: Steps<void>): Steps<void> {
    const before = this.#writer.length
    yield* steps
    this.#head(number, before)
  }

  message(number: number, write: Write): void {
    const before = this.#writer.length
    write()
    this.#head(number, before)
  }

  #entry(number: number, [name, value]: readonly [string, unknown], write: (value: OpenApiSchema) => void): void {
    this.message(number, () => {
      this.message(2, () => write(value as OpenApiSchema))
      this.text(1, name)
    })
  }

  #head(number: number, before: number): void {
    this.#writer.varint(this.#writer.length - before)
    this.#writer.varint(number * 8 + 2)
  }

  texts(number: number, texts: unknown): void {
    for (const text of ((texts ?? []) as string[]).toReversed()) this.text(number, text)
  }

  /** `always`: an empty text is told from none. */
  text(number: number, text: unknown, always = false): void {
    if (typeof text !== 'string' || (text === '' && !always)) return
    this.#writer.text(text)
    this.#writer.varint(number * 8 + 2)
  }

  boolean(number: number, value: unknown): void {
    if (value === true) this.flag(number, value)
  }

  /** Says false, too. */
  flag(number: number, value: boolean): void {
    this.#writer.byte(value ? 1 : 0)
    this.#writer.varint(number * 8)
  }

  whole(number: number, value: unknown): void {
    if (typeof value !== 'number' || value === 0) return
    this.#writer.int(value)
    this.#writer.varint(number * 8)
  }

  double(number: number, value: unknown, always = false): void {
    if (typeof value !== 'number' || (value === 0 && !always)) return
    this.#writer.double(value)
    this.#writer.varint(number * 8 + 1)
  }
}
