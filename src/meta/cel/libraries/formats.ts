/** Named formats of texts (https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-format-library). */

import { asPrefix, dns1035Label, dnsLabel, dnsSubdomain, labelValue, qualifiedName } from '../../names.ts'
import { declare, type Library } from '../environment.ts'
import { readTimestamp } from '../times.ts'
import { EvaluationError, NONE, type OpaqueValue, Optional } from '../values.ts'

type Rule = (text: string) => readonly string[]

export class NamedFormat implements OpaqueValue {
  readonly celType = 'kubernetes.NamedFormat'
  readonly name: string
  readonly rule: Rule

  constructor(name: string, rule: Rule) {
    this.name = name
    this.rule = rule
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof NamedFormat && other.name === this.name
  }
}

const shape =
  (pattern: RegExp, words: string): Rule =>
  (text) =>
    pattern.test(text) ? [] : [words]

const prefix =
  (rule: (name: string) => readonly string[]): Rule =>
  (text) =>
    rule(asPrefix(text))

const isTime = (text: string): boolean => readTimestamp(text) !== undefined

const FORMATS: Readonly<Record<string, Rule>> = {
  dns1123Label: dnsLabel,
  dns1123Subdomain: dnsSubdomain,
  dns1035Label,
  dns1123LabelPrefix: prefix(dnsLabel),
  dns1123SubdomainPrefix: prefix(dnsSubdomain),
  dns1035LabelPrefix: prefix(dns1035Label),
  qualifiedName,
  labelValue,
  uri: (text) => (URL.canParse(text) || text.startsWith('/') ? [] : ['invalid URI']),
  uuid: shape(/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i, 'does not match the UUID format'),
  byte: shape(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, 'invalid base64'),
  date: (text) => (isTime(`${text}T00:00:00Z`) ? [] : ['invalid date']),
  datetime: (text) => (isTime(text) ? [] : ['invalid datetime']),
}

function named(name: string): Optional {
  const rule = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined
  return rule === undefined ? NONE : new Optional(new NamedFormat(name, rule))
}

function validate({ rule }: NamedFormat, text: string): Optional {
  const faults = rule(text)
  return faults.length === 0 ? NONE : new Optional(faults)
}

function only(name: string): NamedFormat {
  const { value } = named(name)
  if (value instanceof NamedFormat) return value
  throw new EvaluationError(`no such format: ${name}`)
}

export const formats: Library = {
  functions: [
    ...Object.keys(FORMATS).map((name) => declare(`format.${name}(): kubernetes.NamedFormat`, () => only(name))),
    declare('format.named(string): optional_type(kubernetes.NamedFormat)', named),
    declare('kubernetes.NamedFormat->validate(string): optional_type(list(string))', validate),
  ],
}
