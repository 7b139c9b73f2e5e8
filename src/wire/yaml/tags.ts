/** Tags of scalars, such as `!!float 1`, as Kubernetes's reader follows them (https://yaml.org/type/). */

import { type Document, isScalar, type Scalar, type ScalarTag, visit } from 'yaml'
import { numberText } from '../../base/metrics/text.ts'
import { JsonError } from '../json/careful.ts'

const ROOT = 'tag:yaml.org,2002:'
/** What a tag can make of a scalar; of what is a text already nothing is made. */
const FOLLOWED: ReadonlySet<string> = new Set(['float', 'int', 'bool', 'null', 'timestamp', 'binary'])
const DATE = /^\d{4}-\d\d?-\d\d?(?:(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?[ \t]*(?:Z|[-+]\d\d?(?::?\d\d)?)?)?$/

/** Makes of each scalar what its tag says. Throws `JsonError` where that cannot be. */
export function followTags(document: Document): void {
  visit(document, {
    Scalar(_, node) {
      const name = node.tag?.startsWith(ROOT) === true ? node.tag.slice(ROOT.length) : ''
      if (FOLLOWED.has(name)) node.value = valueAs(document, node, name)
    },
  })
}

function valueAs(document: Document, node: Scalar, name: string): unknown {
  const source = node.source ?? ''
  if (name === 'binary') return decoded(source)
  const plain = plainly(document, source)
  if (plain.name === name) return plain.value
  if (name === 'float' && plain.name === 'int') return Number(plain.value)
  if (name === 'timestamp' && DATE.test(source)) return source
  throw new JsonError(`${UNREADABLE}cannot decode !!${plain.name} \`${source}\` as a !!${name}`)
}

const UNREADABLE = 'error converting YAML to JSON: yaml: '

function decoded(source: string): string {
  const text = source.replaceAll(/[\r\n]/g, '')
  if (!/^(?:[\w+/-]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text) || /[-_]/.test(text)) {
    throw new JsonError(`${UNREADABLE}!!binary value contains invalid base64 data`)
  }
  return Buffer.from(text, 'base64').toString('utf8')
}

/** What a text would be without a tag. */
function plainly({ schema }: Document, source: string): { readonly name: string; readonly value: unknown } {
  const tags = (schema?.tags ?? []).filter(
    (tag): tag is ScalarTag => !('collection' in tag && tag.collection !== undefined),
  )
  const found = tags.find((tag) => tag.default === true && tag.test?.test(source) === true && tag.tag.startsWith(ROOT))
  const resolved: unknown = found?.resolve(source, () => {}, {})
  const value: unknown = isScalar(resolved) ? resolved.value : resolved
  if (found === undefined || (value === source && source !== '')) return { name: 'str', value: source }
  return { name: found.tag.slice(ROOT.length), value }
}

/** Makes names of keys that are numbers, as Kubernetes's reader does: with the digits of 32 bits where they are not whole. */
export function nameKeys(document: Document): void {
  visit(document, {
    Pair(_, { key }) {
      if (!isScalar(key)) return
      const { value } = key
      const isBeyond = typeof value === 'bigint' && BigInt.asIntN(64, value) !== value
      if (typeof value === 'number' || isBeyond) key.value = nameOf(Number(value))
    },
  })
}

function nameOf(number: number): string {
  if (!Number.isFinite(number)) return Number.isNaN(number) ? '.nan' : number > 0 ? '.inf' : '-.inf'
  const single = Math.fround(number)
  for (let digits = 1; digits < 9; digits++) {
    const shorter = Number(number.toPrecision(digits))
    if (Math.fround(shorter) === single) return numberText(shorter)
  }
  return Number.isFinite(single) ? numberText(Number(number.toPrecision(9))) : number > 0 ? '.inf' : '-.inf'
}
