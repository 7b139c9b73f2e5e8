/**
 * Clearing control groups out of every hierarchy that is mounted, also those that only the container runtime uses
 * (https://man7.org/linux/man-pages/man7/cgroups.7.html).
 */

import { existsSync, readFileSync, readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'

/** Removes the group `path` and all below it, and those above it that are empty then. Groups in use stay. */
export function removeGroupEverywhere(path: string): void {
  for (const root of hierarchies()) {
    removeTree(join(root, path))
    const parents = path.split('/').filter((part) => part !== '')
    for (let depth = parents.length - 1; depth > 0; depth--) tryRemove(join(root, ...parents.slice(0, depth)))
  }
}

function hierarchies(table = '/proc/self/mountinfo'): string[] {
  if (!existsSync(table)) return []
  return readFileSync(table, 'utf8')
    .split('\n')
    .flatMap((line) => (/ - cgroup2? /.test(line) ? [line.split(' ')[4] ?? ''] : []))
}

function removeTree(dir: string): void {
  let names: string[]
  try {
    names = readdirSync(dir, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  } catch {
    return // not there
  }
  for (const name of names) removeTree(join(dir, name))
  tryRemove(dir)
}

function tryRemove(dir: string): void {
  try {
    rmdirSync(dir)
  } catch {
    // in use, or not there
  }
}
