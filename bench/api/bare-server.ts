/** The floor: an HTTPS server of Node's that keeps JSON in a map, and does nothing that makes a Kubernetes. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { listening } from '../../src/base/async/listening.ts'
import { LOOPBACK } from '../../src/server/loopback.ts'
import type { Options } from './target.ts'

interface Kept {
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> }
}
interface Entry {
  readonly object: Kept
  readonly text: string
}

export async function startBare({ credentials: { authority, server: own } }: Options) {
  const collections = new Map<string, Map<string, Entry>>()
  const watchers = new Map<string, Set<ServerResponse>>()
  const server = createServer(
    { cert: own.certificate, key: own.key, ca: authority.certificate, requestCert: true },
    (request, response) => void answer(request, response),
  )

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'https://bare')
    const parts = pathname.split('/')
    const isCollection = parts.length % 2 === 0
    const path = isCollection ? pathname : parts.slice(0, -1).join('/')
    let collection = collections.get(path)
    if (collection === undefined) collections.set(path, (collection = new Map()))
    const body = request.method === 'GET' ? undefined : (JSON.parse(await textOf(request)) as Kept)
    if (body === undefined) {
      if (query.get('watch') === '1') return watch(path, response)
      const text = isCollection ? listOf(collection, query) : (collection.get(parts.at(-1)!)?.text ?? '{}')
      return send(response, 200, text)
    }
    const name = isCollection ? body.metadata.name : parts.at(-1)!
    const object = { ...collection.get(name)?.object, ...body }
    const text = JSON.stringify(object)
    collection.set(name, { object, text })
    for (const watcher of watchers.get(path) ?? []) watcher.write(`{"type":"MODIFIED","object":${text}}\n`)
    send(response, isCollection ? 201 : 200, text)
  }

  function watch(path: string, response: ServerResponse): void {
    let all = watchers.get(path)
    if (all === undefined) watchers.set(path, (all = new Set()))
    all.add(response)
    response.on('close', () => all.delete(response))
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
  }

  await listening(server, { port: 0, host: LOOPBACK })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listOf(collection: ReadonlyMap<string, Entry>, query: URLSearchParams): string {
  const [label, value] = (query.get('labelSelector') ?? '').split('=', 2)
  let entries = [...collection.values()]
  if (value !== undefined) entries = entries.filter(({ object }) => object.metadata.labels?.[label!] === value)
  const limit = Number(query.get('limit') ?? 0)
  if (limit > 0) entries = entries.slice(0, limit)
  return `{"kind":"List","items":[${entries.map(({ text }) => text).join(',')}]}`
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function send(response: ServerResponse, code: number, text: string): void {
  const bytes = Buffer.from(text)
  response.writeHead(code, { 'content-type': 'application/json', 'content-length': bytes.length })
  response.end(bytes)
}
