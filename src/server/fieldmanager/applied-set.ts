/** The fields that a value has an opinion on: what an applier owns after applying it. */
import { elementText, fieldElement, isObject, itemName, MANY, rareElement } from './elements.ts'
import { emptySet, isEmpty, leafSet, makeSet, type FieldSet } from './field-set.ts'
import { openType, type FieldType, type ListType, type ScalarType } from './field-type.ts'
import { asGoPrints, asGoSyntax, goTypeOf } from './go-values.ts'

const MAX_DEPTH = 500

/** Every field that `value` sets, by its type. */
export function fieldsOf(value: unknown, type: FieldType, depth = 0): FieldSet {
  if (depth > MAX_DEPTH) return leafSet
  switch (type.kind) {
    case 'scalar':
      return leafSet
    case 'open':
      return isObject(value) ? membersOf(value, () => openType, { declared: false, depth }) : leafSet
    case 'map':
      if (type.atomic) return leafSet
      return isObject(value) ? membersOf(value, () => type.of, { declared: false, depth }) : emptySet
    case 'struct':
      if (type.atomic) return leafSet
      return isObject(value) ? membersOf(value, (name) => type.field(name), { declared: true, depth }) : emptySet
    case 'list':
      if (type.relation === 'atomic') return leafSet
      return Array.isArray(value) ? itemsOf(value, type, depth) : emptySet
  }
}

interface Site {
  /** The keys are fields of a struct: those are owned only through what is in them. */
  readonly declared: boolean
  readonly depth: number
}

function membersOf(
  value: Readonly<Record<string, unknown>>,
  typeOfMember: (name: string) => FieldType | undefined,
  { declared, depth }: Site,
): FieldSet {
  const children = new Map<string, FieldSet>()
  const names = Object.keys(value)
  const elementOf = names.length > MANY ? rareElement : fieldElement
  for (const name of names) {
    const member = value[name]
    const type = typeOfMember(name)
    if (type?.kind === 'scalar') {
      children.set(elementOf(name), leafSet)
      continue
    }
    const inner = fieldsOf(member, type ?? openType, depth + 1)
    const whole =
      !declared || type === undefined || member === null || (inner.children.size === 0 && isEmptyObject(member))
    const set = whole && !inner.owned ? makeSet(true, inner.children) : inner
    if (!isEmpty(set)) children.set(elementOf(name), set)
  }
  return makeSet(false, children)
}

const isEmptyObject = (value: unknown) => isObject(value) && Object.keys(value).length === 0

function itemsOf(list: readonly unknown[], type: ListType, depth: number): FieldSet {
  const children = new Map<string, FieldSet>()
  for (const item of list) {
    const { element } = itemName(item, type)
    if (element !== undefined) children.set(element, makeSet(true, fieldsOf(item, type.of, depth + 1).children))
  }
  return makeSet(false, children)
}

/** Where a value stands: made a text only when something is wrong there. */
interface Place {
  readonly above: Place | undefined
  /** An element's own text, but for that of a field (`name`) and of an item that has no element (a number). */
  readonly step: { readonly name: string } | string | number
}

function placeText(place: Place | undefined): string {
  if (place === undefined) return ''
  const { above, step } = place
  if (typeof step === 'object') return `${placeText(above)}.${step.name}`
  return placeText(above) + (typeof step === 'number' ? `[${step}]` : elementText(step))
}

/** What is wrong with an applied value, in Kubernetes's words: unknown fields, other types, items that cannot be told apart. */
export function faultsOf(value: unknown, type: FieldType): readonly string[] {
  const faults = new Faults()
  judge(value, type, { place: undefined, depth: 0, faults })
  return faults.told
}

/** So many characters of faults are told, and one fault more: there may be tens of thousands. */
const MAX_TOLD = 256 * 1024

class Faults {
  readonly told: string[] = []
  #length = 0

  get isEnough(): boolean {
    return this.#length > MAX_TOLD
  }

  add(fault: string): void {
    if (this.isEnough) return
    this.told.push(fault)
    this.#length += fault.length
  }
}

interface Judging {
  readonly place: Place | undefined
  readonly depth: number
  readonly faults: Faults
}

function judge(value: unknown, type: FieldType, { place, depth, faults }: Judging): void {
  if (value === null || value === undefined || depth > MAX_DEPTH || faults.isEnough) return
  const refuse = (why: string) => faults.add(`${placeText(place)}: ${why}`)
  switch (type.kind) {
    case 'open':
      return
    case 'scalar': {
      const fault = scalarFault(value, type)
      if (fault !== undefined) refuse(fault)
      return
    }
    case 'map':
    case 'struct':
      if (!isObject(value)) return refuse(`expected map, got &{${asGoPrints(value)}}`)
      for (const name of Object.keys(value)) {
        if (faults.isEnough) return
        const inside = { place: { above: place, step: { name } }, depth: depth + 1, faults }
        const member = type.kind === 'map' ? type.of : type.field(name)
        if (member !== undefined) judge(value[name], member, inside)
        else faults.add(`${placeText(inside.place)}: field not declared in schema`)
      }
      return
    case 'list':
      if (!Array.isArray(value)) return refuse(`expected list, got &{${asGoPrints(value)}}`)
      judgeItems(value, type, { place, depth: depth + 1, faults })
  }
}

/** Each kind of scalar is told of in another form. */
function scalarFault(value: unknown, { is }: ScalarType): string | undefined {
  if (typeof value === is || (is === 'number' && typeof value === 'bigint')) return undefined
  switch (is) {
    case 'string':
      return `expected string, got &value.valueUnstructured{Value:${asGoSyntax(value)}}`
    case 'number':
      return `expected numeric (int or float), got ${goTypeOf(value)}`
    case 'boolean':
      return `expected boolean, got &{${asGoPrints(value)}}`
    case 'scalar':
      return typeof value === 'object' ? `expected any scalar, got &{${asGoPrints(value)}}` : undefined
    case undefined:
      return undefined
  }
}

function judgeItems(list: readonly unknown[], type: ListType, { place, depth, faults }: Judging): void {
  const seen = new Set<string>()
  for (const [index, item] of list.entries()) {
    if (faults.isEnough) return
    if (type.relation === 'atomic') {
      judge(item, type.of, { place: { above: place, step: index }, depth, faults })
      continue
    }
    const { element, fault } = itemName(item, type)
    if (element === undefined) faults.add(`${placeText(place)}: element ${index}: ${fault}`)
    else if (seen.has(element)) {
      faults.add(`${placeText(place)}: duplicate entries for key ${elementText(element)}`)
    } else {
      seen.add(element)
      judge(item, type.of, { place: { above: place, step: element }, depth, faults })
    }
  }
}
