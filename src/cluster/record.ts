/** What is written down about a cluster: enough to start it again after a reboot and to take it down after a crash. */

import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { UserError } from '../base/user-error.ts'
import type { ProcessIdentity } from '../linux/processes.ts'
import { type ClusterPaths, clusterPaths } from './paths.ts'

/** How the containers of a cluster run: by containerd, or only in the mind. */
export type RuntimeChoice = 'containerd' | 'simulated'

export interface ClusterRecord {
  readonly version: 1
  readonly name: string
  /** Picks the address ranges and the link's name: no two clusters of one network namespace share it. */
  readonly index: number
  readonly port: number
  readonly runtime: RuntimeChoice
  /** Node names; a node's place in the list, from 1, is its number. */
  readonly nodes: readonly string[]
  /** The network namespace that holds the cluster's link and routes. */
  readonly hostNamespace: string
  readonly mergedKubeconfig?: string
}

const NAME = /^[a-z0-9]([-a-z0-9]{0,28}[a-z0-9])?$/

/** Folder names beside the clusters that no cluster may have. */
const TAKEN = new Set(['images'])

/** Throws unless `name` can name a cluster. */
export function checkClusterName(name: string): void {
  if (!NAME.test(name) || TAKEN.has(name))
    throw new UserError(
      `"${name}" cannot name a cluster`,
      TAKEN.has(name)
        ? 'that folder holds the images; choose another name'
        : 'use up to 30 lower-case letters, digits and "-", starting and ending with a letter or digit',
    )
}

/** The cluster as written down; undefined when there is none of that name. */
export function readCluster(paths: ClusterPaths): ClusterRecord | undefined {
  const value = readJson(paths.record)
  if (value === undefined) return undefined
  if (!isClusterRecord(value))
    throw new UserError(
      `${paths.record} is damaged`,
      `the cluster cannot be started; take it down with: gorae down --name ${paths.name}`,
    )
  return value
}

/** The names of all clusters of a home. */
export function listClusters(home: string): string[] {
  try {
    return readdirSync(home, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && NAME.test(entry.name) && !TAKEN.has(entry.name))
      .map((entry) => entry.name)
      .toSorted()
  } catch {
    return []
  }
}

/** Every cluster of a home that is written down and readable. */
export function readClusters(home: string): ClusterRecord[] {
  return listClusters(home).flatMap((name) => {
    const value = readJson(clusterPaths(home, name).record)
    return isClusterRecord(value) ? [value] : []
  })
}

/** A daemon's identity as it wrote it; undefined when it never ran. */
export function readIdentity(path: string): ProcessIdentity | undefined {
  const value = readJson(path)
  return isIdentity(value) ? value : undefined
}

/** Writes a small file whole or not at all. */
export function writeFileAtomic(path: string, content: string, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true })
  const draft = join(dirname(path), `.${process.pid}.draft`)
  writeFileSync(draft, content, { mode, flush: true })
  renameSync(draft, path)
}

export const writeJson = (path: string, value: unknown): void =>
  writeFileAtomic(path, `${JSON.stringify(value, null, 2)}\n`)

function readJson(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return JSON.parse(text)
  } catch {
    return 'damaged'
  }
}

function isClusterRecord(value: unknown): value is ClusterRecord {
  if (typeof value !== 'object' || value === null) return false
  const record = value as Partial<Record<keyof ClusterRecord, unknown>>
  return (
    record.version === 1 &&
    typeof record.name === 'string' &&
    Number.isInteger(record.index) &&
    Number.isInteger(record.port) &&
    (record.runtime === 'containerd' || record.runtime === 'simulated') &&
    Array.isArray(record.nodes) &&
    record.nodes.every((node) => typeof node === 'string')
  )
}

function isIdentity(value: unknown): value is ProcessIdentity {
  if (typeof value !== 'object' || value === null) return false
  const identity = value as Partial<Record<keyof ProcessIdentity, unknown>>
  return (
    Number.isInteger(identity.pid) && typeof identity.startTicks === 'string' && typeof identity.bootId === 'string'
  )
}

/** Where people on this machine reach the API server. */
export const serverUrl = (port: number): string => `https://127.0.0.1:${port}`
