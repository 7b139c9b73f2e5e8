/** Reads the facts of Kubernetes 1.32 and lays what is new since then over them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * All facts of the present version.
 * `groups`: key prefix (`core/v1`) to group and version; `types`, `aliases`: by key; `resources`, `columns`: as the files have them.
 */
export function readFacts(folder) {
  const read = (name) => JSON.parse(readFileSync(join(folder, name), 'utf8'))
  const base = read('k8s-api-facts.json')
  const since = read('new-in-1.36.json')
  const types = { ...base.types, ...since.types }
  for (const [key, fields] of Object.entries(since.fields)) {
    types[key] = { ...types[key], fields: { ...types[key].fields, ...fields } }
  }
  for (const [key, fields] of Object.entries(since.changed)) {
    for (const [name, changes] of Object.entries(fields)) applyChanges(types, key, name, changes)
  }
  const aliases = { ...base.aliases, ...since.aliases }
  for (const [key, [, now]] of Object.entries(since.changedAliases)) assign(aliases, key, now)
  return {
    groups: { ...base.groups, ...since.groups },
    types,
    aliases,
    resources: read('k8s-resources.json'),
    columns: read('table-columns.json'),
    columnTexts: read('table-descriptions.json'),
  }
}

function applyChanges(types, key, name, changes) {
  const field = types[key].fields[name]
  if (field === undefined) throw new Error(`a fact changed of a field nobody knows: ${key}.${name}`)
  for (const [property, [, now]] of Object.entries(changes)) assign(field, property, now)
}

function assign(facts, property, value) {
  if (value === null) delete facts[property]
  else facts[property] = value
}

/** Whether a document must have the field. */
export function isRequired(field) {
  return field.required === true || !(field.omitempty === true || field.optional === true)
}

/** Splits `core/v1.Pod` into `core/v1` and `Pod`. */
export function splitKey(key) {
  const dot = key.lastIndexOf('.')
  return { prefix: key.slice(0, dot), name: key.slice(dot + 1) }
}

/** Splits `[]X` and `map[string]X` from outside in: the containers, then the innermost type. */
export function unwrap(type) {
  const containers = []
  let inner = type
  for (;;) {
    if (inner.startsWith('[]')) {
      containers.push('list')
      inner = inner.slice(2)
    } else if (inner.startsWith('map[string]')) {
      containers.push('map')
      inner = inner.slice('map[string]'.length)
    } else return { containers, inner }
  }
}

/** The fields of a type in JSON's order, embedded structs laid flat; `embeddedIn` are the message numbers they stand inside, `embedded` the Go names. */
export function flatFields(types, key, embeddedIn = [], embedded = []) {
  const type = types[key]
  const fields = []
  for (const inline of type.inline ?? []) {
    const numbers = inline.proto === undefined ? embeddedIn : [...embeddedIn, inline.proto.number]
    const hasNoProto = inline.proto === undefined
    const names = [...embedded, splitKey(inline.type).name]
    for (const field of flatFields(types, inline.type, numbers, names)) {
      fields.push(hasNoProto ? { ...field, facts: { ...field.facts, proto: undefined } } : field)
    }
  }
  for (const [name, facts] of Object.entries(type.fields)) fields.push({ name, facts, embeddedIn, embedded })
  return fields
}
