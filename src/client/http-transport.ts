/**
 * The API over HTTP: keep-alive connections, a client certificate or a token, the cluster's own authority
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/).
 */

import { Pool } from '../base/kept-connections.ts'
import { ApiError } from '../meta/errors.ts'
import type { Status, StatusReason } from '../meta/types.ts'
import { readJson } from '../wire/json/parse.ts'
import { toJson } from '../wire/json/stringify.ts'
import { ConnectionError } from './connection-error.ts'
import { type HttpCall, httpCallOf, watchPath } from './paths.ts'
import type { ApiCall, ResourceTarget, Transport, WatchEvent, WatchOptions } from './transport.ts'
import { decodeWatch } from './watch-decode.ts'

export interface HttpTransportOptions {
  /** E.g. `https://127.0.0.1:6443`. */
  readonly server: string
  /** PEM of the authority that the server's certificate must come from. */
  readonly ca?: string
  readonly certificate?: string
  readonly key?: string
  /** Asked for every request, so that a token that is renewed is used at once. */
  readonly token?: () => string | Promise<string>
  readonly userAgent?: string
  /** Connections at once, watches not counted; 16 unless told otherwise. */
  readonly connections?: number
  /** How long a connection may take, and so `close` where somebody accepts and says nothing; 10 s unless told otherwise. */
  readonly connectTimeoutMs?: number
}

/** A transport that holds connections until it is closed. */
export interface HttpTransport extends Transport {
  /** Ends all connections; calls under way fail. */
  close(): Promise<void>
}

/** The longest an answer's headers may take; a call that watches has no other limit. */
const HEADERS_TIMEOUT_MS = 60_000
const CONNECT_TIMEOUT_MS = 10_000
/** A watch that the server should have ended so long ago hangs on a dead connection. */
const WATCH_GRACE_MS = 30_000
/** Longer lists are asked for in pages. */
const MAX_ANSWER_BYTES = 512 * 2 ** 20

export function httpTransport(options: HttpTransportOptions): HttpTransport {
  const { server, ca, certificate, key, connections = 16, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options
  const connect = {
    timeout: connectTimeoutMs,
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
  }
  const common = { connect, headersTimeout: HEADERS_TIMEOUT_MS, allowH2: false }
  // Watches sit on connections of their own: many of them must not keep calls waiting.
  const calls = new Pool(server, { ...common, connections, bodyTimeout: HEADERS_TIMEOUT_MS })
  const watches = new Pool(server, { ...common, connections: null, bodyTimeout: 0 })

  const request = async (pool: Pool, call: HttpCall, signal?: AbortSignal, bodyTimeout?: number) => {
    const headers: Record<string, string> = { accept: 'application/json', 'user-agent': options.userAgent ?? 'gorae' }
    if (call.contentType !== undefined) headers['content-type'] = call.contentType
    if (options.token !== undefined) headers['authorization'] = `Bearer ${await options.token()}`
    const { method, path } = call
    const body = call.body === undefined ? {} : { body: toJson(call.body) }
    try {
      const limits = {
        ...(signal === undefined ? {} : { signal }),
        ...(bodyTimeout === undefined ? {} : { bodyTimeout }),
      }
      return await pool.request({ method, path, headers, ...body, ...limits })
    } catch (error) {
      throw connectionError(error, server, signal)
    }
  }

  return {
    async call(call: ApiCall, signal?: AbortSignal): Promise<unknown> {
      const { statusCode, body } = await request(calls, httpCallOf(call), signal)
      const bytes = await readAll(body, server, signal)
      if (statusCode >= 400) throw failureOf(statusCode, bytes)
      return readJson(bytes)
    },
    async *watch(target: ResourceTarget, watchOptions: WatchOptions, signal: AbortSignal): AsyncGenerator<WatchEvent> {
      signal.throwIfAborted()
      const path = watchPath(target, watchOptions)
      const { timeoutSeconds } = watchOptions
      const silence = timeoutSeconds === undefined ? undefined : timeoutSeconds * 1_000 + WATCH_GRACE_MS
      const { statusCode, body } = await request(watches, { method: 'GET', path }, signal, silence)
      if (statusCode >= 400) throw failureOf(statusCode, await readAll(body, server, signal))
      try {
        yield* decodeWatch(body)
      } catch (error) {
        throw error instanceof ApiError ? error : connectionError(error, server, signal)
      } finally {
        // Left early: the connection carries an endless answer and is of no further use.
        body.on('error', () => {}).destroy()
      }
    },
    async close() {
      await Promise.all([calls.destroy(), watches.destroy()])
    },
  }
}

async function readAll(
  body: AsyncIterable<Uint8Array>,
  server: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of body) {
      chunks.push(chunk)
      length += chunk.length
      if (length > MAX_ANSWER_BYTES) throw new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`)
    }
  } catch (error) {
    throw connectionError(error, server, signal)
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}

function connectionError(error: unknown, server: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason
  const said = error instanceof Error ? error.message : String(error)
  return new ConnectionError(`cannot reach the API server at ${server}: ${said}`, { cause: error })
}

const REASONS: Readonly<Record<number, StatusReason>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

/** The server's Status; one made up from the code where something else answered, such as a proxy. */
function failureOf(code: number, bytes: Uint8Array): ApiError {
  const status = statusIn(bytes)
  if (status !== undefined) return new ApiError({ code, ...status })
  const said = Buffer.from(bytes.subarray(0, 1_024)).toString('utf8').trim()
  return new ApiError({
    code,
    reason: REASONS[code] ?? 'InternalError',
    message: said === '' ? `the server answered ${code}` : said,
  })
}

function statusIn(bytes: Uint8Array): Status | undefined {
  try {
    const object = readJson(bytes)
    if (typeof object === 'object' && object !== null && 'kind' in object && object.kind === 'Status')
      return object as Status
  } catch {
    // no JSON: no Status
  }
  return undefined
}
