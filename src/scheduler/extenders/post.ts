/** Asks an extender over HTTP: one POST of JSON, one answer, within the time that the configuration allows. */

import { readFileSync } from 'node:fs'
import type { Clock } from '../../base/clock.ts'
import { Agent } from '../../base/kept-connections.ts'
import type { ExtenderConfig } from '../config/types.ts'

/** Answers past this are refused: no list of nodes is that long. */
const MAX_BYTES = 64 * 1024 * 1024
const DEFAULT_TIMEOUT_MS = 5_000

/** Sends `body` to a verb and reads the JSON answer. */
export type Post = (verb: string, body: unknown, signal: AbortSignal) => Promise<unknown>

/** Reads the certificates that the configuration names. `close` ends the connections that are kept. */
export function postTo(config: ExtenderConfig, clock: Clock): { readonly post: Post; close(): Promise<void> } {
  const timeoutMs = config.httpTimeoutMs === 0 ? DEFAULT_TIMEOUT_MS : config.httpTimeoutMs
  const agent = new Agent({ connect: tlsOf(config), bodyTimeout: 0, headersTimeout: 0 })
  const prefix = config.urlPrefix.replace(/\/+$/, '')

  const post: Post = async (verb, body, signal) => {
    const url = `${prefix}/${verb}`
    const limit = new AbortController()
    const cancel = clock.after(timeoutMs, () =>
      limit.abort(
        new Error(`Post "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`),
      ),
    )
    const either = AbortSignal.any([signal, limit.signal])
    try {
      const { origin, pathname, search } = new URL(url)
      const response = await agent.request({
        origin,
        path: pathname + search,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: either,
      })
      if (response.statusCode !== 200) {
        await response.body.dump()
        throw new Error(`failed ${verb} with extender at URL ${url}, code ${response.statusCode}`)
      }
      return JSON.parse(await readAll(response.body, url))
    } catch (cause) {
      signal.throwIfAborted()
      if (limit.signal.aborted) throw limit.signal.reason
      if (cause instanceof Error && 'code' in cause) throw new Error(`Post "${url}": ${cause.message}`, { cause })
      throw cause
    } finally {
      cancel()
    }
  }
  return { post, close: () => agent.close() }
}

async function readAll(body: AsyncIterable<Buffer>, url: string): Promise<string> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of body) {
    length += part.length
    if (length > MAX_BYTES) throw new Error(`the answer of ${url} is longer than ${MAX_BYTES} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** Without certificates to trust, https means only that nobody listens in; so it is upstream. */
function tlsOf({ enableHttps, tls }: ExtenderConfig) {
  const read = (data: Uint8Array | undefined, file: string | undefined) =>
    data !== undefined ? Buffer.from(data) : file === undefined ? undefined : readFileSync(file)
  const ca = read(tls?.caData, tls?.caFile)
  const cert = read(tls?.certData, tls?.certFile)
  const key = read(tls?.keyData, tls?.keyFile)
  return {
    rejectUnauthorized: !(tls?.insecure === true || (enableHttps && ca === undefined)),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(tls?.serverName === undefined ? {} : { servername: tls.serverName }),
  }
}
