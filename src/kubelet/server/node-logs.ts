/** The machine's own logs below /logs/ (https://kubernetes.io/docs/concepts/cluster-administration/system-logs/). */

import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'

import type { SystemLogs } from '../host/host.ts'
import { KubeletRefusal } from './kubelet-api.ts'

export interface LogsAsked {
  /** Of the URL, still encoded: `/logs/…`. */
  readonly path: string
  readonly isHead: boolean
}

/** A file, or what is in a folder, as a page. */
export async function nodeLogs(logs: SystemLogs | undefined, asked: LogsAsked, response: ServerResponse) {
  if (logs === undefined) throw new KubeletRefusal(405, 'logs endpoint is disabled.')
  const found = await logs.open(decodeURIComponent(asked.path.slice('/logs'.length)))
  if (found === undefined) throw new KubeletRefusal(404, '404 page not found')
  const name = asked.path.split('/').findLast((part) => part !== '') ?? ''
  const isSlashed = asked.path.endsWith('/')
  // Links in the page of a folder are relative to it.
  if (found.kind === 'folder' && !isSlashed) return moved(response, `${name}/`)
  if (found.kind === 'file' && isSlashed) return moved(response, `../${name}`)
  if (found.kind === 'folder') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    response.end(asked.isHead ? undefined : pageOf(found.names))
    return
  }
  response.writeHead(200, {
    'content-type': name.endsWith('.gz') ? 'application/gzip' : 'text/plain; charset=utf-8',
    'content-length': found.size,
    'last-modified': new Date(found.modifiedAt).toUTCString(),
    'x-content-type-options': 'nosniff',
  })
  if (asked.isHead) response.end()
  else await pipeline(Readable.from(found.bytes()), response)
}

function moved(response: ServerResponse, location: string): void {
  response.writeHead(301, { location })
  response.end()
}

const pageOf = (names: readonly string[]) =>
  [
    '<!doctype html>',
    '<meta name="viewport" content="width=device-width">',
    '<pre>',
    ...names.map((name) => `<a href="${linkTo(name)}">${escaped(name)}</a>`),
    '</pre>',
    '',
  ].join('\n')

const linkTo = (name: string) => escaped(name.split('/').map(encodeURIComponent).join('/'))

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
}

const escaped = (text: string) => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
