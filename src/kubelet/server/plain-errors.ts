/**
 * How a command ended, for clients of the first protocols. Since version 4 it is told as a Status; before, a failure was
 * told as text, and a success was silence (https://kubernetes.io/docs/reference/using-api/api-concepts/).
 */

import { internalError } from '../../meta/errors.ts'
import type { Translate } from '../../wire/streams/bridge.ts'

const MAX_BYTES = 64 * 1024

/** How the end of a command is told to clients of this protocol; `undefined`: as the runtime tells it. */
export function errorsFor(protocol: string): Translate | undefined {
  if (!tellsStatus(protocol)) return plainErrors
  return protocol.startsWith('v5.') ? translatedErrors : undefined
}

/** Whether clients of the protocol read a Status. */
export const tellsStatus = (protocol: string): boolean => /^v(?:[4-9]|\d{2,})\./.test(protocol)

/**
 * For clients of the fifth protocol, which Kubernetes translates to the fourth: how a command exited is passed on, and
 * any other failure is one of the translation, with the runtime's words in it.
 */
const translatedErrors: Translate = (stream, back) => (stream.headers.streamtype === 'error' ? translated(back) : back)

async function* translated(back: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const text = await textOf(back)
  if (text !== '') yield Buffer.from(isExit(text) ? text : JSON.stringify(internalError(failureIn(text)).status))
}

function isExit(text: string): boolean {
  const { status, reason } = statusIn(text) ?? {}
  return status === 'Success' || reason === 'NonZeroExitCode'
}

/** Takes the message out of the Status that comes back over a stream for errors. Other streams stay as they are. */
const plainErrors: Translate = (stream, back) => (stream.headers.streamtype === 'error' ? messageOf(back) : back)

async function* messageOf(back: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const text = await textOf(back)
  const message = text === '' ? '' : failureIn(text)
  if (message !== '') yield Buffer.from(message)
}

/** All that is said. A runtime may hang up after it without ending the stream. */
async function textOf(back: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of back) {
      if (size < MAX_BYTES) chunks.push(chunk)
      size += chunk.length
    }
  } catch (error) {
    if (size === 0) throw error
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** Nothing for a success. */
function failureIn(text: string): string {
  const { status, message } = statusIn(text) ?? {}
  if (status === 'Success') return ''
  return typeof message === 'string' ? message : text
}

interface Told {
  readonly status?: unknown
  readonly reason?: unknown
  readonly message?: unknown
}

function statusIn(text: string): Told | undefined {
  try {
    const told = JSON.parse(text) as Told | null
    return told ?? undefined
  } catch {
    return undefined
  }
}
