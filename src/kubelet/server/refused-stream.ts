/** The answer to a request for streams that got none. */

import { STATUS_CODES } from 'node:http'

import { GrpcError } from '../grpc/error.ts'
import { KubeletRefusal } from './kubelet-api.ts'

/** How long a runtime keeps an address it gave out: by then there is room again. */
const RETRY_SECONDS = 60

/** As bytes for a raw connection, with the code that Kubernetes has for the runtime's. */
export function refusedStream(error: unknown): string {
  const status = codeOf(error)
  const text = `${error instanceof Error ? error.message : String(error)}\n`
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
    'content-type: text/plain; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    ...(status === 429 ? [`retry-after: ${RETRY_SECONDS}`] : []),
    'connection: close',
  ]
  return `${lines.join('\r\n')}\r\n\r\n${text}`
}

function codeOf(error: unknown): number {
  if (error instanceof KubeletRefusal) return error.status
  if (!(error instanceof GrpcError)) return 500
  if (error.code === 'NotFound') return 404
  return error.code === 'ResourceExhausted' ? 429 : 500
}
