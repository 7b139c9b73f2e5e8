/**
 * Field selectors: `status.phase=Running,spec.nodeName!=n1`
 * (https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/).
 */

import { badRequest } from './errors.ts'

/** One demand on one field. */
export interface FieldRequirement {
  readonly field: string
  readonly op: '=' | '!='
  readonly value: string
}

export interface FieldSelector {
  readonly requirements: readonly FieldRequirement[]
  readonly isEmpty: boolean
  /** `get` answers the value of a field as text; an absent field counts as empty. */
  matches(get: (field: string) => string | undefined): boolean
  toString(): string
}

/** Matches every object. */
const anyField: FieldSelector = fieldSelectorFrom([])

/** The selector that a text means; throws BadRequest with Kubernetes's words. */
export function parseFieldSelector(text: string): FieldSelector {
  if (text === '') return anyField
  const requirements = splitTerms(text)
    .filter((term) => term !== '')
    // In this order Kubernetes finds what is wrong with them.
    .toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    .map((term) => readTerm(term, text))
    // `=` alone demands nothing.
    .filter(({ field, value }) => field !== '' || value !== '')
  return requirements.length === 0 ? anyField : fieldSelectorFrom(requirements)
}

function fieldSelectorFrom(requirements: readonly FieldRequirement[]): FieldSelector {
  return {
    requirements,
    isEmpty: requirements.length === 0,
    matches: (get) => requirements.every(({ field, op, value }) => ((get(field) ?? '') === value) === (op === '=')),
    toString: () => requirements.map(({ field, op, value }) => `${field}${op}${escapeValue(value)}`).join(','),
  }
}

/** A value as it must be written in a field selector. */
function escapeValue(value: string): string {
  return value.replace(/[\\,=]/g, (char) => `\\${char}`)
}

/** At commas that no backslash precedes. */
function splitTerms(text: string): string[] {
  const terms: string[] = []
  let start = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === ',') {
      terms.push(text.slice(start, at))
      start = at + 1
    }
  }
  terms.push(text.slice(start))
  return terms
}

function readTerm(term: string, whole: string): FieldRequirement {
  for (let at = 0; at < term.length; at++) {
    for (const operator of ['!=', '==', '='] as const) {
      if (!term.startsWith(operator, at)) continue
      const value = unescapeValue(term.slice(at + operator.length))
      return { field: term.slice(0, at), op: operator === '!=' ? '!=' : '=', value }
    }
  }
  throw badRequest(`invalid selector: '${whole}'; can't understand '${term}'`)
}

function unescapeValue(text: string): string {
  let value = ''
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '\\') {
      const escaped = text.charAt(++at)
      if (escaped !== '\\' && escaped !== ',' && escaped !== '=') {
        throw badRequest(`invalid field selector: invalid escape sequence: \\${escaped}`)
      }
      value += escaped
    } else if (char === '=' || char === ',') {
      throw badRequest(`invalid field selector: unescaped character in value: ${char.charCodeAt(0)}`)
    } else value += char
  }
  return value
}
