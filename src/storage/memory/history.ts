/** The versions of one key, oldest first, as far back as compaction has left them. */

import type { Entry } from '../storage.ts'

export interface Version {
  readonly revision: number
  /** Absent: deleted at this revision. */
  readonly entry: Entry | undefined
}

/** One key's history. */
export interface KeyHistory {
  readonly key: string
  versions: Version[]
}

/** The key as it stands now. */
export function newest(history: KeyHistory | undefined): Entry | undefined {
  return history?.versions.at(-1)?.entry
}

/** The key as it stood at `revision`. */
export function at(history: KeyHistory, revision: number): Entry | undefined {
  const { versions } = history
  for (let i = versions.length - 1; i >= 0; i--) {
    const version = versions[i]
    if (version !== undefined && version.revision <= revision) return version.entry
  }
  return undefined
}

/** Drops what no read after `revision` can see. False when nothing is left. */
export function compactHistory(history: KeyHistory, revision: number): boolean {
  const { versions } = history
  let keep = versions.findLastIndex((version) => version.revision <= revision)
  if (keep < 0) return true
  if (versions[keep]?.entry === undefined) keep += 1
  history.versions = versions.slice(keep)
  return history.versions.length > 0
}
