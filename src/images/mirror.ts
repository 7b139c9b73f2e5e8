/**
 * The store as a read-only registry, for container runtimes to ask before the real one. What the store lacks is a
 * 404, and then they ask there. https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */

import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'

import { listening } from '../base/async/listening.ts'
import type { Log } from '../base/log.ts'
import { standInFor } from './machine.ts'
import { type Descriptor, MEDIA, type Manifest, type Index, isIndex } from './oci.ts'
import { fullName } from './reference.ts'
import type { ImageStore } from './store.ts'

export interface MirrorDeps {
  readonly store: ImageStore
  readonly log: Log
}

/** A running mirror. */
export interface Mirror {
  readonly url: string
  close(): Promise<void>
}

const ROUTE = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/

/** Serves the store on a port of loopback. */
export async function serveMirror(deps: MirrorDeps, port = 0): Promise<Mirror> {
  const server = createServer((request, response) => {
    answer(deps, request, response).catch((error: unknown) => {
      deps.log.warn('the image mirror failed', { url: request.url, error })
      if (response.headersSent) response.destroy()
      else fail(response, 500, 'UNKNOWN', 'internal error')
    })
  })
  await listening(server, { port, host: '127.0.0.1' })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(deps: MirrorDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return fail(response, 405, 'UNSUPPORTED', 'the mirror is read-only')
  const url = new URL(request.url ?? '/', 'http://mirror')
  if (url.pathname === '/v2/' || url.pathname === '/v2') {
    response.end('{}')
    return
  }
  const route = ROUTE.exec(decodeURIComponent(url.pathname))
  if (route === null) return fail(response, 404, 'NAME_UNKNOWN', 'no such path')
  const [, repository = '', kind, reference = ''] = route
  if (kind === 'blobs') return sendBlob(deps, request, response, reference, 'application/octet-stream')

  const registry = url.searchParams.get('ns') ?? 'docker.io'
  const digest = reference.startsWith('sha256:')
    ? reference
    : (await findImage(deps.store, { registry, repository, tag: reference }))?.digest
  if (digest === undefined || (await deps.store.blob(digest)) === undefined)
    return fail(response, 404, 'MANIFEST_UNKNOWN', `the image store lacks ${registry}/${repository}:${reference}`)
  return sendBlob(deps, request, response, digest, await manifestType(deps.store, digest))
}

/** The image of that name, or what stands in for it. */
async function findImage(
  store: ImageStore,
  name: { registry: string; repository: string; tag: string },
): Promise<Descriptor | undefined> {
  const found = await store.find(fullName(name))
  const standIn = standInFor(name)
  return found === undefined && standIn !== undefined ? store.find(standIn) : found
}

async function manifestType(store: ImageStore, digest: string): Promise<string> {
  const value = JSON.parse((await store.read(digest)).toString('utf8')) as Manifest | Index
  return value.mediaType ?? (isIndex(value) ? MEDIA.index : MEDIA.manifest)
}

async function sendBlob(
  { store }: MirrorDeps,
  request: IncomingMessage,
  response: ServerResponse,
  digest: string,
  type: string,
): Promise<void> {
  const blob = await store.blob(digest)
  if (blob === undefined) return fail(response, 404, 'BLOB_UNKNOWN', `the image store lacks ${digest}`)
  response.setHeader('Content-Type', type)
  response.setHeader('Docker-Content-Digest', digest)
  response.setHeader('Accept-Ranges', 'bytes')
  const range = rangeOf(request.headers.range, blob.size)
  if (range !== undefined) response.setHeader('Content-Range', `bytes ${range.start}-${range.end}/${blob.size}`)
  const { start, end } = range ?? { start: 0, end: blob.size - 1 }
  response.setHeader('Content-Length', end - start + 1)
  response.writeHead(range === undefined ? 200 : 206)
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  await pipeline(createReadStream(blob.path, { start, end }), response)
}

function rangeOf(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | undefined {
  const match = /^bytes=(\d+)-(\d*)$/.exec(header ?? '')
  if (match === null) return undefined
  const start = Number(match[1])
  const end = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1)
  return start <= end ? { start, end } : undefined
}

function fail(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify({ errors: [{ code, message }] }))
}
