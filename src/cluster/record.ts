/** What is written down about a cluster: enough to start it again after a reboot and to take it down after a crash. */

import { lchownSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { UserError } from '../base/user-error.ts'
import type { ProcessIdentity } from '../linux/processes.ts'
import { MAX_CLUSTERS, MAX_NODES } from './machine/ranges.ts'
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

/** Whether `name` can name a cluster. */
export const isClusterName = (name: string): boolean => NAME.test(name) && !TAKEN.has(name)

/** Throws unless `name` can name a cluster. */
export function checkClusterName(name: string): void {
  if (!isClusterName(name))
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
  const takeDown = `take it down with: gorae down --name ${paths.name}`
  if (isOfOtherVersion(value))
    throw new UserError(
      `${paths.record} was written in the format ${value.version} of another version of gorae; this one reads ${VERSION}`,
      `start the cluster with that version, or ${takeDown}`,
    )
  if (!isClusterRecord(value) || value.name !== paths.name)
    throw new UserError(
      `${paths.record} is damaged: ${faultOf(value) ?? `it is the record of another cluster`}`,
      `the cluster cannot be started; ${takeDown}`,
    )
  return value
}

/** The kubeconfig that a record says it was merged into, though it may be damaged otherwise. */
export function mergedInto({ record }: ClusterPaths): string | undefined {
  let text: string
  try {
    text = readFileSync(record, 'utf8')
  } catch {
    return undefined
  }
  const [, quotedPath] = /"mergedKubeconfig": *("(?:[^"\\\n]|\\.)*")/.exec(text) ?? []
  return quotedPath === undefined ? undefined : (JSON.parse(quotedPath) as string)
}

/** The names of all clusters of a home. */
export function listClusters(home: string): string[] {
  try {
    return readdirSync(home, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && isClusterName(entry.name))
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

/** Who may use a file: by default everybody may read it, and it belongs to who writes it. */
interface FileRights {
  readonly mode?: number
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined
}

/**
 * Writes a small file whole or not at all. The folder may be another user's, who can lay a link where the draft goes: it
 * is made anew, never written through.
 */
export function writeFileAtomic(path: string, content: string, { mode = 0o644, owner }: FileRights = {}): void {
  mkdirSync(dirname(path), { recursive: true })
  const draft = join(dirname(path), `.${process.pid}.draft`)
  try {
    rmSync(draft, { force: true }) // of a process before this one that had its number
    writeFileSync(draft, content, { mode, flush: true, flag: 'wx' })
    if (owner !== undefined && owner.uid !== process.getuid?.()) lchownSync(draft, owner.uid, owner.gid)
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw Object.assign(error as Error, { path }) // a full disk names none
  }
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

const VERSION = 1

const isOfOtherVersion = (value: unknown): value is { readonly version: number } =>
  typeof value === 'object' &&
  value !== null &&
  'version' in value &&
  Number.isInteger(value.version) &&
  value.version !== VERSION

/** Simulated clusters have one address of loopback each; the others share the machine's ranges. */
const MAX_SIMULATED = 250

const isWithin = (value: unknown, first: number, end: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= first && value < end

const isClusterRecord = (value: unknown): value is ClusterRecord => faultOf(value) === undefined

type Fields = Partial<Record<keyof ClusterRecord, unknown>>

const CHECKS: Readonly<Record<string, (record: Fields) => boolean>> = {
  version: ({ version }) => version === VERSION,
  name: ({ name }) => typeof name === 'string' && NAME.test(name),
  runtime: ({ runtime }) => runtime === 'containerd' || runtime === 'simulated',
  index: ({ index, runtime }) => isWithin(index, 0, runtime === 'simulated' ? MAX_SIMULATED : MAX_CLUSTERS),
  port: ({ port }) => isWithin(port, 1, 65_536),
  // Folders and namespaces are called after them.
  nodes: ({ nodes }) =>
    Array.isArray(nodes) &&
    isWithin(nodes.length, 1, MAX_NODES + 1) &&
    nodes.every((node, at) => node === `node-${at + 1}`),
  hostNamespace: ({ hostNamespace }) => typeof hostNamespace === 'string',
  mergedKubeconfig: ({ mergedKubeconfig: file }) => file === undefined || typeof file === 'string',
}

/** The first field that no record has so. */
function faultOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it holds no object'
  const bad = Object.entries(CHECKS).find(([, isGood]) => !isGood(value))?.[0]
  return bad === undefined ? undefined : `${bad} is ${quoted((value as Readonly<Record<string, unknown>>)[bad])}`
}

const quoted = (value: unknown): string => JSON.stringify(value) ?? 'missing'

function isIdentity(value: unknown): value is ProcessIdentity {
  if (typeof value !== 'object' || value === null) return false
  const identity = value as Partial<Record<keyof ProcessIdentity, unknown>>
  return (
    Number.isInteger(identity.pid) && typeof identity.startTicks === 'string' && typeof identity.bootId === 'string'
  )
}

/** Where people on this machine reach the API server. */
export const serverUrl = (port: number): string => `https://127.0.0.1:${port}`
