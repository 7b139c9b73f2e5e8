/** A plain HTTPS client for one server. */

import type { IncomingHttpHeaders } from 'node:http'
import { Agent, request } from 'node:https'
import { protobuf } from '../../src/server/http/answer/encode.ts'
import { readWatchEvent, writeEnvelope } from '../../src/wire/protobuf/envelope.ts'
import type { Request } from './corpus.ts'

export interface Answer {
  readonly status: number
  readonly warnings: readonly string[]
  readonly type: string
  readonly body: string
  /** Those that a client may act on. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface Ask {
  (request: Request): Promise<Answer>
}

/** Asks a server as its administrator, known by a token or a certificate. */
export function askerOf(origin: string, who: { token?: string; cert?: string; key?: string }): Ask {
  const { token, ...tls } = who
  const agent = new Agent({ keepAlive: true, maxSockets: 8, rejectUnauthorized: false, ...tls })
  const once: Ask = ({ method, path, body, type, accept, headers: more }) =>
    new Promise((resolve, reject) => {
      const headers: Record<string, string> = { accept: accept ?? 'application/json', 'user-agent': 'differential/1' }
      if (token !== undefined) headers['authorization'] = `Bearer ${token}`
      if (body !== undefined) {
        headers['content-type'] = type ?? 'application/json'
        headers['content-length'] = String(Buffer.byteLength(body))
      }
      Object.assign(headers, more)
      const sent = request(origin + path, { agent, method, headers }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            warnings: warningsOf(response.headers['warning']),
            type: String(response.headers['content-type'] ?? ''),
            body: textOf(Buffer.concat(chunks), String(response.headers['content-type'] ?? '')),
            headers: toldBy(response.headers),
          }),
        )
      })
      sent.on('error', reject)
      sent.end(body)
    })
  // A server may end a connection just when it is used again.
  return (request) =>
    once(request)
      .catch(() => once(request))
      .catch((error: Error) => ({ status: 0, warnings: [], type: '', body: String(error) }))
}

/** A body as text; one object in protobuf as JSON, and the events of a watch as lines of it. */
function textOf(bytes: Buffer, type: string): string {
  if (!type.startsWith('application/vnd.kubernetes.protobuf')) return bytes.toString('utf8')
  try {
    return type.includes('stream=watch') ? eventsOf(bytes) : JSON.stringify(protobuf.decode(bytes))
  } catch {
    return bytes.toString('utf8')
  }
}

/** The frames of a watch in protobuf, one line of JSON each. */
function eventsOf(bytes: Buffer): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at)) {
    const { type, object } = readWatchEvent(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at)))
    lines.push(JSON.stringify({ type, object: protobuf.decode(writeEnvelope(object, object.raw)) }))
  }
  return lines.join('\n')
}

function warningsOf(header: string | undefined): string[] {
  return header === undefined ? [] : [...header.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text!)
}

/** Headers that differ by nature, or that belong to the connection, or to flow control, which is not done here. */
const UNTOLD = /^(date|content-length|connection|keep-alive|transfer-encoding|warning|x-kubernetes-pf-.*)$/

function toldBy(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !UNTOLD.test(name))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name, name === 'audit-id' ? '<id>' : String(value)]),
  )
}
