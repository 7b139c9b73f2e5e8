/**
 * Writes answers as YAML (https://yaml.org/spec/1.1/): six times as fast as a writer for every taste, for a large answer
 * holds up everybody else. Texts stand plain where no reader can take them for anything else, and in quotes as JSON has them
 * elsewhere.
 */

import type { Steps } from '../../base/async/steps.ts'

/** The YAML text of plain data, as JSON would have it: what is undefined is left out. Keys are sorted, as Kubernetes sorts them. */
export function writeYaml(value: unknown): string {
  const out: string[] = []
  if (isEmptyOrScalar(value)) out.push(scalarOf(value), '\n')
  else writeBlock(value as object, '', '', out)
  return out.join('')
}

/** The same, so that others may have their turn: for what is large. */
export function* writeYamlInSteps(value: unknown): Steps<string> {
  const out: string[] = []
  if (isEmptyOrScalar(value)) return writeYaml(value)
  yield* writeLarge(value as object, '', '', out)
  yield
  return out.join('')
}

/** So many pieces of text are made at once. */
const STEP = 10_000
/** What is deeper within is written at once. */
const MAX_DEPTH = 8

/** As `writeBlock`, with a pause now and then. */
function* writeLarge(value: object, first: string, indent: string, out: string[], depth = 0): Steps<void> {
  if (depth > MAX_DEPTH) return writeBlock(value, first, indent, out)
  yield
  const isList = Array.isArray(value)
  let before = first
  let next = out.length + STEP
  for (const key of isList ? value.keys() : Object.keys(value).sort()) {
    const inner = (value as Record<string | number, unknown>)[key]
    if (inner === undefined && !isList) continue
    out.push(before, isList ? '-' : `${textOf(key as string)}:`)
    before = indent
    if (isEmptyOrScalar(inner)) out.push(' ', scalarOf(inner), '\n')
    else if (isList) {
      out.push(' ')
      yield* writeMember(inner as object, '', `${indent}  `, out, depth)
    } else {
      out.push('\n')
      const below = Array.isArray(inner) ? indent : `${indent}  `
      yield* writeMember(inner as object, below, below, out, depth)
    }
    if (out.length < next) continue
    yield
    next = out.length + STEP
  }
}

/** Small things take less time to write than to make steps of. */
function* writeMember(value: object, first: string, indent: string, out: string[], depth: number): Steps<void> {
  const size = Array.isArray(value) ? value.length : Object.keys(value).length
  if (size < SMALL && depth > 2) writeBlock(value, first, indent, out)
  else yield* writeLarge(value, first, indent, out, depth + 1)
}

const SMALL = 20

/** `first` stands before the first line, where a list's dash or nothing is; `indent` before all others. */
function writeBlock(value: object, first: string, indent: string, out: string[]): void {
  let before = first
  if (Array.isArray(value)) {
    for (const item of value) {
      out.push(before, '- ')
      before = indent
      if (isEmptyOrScalar(item)) out.push(scalarOf(item), '\n')
      else writeBlock(item as object, '', `${indent}  `, out)
    }
    return
  }
  for (const key of Object.keys(value).sort()) {
    const inner = (value as Record<string, unknown>)[key]
    if (inner === undefined) continue
    out.push(before, textOf(key))
    before = indent
    if (isEmptyOrScalar(inner)) out.push(': ', scalarOf(inner), '\n')
    else {
      out.push(':\n')
      const below = Array.isArray(inner) ? indent : `${indent}  `
      writeBlock(inner as object, below, below, out)
    }
  }
}

function isEmptyOrScalar(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.length === 0
  for (const key in value) if ((value as Readonly<Record<string, unknown>>)[key] !== undefined) return false
  return true
}

function scalarOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return textOf(value)
    case 'number':
      return numberOf(value)
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'object':
      if (value !== null) return Array.isArray(value) ? '[]' : '{}'
      return 'null'
    case 'undefined':
    case 'function':
    case 'symbol':
      return 'null'
  }
}

/** With a dot wherever there is an exponent: without one it is a text in YAML 1.1. */
function numberOf(value: number): string {
  const text = JSON.stringify(value)
  return text.includes('e') && !text.includes('.') ? text.replace('e', '.0e') : text
}

const PLAIN = /^[A-Za-z][\w./-]{0,200}$/
/** What readers of YAML 1.1 take for true, false or nothing. */
const TAKEN = /^(?:y|yes|n|no|true|false|on|off|null)$/i
/** What JSON leaves as it is, and YAML takes for the end of a line or cannot read. */
const UNREADABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g

function textOf(text: string): string {
  if (PLAIN.test(text) && !TAKEN.test(text)) return text
  return JSON.stringify(text).replaceAll(UNREADABLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
