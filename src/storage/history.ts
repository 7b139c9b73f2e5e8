/** The versions of one key, oldest first, as far back as compaction has left them. */

import { Compacted, type Entry, FutureRevision, type RangeOptions, type RangeResult } from './storage.ts'

export interface Version<E> {
  readonly revision: number
  /** Absent: deleted at this revision. */
  readonly entry: E | undefined
}

/** One key's history. `E` is whatever the engine keeps of an entry. */
export interface KeyHistory<E> {
  readonly key: string
  versions: Version<E>[]
}

/** The key as it stands now. */
export function newest<E>(history: KeyHistory<E> | undefined): E | undefined {
  return history?.versions.at(-1)?.entry
}

/** The key as it stood at `revision`. */
export function at<E>({ versions }: KeyHistory<E>, revision: number): E | undefined {
  return versions.findLast((version) => version.revision <= revision)?.entry
}

/** Drops what no read after `revision` can see. False when nothing is left. */
export function compactHistory<E>(history: KeyHistory<E>, revision: number): boolean {
  const { versions } = history
  let keep = versions.findLastIndex((version) => version.revision <= revision)
  if (keep < 0) return true
  if (versions[keep]?.entry === undefined) keep += 1
  history.versions = versions.slice(keep)
  return history.versions.length > 0
}

/** Where a store stands: it can be read at any revision from `compacted` to `revision`. */
export interface Standing {
  readonly revision: number
  readonly compacted: number
}

/** A range read of the keys whose histories are given, in their order. `entryOf` gets the entry that a version stands for. */
export function readRange<E>(
  histories: Iterable<KeyHistory<E>>,
  { limit = 0, revision: asked }: RangeOptions,
  { revision, compacted }: Standing,
  entryOf: (key: string, version: E) => Entry,
): RangeResult {
  const wanted = asked ?? revision
  if (wanted > revision) throw new FutureRevision(revision)
  if (wanted < compacted) throw new Compacted(compacted)
  const entries: Entry[] = []
  let remaining = 0
  for (const history of histories) {
    const version = at(history, wanted)
    if (version === undefined) continue
    if (limit > 0 && entries.length >= limit) remaining += 1
    else entries.push(entryOf(history.key, version))
  }
  return { entries, revision, remaining }
}
