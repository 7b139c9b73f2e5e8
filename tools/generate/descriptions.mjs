/** The documentation of types and fields, out of the doc comments in the typings of @kubernetes/client-node. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { flatFields, splitKey } from './read-facts.mjs'

/** Every object has these two, with the same text, which stands once, under `runtime.TypeMeta`. */
const TYPE_META = new Set(['apiVersion', 'kind'])

export function descriptionsFile(facts, models) {
  const lines = []
  for (const key of Object.keys(facts.types)) {
    if (key === 'runtime.TypeMeta') {
      lines.push(`${key}\t${JSON.stringify(typeMeta(models))}`)
      continue
    }
    const described = describe(facts, key, models)
    if (described !== undefined) lines.push(`${key}\t${JSON.stringify(described)}`)
  }
  const text = lines.join('\n').replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')
  return [
    '/**',
    ' * What types and fields are for, generated from the typings of @kubernetes/client-node; never edited.',
    ' * One type a line: its key, a tab, texts by field name (the empty name is the type itself).',
    ' */',
    `export const descriptionLines = \`${text}\``,
    '',
  ].join('\n')
}

function describe(facts, key, models) {
  const name = className(facts, key, models)
  if (name === undefined) return undefined
  const typings = readFileSync(join(models, `${name}.d.ts`), 'utf8')
  const baseNames = renamed(readFileSync(join(models, `${name}.js`), 'utf8'))
  const known = new Set(flatFields(facts.types, key).map((field) => field.name))
  const texts = {}
  const about = /\/\*\*\n((?:\* .*\n)+)\*\/\nexport declare class/.exec(typings)
  if (about !== null) texts[''] = clean(about[1])
  for (const [property, text] of propertyTexts(typings)) {
    const field = baseNames.get(property) ?? property
    if (known.has(field) && !(TYPE_META.has(field) && facts.types[key].root === true)) texts[field] = text
  }
  return Object.keys(texts).length === 0 ? undefined : texts
}

function typeMeta(models) {
  const texts = new Map(propertyTexts(readFileSync(join(models, 'V1Pod.d.ts'), 'utf8')))
  return { apiVersion: texts.get('apiVersion'), kind: texts.get('kind') }
}

function propertyTexts(typings) {
  const matches = typings.matchAll(/ {4}\/\*\*\n((?: {4}\* ?.*\n)+?) {4}\*\/\n {4}'([^']+)'\??:/g)
  return [...matches].map((match) => [match[2], clean(match[1])])
}

function clean(comment) {
  return (
    comment
      .split('\n')
      .map((line) => line.replace(/^\s*\* ?/, ''))
      .join('\n')
      .trim()
      .replaceAll('*_/', '*/')
      // The typings escape quotes and backslashes several times over.
      .replaceAll(/\\+(["'])/g, '$1')
      .replaceAll(/\\{2,}/g, '\\')
  )
}

/** Field names that are no good names in JavaScript have another there. */
function renamed(source) {
  const names = new Map()
  for (const match of source.matchAll(/"name": "([^"]+)",\s*"baseName": "([^"]+)"/g)) names.set(match[1], match[2])
  return names
}

function className(facts, key, models) {
  const { prefix, name } = splitKey(key)
  const group = facts.groups[prefix]
  if (group === undefined) return undefined
  const version = capital(group.version)
  const candidates = [facts.types[key].cn, `${capital(prefix.split('/')[0])}${version}${name}`, `${version}${name}`]
  return candidates.find((candidate) => candidate !== undefined && existsSync(join(models, `${candidate}.d.ts`)))
}

function capital(word) {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
