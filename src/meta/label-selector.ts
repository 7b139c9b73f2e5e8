/**
 * Label selectors: as text (`app=web,tier in (a,b),!old`) and as objects
 * (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors).
 */

import type { DeepReadonly } from './deep-readonly.ts'
import { badRequest } from './errors.ts'
import { parseRequirements } from './label-selector-parser.ts'
import type { LabelSelector } from './types.ts'

type Labels = Readonly<Record<string, string>> | undefined

/** One demand on one label. */
export interface LabelRequirement {
  readonly key: string
  readonly operator: 'in' | 'notin' | '=' | '!=' | 'exists' | '!' | 'gt' | 'lt'
  readonly values: readonly string[]
}

/** A question to a set of labels. */
export interface Selector {
  matches(labels: Labels): boolean
  /** As the API writes it, requirements by key. */
  toString(): string
  /** Whether everything matches. */
  readonly isEmpty: boolean
  readonly requirements: readonly LabelRequirement[]
}

/** Matches whatever it is asked. */
export const everything: Selector = selectorFrom([])

/** Matches nothing. */
export const nothing: Selector = { matches: () => false, toString: () => '', isEmpty: false, requirements: [] }

/** The selector that a text means; throws BadRequest with Kubernetes's words. */
export function parseLabelSelector(text: string): Selector {
  if (text === '') return everything
  const parsed = parseRequirements(text)
  if ('fault' in parsed) throw badRequest(parsed.fault)
  return parsed.requirements.length === 0 ? everything : selectorFrom(parsed.requirements)
}

const compiled = new WeakMap<object, Selector>()

/** The selector of an API object: absent matches nothing, empty matches everything. */
export function selectorOf(selector: DeepReadonly<LabelSelector> | undefined | null): Selector {
  if (selector === undefined || selector === null) return nothing
  const known = compiled.get(selector)
  if (known !== undefined) return known
  const made = compile(selector)
  // A frozen object stays what it is; a draft may still change.
  if (Object.isFrozen(selector)) compiled.set(selector, made)
  return made
}

const OPERATORS: Readonly<Record<string, LabelRequirement['operator']>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
}

function compile({ matchLabels, matchExpressions }: DeepReadonly<LabelSelector>): Selector {
  const requirements: LabelRequirement[] = []
  for (const [key, value] of Object.entries(matchLabels ?? {}))
    requirements.push({ key, operator: '=', values: [value] })
  for (const { key, operator, values } of matchExpressions ?? []) {
    const known = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined
    if (known === undefined) return nothing
    requirements.push({ key, operator: known, values: [...(values ?? [])].sort() })
  }
  return requirements.length === 0 ? everything : selectorFrom(requirements)
}

/** Matches what has all these labels; an empty map matches everything. */
export function selectorFromMap(labels: Labels): Selector {
  const requirements = Object.entries(labels ?? {}).map(([key, value]): LabelRequirement => ({
    key,
    operator: '=',
    values: [value],
  }))
  return requirements.length === 0 ? everything : selectorFrom(requirements)
}

function selectorFrom(unsorted: readonly LabelRequirement[]): Selector {
  const requirements = unsorted.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  return {
    requirements,
    isEmpty: requirements.length === 0,
    matches: (labels) => requirements.every((requirement) => meets(labels, requirement)),
    toString: () => requirements.map(textOf).join(','),
  }
}

function meets(labels: Labels, { key, operator, values }: LabelRequirement): boolean {
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case '=':
      return value !== undefined && value === values[0]
    case 'in':
      return value !== undefined && values.includes(value)
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value)
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case 'gt':
      return compareWhole(value, values[0], (a, b) => a > b)
    case 'lt':
      return compareWhole(value, values[0], (a, b) => a < b)
  }
}

function compareWhole(
  label: string | undefined,
  wanted: string | undefined,
  holds: (a: bigint, b: bigint) => boolean,
): boolean {
  const whole = /^[+-]?\d{1,19}$/
  if (label === undefined || wanted === undefined || !whole.test(label) || !whole.test(wanted)) return false
  return holds(BigInt(label.replace('+', '')), BigInt(wanted.replace('+', '')))
}

function textOf({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case 'exists':
      return key
    case '!':
      return `!${key}`
    case '=':
    case '!=':
      return `${key}${operator}${values[0]}`
    case 'gt':
      return `${key}>${values[0]}`
    case 'lt':
      return `${key}<${values[0]}`
    case 'in':
    case 'notin':
      return `${key} ${operator} (${values.join(',')})`
  }
}
