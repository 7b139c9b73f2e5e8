/**
 * The context of a cluster in the kubeconfig of the user, among those of other clusters.
 * https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
 */

import { closeSync, existsSync, mkdirSync, openSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { Document, type YAMLMap, YAMLSeq, isMap, isSeq, parseDocument } from 'yaml'

import type { Clock } from '../base/clock.ts'
import { UserError } from '../base/user-error.ts'
import { type KubeAccess, kubeconfigEntries } from '../client/kubeconfig.ts'
import { writeFileAtomic } from './record.ts'

export const contextName = (cluster: string): string => `gorae-${cluster}`

/** Where contexts are merged to when nothing else is said. */
export const usualKubeconfig = (): string => join(homedir(), '.kube', 'config')

/** The user's file: the first of $KUBECONFIG, or ~/.kube/config. */
export function userKubeconfig(env: NodeJS.ProcessEnv = process.env): string {
  const [first] = (env.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '')
  return first ?? usualKubeconfig()
}

/** `text` with our entries put in, in place of earlier ones of the same name, and our context the current one. */
export function mergeContext(text: string, access: KubeAccess): string {
  const document = parse(text)
  for (const [list, entry] of Object.entries(kubeconfigEntries(access))) {
    const items = listOf(document, list)
    const at = items.items.findIndex((item) => nameOf(item) === access.name)
    const node = document.createNode(entry)
    if (at < 0) items.add(node)
    else items.items[at] = node
  }
  document.set('current-context', access.name)
  return document.toString({ lineWidth: 0 })
}

/**
 * `text` without the entries called `name`; the current context is unset if it was that one. With certificates of
 * authorities, only where the cluster of that name has one of them: otherwise it is another one.
 */
export function removeContext(text: string, name: string, authorities?: readonly string[]): string {
  const document = parse(text)
  if (authorities !== undefined && !authorities.includes(authorityOf(document, name) ?? '')) return text
  for (const list of ['clusters', 'users', 'contexts']) {
    const items = document.get(list)
    if (isSeq(items)) items.items = items.items.filter((item) => nameOf(item) !== name)
  }
  if (document.get('current-context') === name) document.set('current-context', '')
  return document.toString({ lineWidth: 0 })
}

/** The certificate of the authority that the cluster called `name` has in a kubeconfig. */
export const authorityIn = (text: string, name: string): string | undefined => authorityOf(parse(text), name)

function authorityOf(document: Document, name: string): string | undefined {
  const clusters = document.get('clusters')
  const found = isSeq(clusters) ? clusters.items.find((item) => nameOf(item) === name) : undefined
  const data = isMap(found) ? (found as YAMLMap).getIn(['cluster', 'certificate-authority-data']) : undefined
  return typeof data === 'string' ? Buffer.from(data, 'base64').toString('utf8') : undefined
}

/** Changes the user's file, one process at a time as kubectl does it, and never a half-written file. */
export async function editUserKubeconfig(path: string, clock: Clock, edit: (text: string) => string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const lock = `${path}.lock`
  await takeLock(lock, clock)
  try {
    const target = existsSync(path) ? realpathSync(path) : path
    const owner = statSync(target, { throwIfNoEntry: false }) // root may change the file of another
    const before = owner === undefined ? '' : readFileSync(target, 'utf8')
    const after = edit(before)
    if (after !== before) writeFileAtomic(target, after, { mode: 0o600, owner })
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`${path}: ${error.message}`, error.advice, { cause: error })
    throw error
  } finally {
    rmSync(lock, { force: true })
  }
}

async function takeLock(lock: string, clock: Clock): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      closeSync(openSync(lock, 'wx', 0o600))
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      // Nobody holds it for so long: its holder died.
      if (tries > 50) rmSync(lock, { force: true })
      await clock.sleep(100)
    }
  }
}

function parse(text: string): Document {
  const document = parseDocument(text)
  const isEmpty = document.contents === null
  if (document.errors.length > 0 || !(isEmpty || isMap(document.contents)))
    throw new UserError('this is no kubeconfig file', 'mend it, or run: gorae up --no-merge-kubeconfig')
  if (isEmpty) return new Document({ apiVersion: 'v1', kind: 'Config' })
  return document
}

function listOf(document: Document, key: string): YAMLSeq {
  const found = document.get(key)
  if (isSeq(found)) return found
  const list = new YAMLSeq()
  document.set(key, list)
  return list
}

const nameOf = (item: unknown): unknown => (isMap(item) ? (item as YAMLMap).get('name') : undefined)
