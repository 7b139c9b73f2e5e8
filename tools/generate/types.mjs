/** TypeScript interfaces of every API type, one file per group and version. */
import { isRequired, splitKey, unwrap, flatFields } from './read-facts.mjs'

const SCALARS = {
  string: 'string',
  integer: 'number',
  int64: 'number',
  number: 'number',
  boolean: 'boolean',
  bytes: 'string',
  any: 'unknown',
}
const META_SCALARS = new Set(['Quantity', 'Time', 'MicroTime', 'Duration', 'IntOrString'])
const CUSTOM = {
  any: 'unknown',
  raw: 'unknown',
  object: 'unknown',
  'JSONSchemaProps|[]JSONSchemaProps': 'JSONSchemaProps | JSONSchemaProps[]',
  'JSONSchemaProps|boolean': 'JSONSchemaProps | boolean',
  'JSONSchemaProps|[]string': 'JSONSchemaProps | string[]',
}

/** The files by name. Types that `src/meta/types.ts` (its text is `metaSource`) declares are imported, not written. */
export function typeFiles(facts, metaSource) {
  const byHand = new Set([...metaSource.matchAll(/^export (?:interface|type) (\w+)/gm)].map((match) => match[1]))
  const files = []
  for (const prefix of Object.keys(facts.groups)) files.push([`${fileOf(prefix)}.ts`, oneFile(facts, prefix, byHand)])
  return files
}

function fileOf(prefix) {
  return prefix.replace('/', '-')
}

function oneFile(facts, prefix, byHand) {
  const file = new TypeFile(prefix, byHand)
  for (const [key, alias] of Object.entries(facts.aliases)) {
    const { prefix: of, name } = splitKey(key)
    if (of === prefix && !alias.type.includes('/pkg/')) file.alias(facts, name, alias)
  }
  for (const [key, type] of Object.entries(facts.types)) {
    const { prefix: of, name } = splitKey(key)
    if (of !== prefix || type.json !== undefined || file.isByHand(prefix, name)) continue
    file.struct(facts, key, name, type)
  }
  return file.text(facts.groups[prefix])
}

class TypeFile {
  #prefix
  #byHand
  #imports = new Map()
  #body = []

  constructor(prefix, byHand) {
    this.#prefix = prefix
    this.#byHand = byHand
  }

  isByHand(prefix, name) {
    return prefix === 'meta/v1' && this.#byHand.has(name)
  }

  alias(facts, name, alias) {
    if (alias.enum?.length > 0) this.#body.push(`export type ${name} = ${union(alias.enum)}\n`)
    else {
      const values = alias.known?.map((value) => `\`${value}\``).join(', ')
      const comment = values === undefined ? '' : `/** Known: ${values}. */\n`
      this.#body.push(`${comment}export type ${name} = ${this.#typeOf(alias.type, facts)}\n`)
    }
  }

  struct(facts, key, name, type) {
    const lines = flatFields(facts.types, key).map(({ name: field, facts: fact }) => {
      const isTypeMeta = field === 'apiVersion' || field === 'kind'
      const isMetadata = type.root === true && field === 'metadata'
      const needed = isMetadata || (isRequired(fact) && !(isTypeMeta && type.root === true))
      return `  ${/^\w+$/.test(field) ? field : `'${field}'`}${needed ? '' : '?'}: ${this.#fieldType(facts, fact)}`
    })
    this.#body.push(`export interface ${name} {\n${lines.join('\n')}\n}\n`)
  }

  #fieldType(facts, fact) {
    if (fact.alias !== undefined && facts.aliases[fact.alias] !== undefined) {
      const alias = facts.aliases[fact.alias]
      if (alias.type === fact.type) return this.#nameOf(facts, fact.alias)
      const { containers, inner } = unwrap(fact.type)
      const aliased = unwrap(alias.type)
      if (aliased.inner === inner) {
        return wrap(containers.slice(0, containers.length - aliased.containers.length), this.#nameOf(facts, fact.alias))
      }
    }
    if (fact.enum?.length > 0) return wrap(unwrap(fact.type).containers, union(fact.enum))
    return this.#typeOf(fact.type, facts)
  }

  #typeOf(type, facts) {
    const { containers, inner } = unwrap(type)
    if (SCALARS[inner] !== undefined) return wrap(containers, SCALARS[inner])
    if (META_SCALARS.has(inner)) return wrap(containers, this.#import('../../meta/types.ts', inner))
    return wrap(containers, this.#nameOf(facts, inner))
  }

  #nameOf(facts, key) {
    const custom = facts.types[key]?.json
    if (custom !== undefined) return CUSTOM[custom]
    const { prefix, name } = splitKey(key)
    if (this.isByHand(prefix, name)) return this.#import('../../meta/types.ts', name)
    if (prefix === this.#prefix) return name
    return this.#import(`./${fileOf(prefix)}.ts`, name)
  }

  #import(from, name) {
    if (!this.#imports.has(from)) this.#imports.set(from, new Set())
    this.#imports.get(from).add(name)
    return name
  }

  text({ group, version }) {
    const imports = [...this.#imports]
      .toSorted(([a], [b]) => byName(a, b))
      .map(([from, names]) => `import type { ${[...names].toSorted(byName).join(', ')} } from '${from}'\n`)
    const head = `/** The types of ${group === '' ? version : `${group}/${version}`}, generated from tools/facts; never edited. */\n`
    return `${head}${imports.join('')}\n${this.#body.join('\n')}`
  }
}

function wrap(containers, inner) {
  return containers.reduceRight(
    (type, container) =>
      container === 'map' ? `Record<string, ${type}>` : `${type.includes(' ') ? `(${type})` : type}[]`,
    inner,
  )
}

function union(values) {
  return values.map((value) => `'${value}'`).join(' | ')
}

function byName(a, b) {
  return a < b ? -1 : 1
}
