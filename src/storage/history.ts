/** The versions of one key, oldest first, as far back as compaction has left them. */

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
