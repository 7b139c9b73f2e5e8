/** The field facts as text, one type a line, read by `src/api/schemas.ts`. */
import { flatFields, isRequired, splitKey, unwrap } from './read-facts.mjs'

/** One bit each, in the order that `src/api/schemas.ts` reads them in. */
const FLAGS = [
  ['pointer', (fact) => fact.ptr],
  ['omitEmpty', (fact) => fact.omitempty],
  ['required', (fact) => isRequired(fact)],
  ['nullable', (fact) => fact.nullable],
  ['repeated', (fact) => fact.proto?.kind === 'rep'],
  ['wrapped', (fact) => fact.protoWrapped],
]

export function factsFile(facts) {
  const lines = []
  for (const [key, type] of Object.entries(facts.types)) {
    if (type.json !== undefined) continue
    const extra = pick(type, ['structType', 'mapType', 'noProto', 'root'])
    const fields = flatFields(facts.types, key).map((field) => row(facts, field))
    lines.push(`${key}\t${JSON.stringify(extra === undefined ? [fields] : [fields, extra])}`)
  }
  const text = lines.join('\n')
  if (/[`\\]|\$\{/.test(text)) throw new Error('a fact needs quoting: write the facts another way')
  return [
    '/**',
    ' * Names, shapes and markers of all fields, generated from tools/facts; never edited.',
    ' * One type a line: its key, a tab, `[fields, type markers]`; a field is `[name, type, proto number, flags, markers]`.',
    ` * Flags, lowest bit first: ${FLAGS.map(([name]) => name).join(', ')}.`,
    ' */',
    `export const factLines = \`${text}\``,
    '',
    '/** The prefix of type keys by apiVersion: `v1` is `core/v1`. */',
    'export const keyPrefixes: Readonly<Record<string, string>> = {',
    ...Object.entries(facts.groups).map(
      ([prefix, { group, version }]) => `  '${group === '' ? version : `${group}/${version}`}': '${prefix}',`,
    ),
    '}',
    '',
  ].join('\n')
}

function row(facts, { name, facts: fact, embeddedIn, embedded }) {
  const flags = FLAGS.reduce((bits, [, has], bit) => (has(fact) ? bits | (1 << bit) : bits), 0)
  const closed = fact.enum ?? facts.aliases[fact.alias]?.enum
  const extra = pick(
    {
      ...fact,
      goType: goType(facts, fact),
      enum: closed?.length > 0 ? closed : undefined,
      patchStrategy: fact.patchStrategy?.split(','),
      embeddedIn: embeddedIn.length > 0 ? embeddedIn : undefined,
      embedded: embedded.length > 0 && embedded[0] !== 'TypeMeta' ? embedded.join('.') : undefined,
    },
    [
      'goType',
      'enum',
      'default',
      'patchStrategy',
      'patchMergeKey',
      'listType',
      'listMapKeys',
      'mapType',
      'structType',
      'embeddedIn',
      'embedded',
    ],
  )
  const base = [name, fact.type, fact.proto?.number ?? 0, flags]
  return extra === undefined ? base : [...base, extra]
}

const MAP = 'map[string]'

/** The name Go's errors have for the field's type, where it has one of its own. */
function goType(facts, { type, alias, keyAlias }) {
  const aliased = facts.aliases[alias]
  if (aliased === undefined) return undefined
  const own = ownName(alias)
  if (aliased.type === type) return own
  if (type.startsWith(MAP)) {
    const value = goType(facts, { type: type.slice(MAP.length), alias })
    return value && `map[${keyAlias === undefined ? 'string' : ownName(keyAlias)}]${value}`
  }
  const outer = type.slice(0, type.length - unwrap(type).inner.length)
  return aliased.type === unwrap(type).inner ? outer + own : undefined
}

function ownName(alias) {
  const { prefix, name } = splitKey(alias)
  return `${prefix.slice(prefix.indexOf('/') + 1)}.${name}`
}

function pick(source, properties) {
  const picked = {}
  for (const property of properties) if (source[property] !== undefined) picked[property] = source[property]
  return Object.keys(picked).length === 0 ? undefined : picked
}
