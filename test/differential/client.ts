/** A plain HTTPS client for one server. */

import { Agent, request } from 'node:https'
import type { Request } from './corpus.ts'

export interface Answer {
  readonly status: number
  readonly warnings: readonly string[]
  readonly type: string
  readonly body: string
}

export interface Ask {
  (request: Request): Promise<Answer>
}

/** Asks a server as its administrator, known by a token or a certificate. */
export function askerOf(origin: string, who: { token?: string; cert?: string; key?: string }): Ask {
  const { token, ...tls } = who
  const agent = new Agent({ keepAlive: true, maxSockets: 8, rejectUnauthorized: false, ...tls })
  const once: Ask = ({ method, path, body, type, accept }) =>
    new Promise((resolve, reject) => {
      const headers: Record<string, string> = { accept: accept ?? 'application/json', 'user-agent': 'differential/1' }
      if (token !== undefined) headers['authorization'] = `Bearer ${token}`
      if (body !== undefined) headers['content-type'] = type ?? 'application/json'
      const sent = request(origin + path, { agent, method, headers }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            warnings: warningsOf(response.headers['warning']),
            type: String(response.headers['content-type'] ?? ''),
            body: Buffer.concat(chunks).toString('utf8'),
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

function warningsOf(header: string | undefined): string[] {
  return header === undefined ? [] : [...header.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text!)
}
