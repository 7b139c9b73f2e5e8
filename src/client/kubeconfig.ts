/**
 * Kubeconfigs: how clients know where a cluster is and who they are
 * (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/).
 */

import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { type Document, isMap, parseDocument, stringify } from 'yaml'

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
  const { clusters, users, contexts } = kubeconfigEntries(access)
  const config = { apiVersion: 'v1', kind: 'Config', clusters: [clusters], users: [users], contexts: [contexts] }
  return stringify({ ...config, 'current-context': access.name }, { lineWidth: 0 })
}

/** Reads one context of the file at `path`; the current one unless named. Files it refers to are read too. */
export async function readKubeconfig(path: string, contextName?: string): Promise<KubeAccess> {
  const config = documentOf(await readFile(path, 'utf8'), path).toJS({ maxAliasCount: 0 }) as unknown
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

/** The three entries of one access, by the lists that they belong to. */
export function kubeconfigEntries({ name, server, ca, namespace, certificate, key, token }: KubeAccess) {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  return {
    clusters: { name, cluster: { server, 'certificate-authority-data': base64(ca) } },
    users: {
      name,
      user: {
        ...(certificate === undefined ? {} : { 'client-certificate-data': base64(certificate) }),
        ...(key === undefined ? {} : { 'client-key-data': base64(key) }),
        ...(token === undefined ? {} : { token }),
      },
    },
    contexts: { name, context: { cluster: name, user: name, ...(namespace === undefined ? {} : { namespace }) } },
  }
}

function documentOf(text: string, path: string): Document {
  const document = parseDocument(text)
  const [fault] = document.errors
  if (fault !== undefined) throw new KubeconfigError(`${path} is no YAML: ${fault.message}`)
  if (!isMap(document.contents)) throw new KubeconfigError(`${path} is no kubeconfig; move it away or mend it`)
  return document
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
