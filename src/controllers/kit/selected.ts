/**
 * Finds what selectors select, and the selectors that select something, without walking over a whole namespace: the
 * first label that a selector demands is looked up in an index.
 */

import type { Informer } from '../../client/informer.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { Selector } from '../../meta/label-selector.ts'
import type { KubeObject } from '../../meta/types.ts'
import { indexOnce, ownedBy } from './indexes.ts'
import { controllerOf, type ReadObject, uidOf } from './ownership.ts'

/** So many labels have an index of their own; who selects by yet others has the namespace walked over. */
const MAX_KEYS = 64
const BY_SELECTOR = 'selectorLabel'
/** Where selectors stand that demand no label of a certain value. */
const ANY = '*'

const bucketOf = (namespace: string | undefined, key: string, value: string) => `${namespace ?? ''}|${key}=${value}`

/** A label that everything selected has, with one of these values. */
function demandedLabel({ requirements }: Selector) {
  return requirements.find(({ operator }) => operator === '=' || operator === 'in')
}

/** Which objects an index is over. */
interface Part {
  readonly name: string
  readonly has: (object: ReadObject) => boolean
}

const ALL: Part = { name: 'label', has: () => true }
const ORPHANS: Part = { name: 'orphan label', has: (object) => controllerOf(object) === undefined }

/** The objects of the namespace that the selector matches. */
export function selectedBy<T extends KubeObject>(
  objects: Informer<T>,
  namespace: string,
  selector: Selector,
): readonly DeepReadonly<T>[] {
  return find(objects, ALL, namespace, selector)
}

/** What `owner` may claim: its own, and the orphans of its namespace that it selects. */
export function candidatesOf<T extends KubeObject>(
  objects: Informer<T>,
  owner: ReadObject,
  selector: Selector,
): readonly DeepReadonly<T>[] {
  const orphans = find(objects, ORPHANS, owner.metadata.namespace ?? '', selector)
  return [...ownedBy(objects, uidOf(owner)), ...orphans]
}

function find<T extends KubeObject>(
  objects: Informer<T>,
  part: Part,
  namespace: string,
  selector: Selector,
): readonly DeepReadonly<T>[] {
  const isWanted = (object: DeepReadonly<T>) =>
    part.has(object as ReadObject) && selector.matches((object as ReadObject).metadata.labels)
  const label = demandedLabel(selector)
  const index = label === undefined ? undefined : labelIndex(objects, part, label.key)
  if (label === undefined || index === undefined) return objects.list(namespace).filter(isWanted)
  const values = [...new Set(label.values)]
  return values.flatMap((value) => objects.byIndex(index, bucketOf(namespace, label.key, value))).filter(isWanted)
}

const indexesOf = new WeakMap<object, Set<string>>()

/** The index over a label, which is made when it is first asked for; undefined where there are too many. */
function labelIndex<T extends KubeObject>(objects: Informer<T>, { name, has }: Part, key: string): string | undefined {
  const index = `${name} ${key}`
  const known = indexesOf.get(objects) ?? new Set<string>()
  indexesOf.set(objects, known)
  if (known.has(index)) return index
  if (known.size >= MAX_KEYS) return undefined
  known.add(index)
  objects.addIndex(index, (object) => {
    const { namespace, labels = {} } = (object as ReadObject).metadata
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined
    return value === undefined || !has(object as ReadObject) ? [] : [bucketOf(namespace, key, value)]
  })
  return index
}

/** Lets `selecting` find objects by what their selectors demand. */
export function indexBySelector<T extends KubeObject>(
  objects: Informer<T>,
  selectorOf: (object: DeepReadonly<T>) => Selector,
): void {
  indexOnce(objects, BY_SELECTOR, (object) => {
    const { namespace } = (object as ReadObject).metadata
    const label = demandedLabel(selectorOf(object))
    if (label === undefined) return [`${namespace ?? ''}|${ANY}`]
    return [...new Set(label.values)].map((value) => bucketOf(namespace, label.key, value))
  })
}

/** The objects whose selectors may match something of this namespace with any of these labels. */
export function selecting<T extends KubeObject>(
  objects: Informer<T>,
  namespace: string | undefined,
  ...labels: readonly (Readonly<Record<string, string>> | undefined)[]
): readonly DeepReadonly<T>[] {
  const buckets = new Set([`${namespace ?? ''}|${ANY}`])
  for (const [key, value] of labels.flatMap((each) => Object.entries(each ?? {}))) {
    buckets.add(bucketOf(namespace, key, value))
  }
  return [...new Set([...buckets].flatMap((bucket) => objects.byIndex(BY_SELECTOR, bucket)))]
}
