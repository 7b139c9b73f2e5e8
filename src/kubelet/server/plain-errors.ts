/**
 * How a command ended, for clients of the first protocols. Since version 4 it is told as a Status; before, a failure was
 * told as text, and a success was silence (https://kubernetes.io/docs/reference/using-api/api-concepts/).
 */

import type { Translate } from '../../wire/streams/bridge.ts'

const MAX_BYTES = 64 * 1024

/** Whether clients of the protocol read a Status. */
export const tellsStatus = (protocol: string): boolean => /^v(?:[4-9]|\d{2,})\./.test(protocol)

/** Takes the message out of the Status that comes back over a stream for errors. Other streams stay as they are. */
export const plainErrors: Translate = (stream, back) => (stream.headers.streamtype === 'error' ? messageOf(back) : back)

async function* messageOf(back: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of back) {
    if (size < MAX_BYTES) chunks.push(chunk)
    size += chunk.length
  }
  const text = Buffer.concat(chunks).toString('utf8')
  const message = text === '' ? '' : failureIn(text)
  if (message !== '') yield Buffer.from(message)
}

/** Nothing for a success. */
function failureIn(text: string): string {
  try {
    const status = JSON.parse(text) as { readonly status?: unknown; readonly message?: unknown } | null
    if (status?.status === 'Success') return ''
    return typeof status?.message === 'string' ? status.message : text
  } catch {
    return text
  }
}
