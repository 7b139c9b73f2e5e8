/**
 * /healthz for whoever is on the node, without TLS and without a name
 * (https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/, `--healthz-port`).
 */

import http from 'node:http'

import { aborted } from '../../base/async/group.ts'
import { listening } from '../../base/async/listening.ts'
import type { Clock } from '../../base/clock.ts'
import { health } from '../../base/health.ts'
import type { Log } from '../../base/log.ts'
import type { ServingOptions } from '../options.ts'

/** Somebody else may have the port for a while. */
const RETRY_MS = 5_000
const CHECKS = [{ name: 'ping', check: () => undefined }]

export interface ServeHealthDeps {
  readonly at: NonNullable<ServingOptions['healthz']>
  readonly log: Log
  readonly clock: Clock
}

/** Answers until `signal` aborts. */
export async function serveHealth({ at, log, clock }: ServeHealthDeps, signal: AbortSignal): Promise<void> {
  const server = http.createServer(answer)
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  signal.addEventListener('abort', close, { once: true })
  try {
    for (;;) {
      signal.throwIfAborted()
      try {
        await listening(server, at)
        break
      } catch (error) {
        log.warn('nobody can be told whether the kubelet is well', { ...at, error })
        await clock.sleep(RETRY_MS, signal)
      }
    }
    await aborted(signal)
    signal.throwIfAborted()
  } finally {
    close()
  }
}

function answer({ url = '/', method }: http.IncomingMessage, response: http.ServerResponse): void {
  const { pathname, searchParams } = new URL(url, 'http://node')
  const isAsked = (method === 'GET' || method === 'HEAD') && /^\/healthz(?:\/|$)/.test(pathname)
  const { status, body } = (isAsked ? health(pathname, searchParams, CHECKS) : undefined) ?? NOT_FOUND
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' })
  response.end(body)
}

const NOT_FOUND = { status: 404, body: '404 page not found\n' }
