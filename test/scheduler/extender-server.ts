/** A small extender on loopback: answers each verb with what the test says, and notes what it was asked. */

import { listening } from '../../src/base/async/listening.ts'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface Asked {
  readonly verb: string
  readonly body: Readonly<Record<string, unknown>>
}

export interface ExtenderServer {
  readonly url: string
  readonly asked: readonly Asked[]
  close(): Promise<void>
}

/** What a verb answers: any JSON, or undefined for a server error. */
export type Answers = Readonly<Record<string, (body: Readonly<Record<string, unknown>>) => unknown>>

/** Answered by a verb that never answers. */
export const SILENCE = Symbol('silence')

/** Serves over TLS where a certificate is given. */
export async function serveExtender(answers: Answers, tls?: { key: string; cert: string }): Promise<ExtenderServer> {
  const asked: Asked[] = []
  const listener: RequestListener = (request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => (text += part))
    request.on('end', () => {
      const verb = (request.url ?? '').replace(/^\/api\//, '')
      const body = JSON.parse(text) as Readonly<Record<string, unknown>>
      asked.push({ verb, body })
      const answer = answers[verb]?.(body)
      if (answer === SILENCE) return
      response.writeHead(answer === undefined ? 500 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer ?? 'broken'))
    })
  }
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener)
  await listening(server, { port: 0, host: '127.0.0.1' })
  const { port } = server.address() as AddressInfo
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/api`,
    asked,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)))
        server.closeAllConnections()
      }),
  }
}
