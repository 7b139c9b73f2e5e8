/**
 * What decides which fields a new object's creator owns: the fields' names, the names of list items, and which values
 * are no more than the zeros that are there before anything is set. Objects of one make have one outline, whatever their
 * values. Outlines are kept as one tree that is walked along an object, so that nothing is made where one is known.
 */
import { isObject, itemName, type ObjectValue } from './elements.ts'
import { openType, type FieldType, type ListType } from './field-type.ts'

/** What an outline consists of: names, and what stands for everything else. */
type Token = string | number

const OPEN = 1
const CLOSE = 2
const EMPTY_LIST = 3
/** A list that is owned as a whole: only that it is there matters. */
const WHOLE_LIST = 4
const LIST = 5
const VALUE = 6
/** Values that an object may have before anything is set; all others are alike. */
const ZEROS: ReadonlyMap<unknown, Token> = new Map<unknown, Token>([
  [undefined, 7],
  [null, 8],
  ['', 9],
  [0, 10],
  [false, 11],
])

/** A place in the tree of outlines: at the end of an object's walk, what is known of all objects of its outline. */
export class Place {
  /** What follows here most often. */
  #token: Token | undefined
  #next: Place | undefined
  #others: Map<Token, Place> | undefined
  /** Null: none; undefined: not known yet. */
  fields: object | null | undefined

  /** Where this token leads; undefined where it leads nowhere yet. */
  after(token: Token): Place | undefined {
    return this.#token === token ? this.#next : this.#others?.get(token)
  }

  lead(token: Token): Place {
    const next = new Place()
    if (this.#token === undefined) {
      this.#token = token
      this.#next = next
    } else {
      this.#others ??= new Map()
      this.#others.set(token, next)
    }
    return next
  }
}

/** The tree begins anew when it is larger. */
const MAX_PLACES = 20_000
/** Longer outlines are worth nothing: hardly another object has them. */
const MAX_STEPS = 1_000
const MAX_NAME = 200

export class Outlines {
  #root = new Place()
  #places = 0

  /** The place of all objects of this type that have the same fields; undefined for an object that is too large. */
  placeOf(object: ObjectValue, type: FieldType, key: string): Place | undefined {
    if (this.#places > MAX_PLACES) {
      this.#root = new Place()
      this.#places = 0
    }
    const walk = new Walk(this.#root)
    walk.step(key)
    walk.add(object, type)
    this.#places += walk.made
    return walk.isTooLong ? undefined : walk.place
  }
}

class Walk {
  place: Place
  /** Places that were not there. */
  made = 0
  #steps = 0

  constructor(root: Place) {
    this.place = root
  }

  get isTooLong(): boolean {
    return this.#steps > MAX_STEPS
  }

  step(token: Token): void {
    if (typeof token === 'string' && token.length > MAX_NAME) this.#steps = MAX_STEPS
    if (++this.#steps > MAX_STEPS) return
    const known = this.place.after(token)
    if (known === undefined) this.made++
    this.place = known ?? this.place.lead(token)
  }

  add(value: unknown, type: FieldType): void {
    if (Array.isArray(value)) this.#addList(value, type)
    else if (isObject(value)) this.#addFields(value, type)
    else this.step(ZEROS.get(value) ?? VALUE)
  }

  #addFields(object: ObjectValue, type: FieldType): void {
    this.step(OPEN)
    for (const name in object) {
      if (this.isTooLong) return
      this.step(name)
      this.add(object[name], memberType(type, name))
    }
    this.step(CLOSE)
  }

  #addList(list: readonly unknown[], type: FieldType): void {
    if (list.length === 0) this.step(EMPTY_LIST)
    else if (type.kind !== 'list' || type.relation === 'atomic') this.step(WHOLE_LIST)
    else this.#addItems(list, type)
  }

  #addItems(list: readonly unknown[], type: ListType): void {
    this.step(LIST)
    for (const item of list) {
      if (this.isTooLong) return
      this.step(itemName(item, type).element ?? '')
      if (type.relation === 'map') this.add(item, type.of)
    }
    this.step(CLOSE)
  }
}

function memberType(type: FieldType, name: string): FieldType {
  if (type.kind === 'struct') return type.field(name) ?? openType
  return type.kind === 'map' ? type.of : openType
}
