/** Which objects a list or watch is about: a namespace, a label selector, a field selector. */

import type { StoredObject } from '../registry/stored-object.ts'

export interface Selection {
  /** Absent: all namespaces, or a cluster-scoped resource. */
  readonly namespace?: string
  /** The only name that can match, when the field selector names one. */
  readonly name?: string
  /** The selectors' text; two selections of the same text and namespace are the same. Empty: all. */
  readonly text: string
  /** Absent when everything in the namespace matches. */
  readonly matches?: (object: StoredObject) => boolean
}

/** What tells one selection from another. */
export const selectionKey = ({ namespace, text }: Selection) => `${namespace ?? ''}\n${text}`

/** Whether an object is selected. */
export function selects(selection: Selection, object: StoredObject): boolean {
  const { namespace, matches } = selection
  if (namespace !== undefined && object.namespace !== namespace) return false
  return matches === undefined || matches(object)
}
