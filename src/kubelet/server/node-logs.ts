/** The machine's own logs below /logs/ (https://kubernetes.io/docs/concepts/cluster-administration/system-logs/). */

import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { constants, createGzip } from 'node:zlib'

import type { Clock } from '../../base/clock.ts'
import type { SystemLogs } from '../host/host.ts'
import { KubeletRefusal } from './kubelet-api.ts'
import { leadsOut, noSuchLog, readNodeLogQuery } from './node-log-query.ts'
import { serviceLogs } from './service-logs.ts'

export interface LogsAsked {
  /** Of the URL, still encoded: `/logs/…`. */
  readonly path: string
  readonly isHead: boolean
  /** Absent: queries mean nothing here. */
  readonly query?: URLSearchParams
  readonly acceptsGzip?: boolean
}

export interface NodeLogsDeps {
  /** Absent: nobody may see them. */
  readonly logs: SystemLogs | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** A file, what is in a folder, as a page, or what a query asks for. */
export async function nodeLogs({ logs, clock, signal }: NodeLogsDeps, asked: LogsAsked, response: ServerResponse) {
  if (logs === undefined) throw new KubeletRefusal(405, 'logs endpoint is disabled.')
  const query = asked.query === undefined ? undefined : readNodeLogQuery(asked.query)
  if (query === undefined) return filesAndFolders(logs, asked, response)
  if (!/^\/logs\/*$/.test(asked.path)) throw new KubeletRefusal(406, 'path not allowed in query mode')
  const { file } = query
  if (file !== undefined) {
    if (leadsOut(file) || (await logs.open(`/${file}`)) === undefined) throw noSuchLog(file)
    return filesAndFolders(logs, { ...asked, path: `/logs/${encodeURI(file)}` }, response)
  }
  const isZipped = asked.acceptsGzip === true
  response.writeHead(200, {
    'content-type': 'text/plain;charset=UTF-8',
    ...(isZipped && { 'content-encoding': 'gzip' }),
  })
  const said = Readable.from(serviceLogs(logs, query, { clock, signal }), { objectMode: false })
  if (isZipped) await pipeline(said, createGzip({ level: constants.Z_BEST_SPEED }), response)
  else await pipeline(said, response)
}

async function filesAndFolders(logs: SystemLogs, asked: LogsAsked, response: ServerResponse) {
  const found = await logs.open(decodeURIComponent(asked.path.slice('/logs'.length)))
  if (found === undefined) throw new KubeletRefusal(404, '404 page not found')
  const name = asked.path.split('/').findLast((part) => part !== '') ?? ''
  const isSlashed = asked.path.endsWith('/')
  // Links in the page of a folder are relative to it.
  const query = asked.query === undefined || asked.query.size === 0 ? '' : `?${asked.query.toString()}`
  if (found.kind === 'folder' && !isSlashed) return moved(response, `${name}/${query}`)
  if (found.kind === 'file' && isSlashed) return moved(response, `../${name}${query}`)
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
