/**
 * Kubeconfig files: how clients know where a cluster is and who they are. Reads them, writes them for their owner's
 * eyes only, and merges one context into a file that holds others
 * (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/).
 */

import { mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type Document, isMap, isSeq, parseDocument, stringify } from 'yaml'
import { systemRandom } from '../base/random.ts'

/** One way into one cluster: certificates and keys in PEM. */
export interface KubeAccess {
  /** The name of cluster, user and context alike. */
  readonly name: string
  readonly server: string
  /** The cluster's certificate authority. */
  readonly ca: string
  readonly namespace?: string
  readonly certificate?: string
  readonly key?: string
  readonly token?: string
}

/** A file that is no kubeconfig, or one that lacks what is needed. */
export class KubeconfigError extends Error {
  override readonly name = 'KubeconfigError'
}

/** The file's text for one access alone. */
export function kubeconfigText(access: KubeAccess): string {
  const { cluster, user, context } = entriesOf(access)
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [cluster],
    users: [user],
    contexts: [context],
    'current-context': access.name,
    preferences: {},
  })
}

/** Writes a kubeconfig of its own at `path`, mode 0600, in one step. */
export async function writeKubeconfig(path: string, access: KubeAccess): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await replaceFile(path, kubeconfigText(access))
}

/** Reads one context of the file at `path`; the current one unless named. Files it refers to are read too. */
export async function readKubeconfig(path: string, contextName?: string): Promise<KubeAccess> {
  const config = documentOf(await readText(path), path).toJS({ maxAliasCount: 0 }) as unknown
  const wanted = contextName ?? textAt(config, 'current-context')
  if (wanted === undefined || wanted === '') throw new KubeconfigError(`${path} names no current-context`)
  const context = named(config, 'contexts', wanted, 'context', path)
  const cluster = named(config, 'clusters', textAt(context, 'cluster') ?? '', 'cluster', path)
  const user = named(config, 'users', textAt(context, 'user') ?? '', 'user', path)
  const server = textAt(cluster, 'server')
  if (server === undefined) throw new KubeconfigError(`the cluster of context "${wanted}" in ${path} has no server`)
  const pem = (from: unknown, field: string) => dataOrFile(from, field, dirname(path))
  const [ca, certificate, key] = await Promise.all([
    pem(cluster, 'certificate-authority'),
    pem(user, 'client-certificate'),
    pem(user, 'client-key'),
  ])
  const token = textAt(user, 'token')
  const namespace = textAt(context, 'namespace')
  return {
    name: wanted,
    server,
    ca: ca ?? '',
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
    ...(token === undefined ? {} : { token }),
    ...(namespace === undefined ? {} : { namespace }),
  }
}

/**
 * Puts the access into the file at `path`, replacing entries of its name and keeping everything else, comments too.
 * It becomes the current context unless told otherwise. In one step: readers see the old file or the new one.
 */
export async function mergeKubeconfig(path: string, access: KubeAccess, makeCurrent = true): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const text = await readText(path).catch(absent)
  if (text === undefined || text.trim() === '') return replaceFile(path, kubeconfigText(access))
  const document = documentOf(text, path)
  const { cluster, user, context } = entriesOf(access)
  putNamed(document, 'clusters', access.name, cluster)
  putNamed(document, 'users', access.name, user)
  putNamed(document, 'contexts', access.name, context)
  if (makeCurrent) document.set('current-context', access.name)
  await replaceFile(path, document.toString())
}

/** Takes the cluster, user and context called `name` out of the file at `path`. False when there were none. */
export async function removeFromKubeconfig(path: string, name: string): Promise<boolean> {
  const text = await readText(path).catch(absent)
  if (text === undefined || text.trim() === '') return false
  const document = documentOf(text, path)
  const removed = ['clusters', 'users', 'contexts'].map((list) => dropNamed(document, list, name))
  if (!removed.includes(true)) return false
  if (document.get('current-context') === name) document.set('current-context', '')
  await replaceFile(path, document.toString())
  return true
}

function entriesOf({ name, server, ca, namespace, certificate, key, token }: KubeAccess) {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  return {
    cluster: { name, cluster: { 'certificate-authority-data': base64(ca), server } },
    user: {
      name,
      user: {
        ...(certificate === undefined ? {} : { 'client-certificate-data': base64(certificate) }),
        ...(key === undefined ? {} : { 'client-key-data': base64(key) }),
        ...(token === undefined ? {} : { token }),
      },
    },
    context: { name, context: { cluster: name, user: name, ...(namespace === undefined ? {} : { namespace }) } },
  }
}

function documentOf(text: string, path: string): Document {
  const document = parseDocument(text)
  const [fault] = document.errors
  if (fault !== undefined) throw new KubeconfigError(`${path} is no YAML: ${fault.message}`)
  if (!isMap(document.contents)) throw new KubeconfigError(`${path} is no kubeconfig; move it away or mend it`)
  return document
}

function putNamed(document: Document, list: string, name: string, entry: object): void {
  dropNamed(document, list, name)
  if (isSeq(document.get(list))) document.addIn([list], document.createNode(entry))
  else document.set(list, document.createNode([entry]))
}

function dropNamed(document: Document, list: string, name: string): boolean {
  const entries = document.get(list)
  if (!isSeq(entries)) return false
  const before = entries.items.length
  entries.items = entries.items.filter((item) => !isMap(item) || item.get('name') !== name)
  return entries.items.length < before
}

function named(config: unknown, list: string, name: string, field: string, path: string): unknown {
  const entries = fieldOf(config, list)
  const found = Array.isArray(entries) ? entries.find((entry: unknown) => textAt(entry, 'name') === name) : undefined
  if (found === undefined) throw new KubeconfigError(`${path} has no ${field} named "${name}"`)
  return fieldOf(found, field)
}

function fieldOf(from: unknown, field: string): unknown {
  if (typeof from !== 'object' || from === null || !Object.hasOwn(from, field)) return undefined
  return (from as Record<string, unknown>)[field]
}

function textAt(from: unknown, field: string): string | undefined {
  const value = fieldOf(from, field)
  return typeof value === 'string' ? value : undefined
}

async function dataOrFile(from: unknown, field: string, folder: string): Promise<string | undefined> {
  const data = textAt(from, `${field}-data`)
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8')
  const file = textAt(from, field)
  return file === undefined ? undefined : readFile(resolve(folder, file), 'utf8')
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8')
}

function absent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}

/** Writes beside the file and renames, following a link to the file it stands for. The old file's mode is narrowed. */
async function replaceFile(path: string, text: string): Promise<void> {
  const target = (await realpath(path).catch(absent)) ?? path
  const draft = join(dirname(target), `.${systemRandom.uuid()}.tmp`)
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(text)
      const owner = await stat(target).catch(absent)
      if (owner !== undefined && owner.uid !== process.getuid?.()) await file.chown(owner.uid, owner.gid)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
