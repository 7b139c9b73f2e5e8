/**
 * An object at one revision: frozen, and encoded at most once per form. The cache, lists and all watchers share it,
 * and so its bytes (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions).
 */

import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { KubeObject, ManagedFieldsEntry, ObjectMeta } from '../../meta/types.ts'
import type { Payload } from '../../storage/storage.ts'
import { schemaOf, typeKeyOf } from '../../api/schemas.ts'
import { createNilForm } from '../../wire/json/nil.ts'
import { forget, knownText } from '../../wire/json/known-text.ts'
import { readJson } from '../../wire/json/parse.ts'
import { isLarge } from '../verbs/give-way.ts'
import { objectText } from './object-text.ts'

/** Freezes a value and everything in it. Answers how many characters and values there are. */
export function freezeAll(value: unknown): number {
  if (typeof value === 'string') return value.length + 1
  if (typeof value !== 'object' || value === null) return 1
  if (!Object.isFrozen(value)) Object.freeze(value)
  let weight = 1
  for (const key in value) weight += key.length + freezeAll((value as Record<string, unknown>)[key])
  return weight
}

/** The same for an object. What was written already is frozen, and weighs what its text has characters. */
function freezeObject(object: object): number {
  let weight = 1
  for (const key in object) {
    const part = (object as Record<string, unknown>)[key]
    weight += key.length + (key === 'metadata' ? freezeMetadata(part as ObjectMeta) : weightOf(part))
  }
  Object.freeze(object)
  return weight
}

function freezeMetadata(metadata: ObjectMeta): number {
  let weight = 1
  for (const key in metadata) {
    const part = (metadata as Readonly<Record<string, unknown>>)[key]
    weight += key.length
    if (key !== 'managedFields' || !Array.isArray(part)) {
      weight += weightOf(part)
      continue
    }
    for (const entry of Object.freeze(part) as readonly ManagedFieldsEntry[]) {
      weight += WEIGHT_OF_OWNER + weightOf(entry.fieldsV1)
      Object.freeze(entry)
    }
  }
  Object.freeze(metadata)
  return weight
}

/** Of what an entry of an owner says besides its fields. */
const WEIGHT_OF_OWNER = 400

const weightOf = (part: unknown): number => knownText(part)?.length ?? freezeAll(part)

/** Text in memory of its own: a piece of Node's shared pool would keep all its neighbours for as long as it is kept. */
function ownBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text))
  bytes.write(text)
  return bytes
}

const nilForm = createNilForm(schemaOf)
const givenForm = createNilForm(schemaOf, { keepsGiven: true })

/** An object as clients read it in JSON and YAML: lists that nobody gave are `null` where Go writes them so. */
export function asWritten(object: DeepReadonly<KubeObject>): object {
  const type = typeKeyOf(object.apiVersion ?? '', object.kind ?? '')
  return type === undefined ? object : nilForm(object, type)
}

/** The same of an object that is being written, for who owns what: lists that somebody gave are there, even if they are empty. */
export function asGiven(object: DeepReadonly<KubeObject>): object {
  const type = typeKeyOf(object.apiVersion ?? '', object.kind ?? '')
  return type === undefined ? object : givenForm(object, type)
}

/** The value the storage keeps for a key. */
export class StoredObject implements Payload {
  readonly object: DeepReadonly<KubeObject>
  readonly revision: number
  /** Characters and values in it. */
  readonly weight: number
  #text: Buffer | undefined
  /** Whether the JSON has nulls that the object has not. */
  #hasNull = false
  #tail: Buffer | undefined
  #other: Map<string, unknown> | undefined

  /** `object` carries `apiVersion` and `kind` and the revision as its resourceVersion; it is frozen here. */
  constructor(object: KubeObject | DeepReadonly<KubeObject>, revision: number) {
    this.object = object as DeepReadonly<KubeObject>
    this.weight = freezeObject(object)
    this.revision = revision
  }

  get namespace(): string {
    return this.object.metadata.namespace ?? ''
  }

  get name(): string {
    return this.object.metadata.name ?? ''
  }

  /** The whole object as JSON, as clients read it. */
  json(): Buffer {
    return this.jsonText().subarray(0, -1)
  }

  /** The same with a line end, as answers have it: bytes are shared. */
  jsonText(): Buffer {
    if (this.#text !== undefined) return this.#text
    const written = asWritten(this.object)
    this.#hasNull = written !== this.object
    this.#text = ownBytes(`${objectText(written)}
`)
    if (isLarge(this.weight)) forgetTexts(this.object)
    return this.#text
  }

  /** The object as the storage keeps it; what it reads back is the object, without nulls. */
  bytes(): Uint8Array {
    const json = this.json()
    return this.#hasNull ? Buffer.from(objectText(this.object)) : json
  }

  /** The object as it stands in a list, without `apiVersion` and `kind` and without its first brace: bytes are shared. */
  jsonItemTail(): Buffer {
    if (this.#tail !== undefined) return this.#tail
    const { apiVersion, kind } = this.object
    const head = `{"apiVersion":${JSON.stringify(apiVersion)},"kind":${JSON.stringify(kind)},`
    const json = this.json()
    const isHead = json.toString('latin1', 0, head.length) === head
    return (this.#tail = isHead ? json.subarray(head.length) : itemTail(asWritten(this.object)))
  }

  /** Any other form of this object, made once and kept with it. */
  derived<T>(form: string, make: () => T): T {
    const known = this.#other?.get(form) as T | undefined
    if (known !== undefined) return known
    const made = make()
    this.#other ??= new Map()
    this.#other.set(form, made)
    return made
  }

  /** The same object under another revision: how a deleted object is told. */
  at(revision: number): StoredObject {
    const { metadata } = this.object
    return new StoredObject({ ...this.object, metadata: { ...metadata, resourceVersion: String(revision) } }, revision)
  }
}

/** What was written ahead is of no more use. */
function forgetTexts({ metadata, ...parts }: DeepReadonly<KubeObject>): void {
  for (const part of [...Object.values(parts), ...Object.values(metadata)]) forget(part)
  for (const { fieldsV1 } of metadata.managedFields ?? []) forget(fieldsV1)
}

function itemTail(object: Partial<KubeObject>): Buffer {
  const { apiVersion: _, kind: __, ...rest } = object
  return Buffer.from(objectText(rest)).subarray(1)
}

/** `draft` as it is written at `revision`: `apiVersion` and `kind` first, which lists count on. */
export function storedAt(draft: KubeObject, revision: number): StoredObject {
  const { apiVersion, kind, metadata, ...rest } = draft
  const object = { apiVersion, kind, metadata: { ...metadata, resourceVersion: String(revision) }, ...rest }
  return new StoredObject(object as KubeObject, revision)
}

/** What a payload holds: the very object when it was written by this process, else it is read from its bytes. */
export function storedFrom(payload: Payload, revision: number): StoredObject {
  if (payload instanceof StoredObject) return payload
  const bytes = payload.bytes()
  const object = readJson(bytes) as KubeObject
  // Bytes on disk were written before their revision was final only if the engine says so; metadata tells.
  const text = String(revision)
  if (object.metadata.resourceVersion === text) return new StoredObject(object, revision)
  return storedAt(object, revision)
}
