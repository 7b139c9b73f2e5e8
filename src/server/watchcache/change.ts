/** One change of one object, and what it looks like through a selection. */

import type { StoredObject } from '../registry/stored-object.ts'
import { type Selection, selects } from './selection.ts'
import { WatchFrame } from './watch-frame.ts'

/** At least one of the two is there. */
export class Change {
  readonly revision: number
  readonly current: StoredObject | undefined
  readonly previous: StoredObject | undefined
  #modified: WatchFrame | undefined
  #deleted: WatchFrame | undefined

  constructor(revision: number, current: StoredObject | undefined, previous: StoredObject | undefined) {
    this.revision = revision
    this.current = current
    this.previous = previous
  }

  /** Characters and values that are kept for it. */
  get weight(): number {
    return (this.current ?? this.previous)?.weight ?? 0
  }

  /** The event as a watch of `selection` sees it; absent when it does not concern it. */
  seenBy(selection: Selection): WatchFrame | undefined {
    const { current, previous } = this
    const wasIn = previous !== undefined && selects(selection, previous)
    if (current !== undefined && selects(selection, current)) {
      return wasIn ? (this.#modified ??= new WatchFrame('MODIFIED', current)) : addedFrame(current)
    }
    // The state that last matched, under the revision of the change: a watch may go on from there.
    return wasIn ? (this.#deleted ??= new WatchFrame('DELETED', previous.at(this.revision))) : undefined
  }
}

/** The event that tells of an object as new, shared by all who learn of it. */
export function addedFrame(object: StoredObject): WatchFrame {
  return object.derived('added', () => new WatchFrame('ADDED', object))
}
