/** The thread that reads large YAML: gets bytes, answers with the same as JSON. See `beside.ts` for the other side. */
import { parentPort } from 'node:worker_threads'
import { JsonError } from '../json/careful.ts'
import { toJson } from '../json/stringify.ts'
import { besideLimits, readYamlBody } from './parse.ts'

/** What the thread answers: JSON bytes, or why there are none. */
export type YamlAnswer =
  | { readonly json: Uint8Array; readonly duplicates: readonly string[]; readonly repeated?: readonly string[] }
  | { readonly fault: string }

parentPort?.on('message', (bytes: Uint8Array) => {
  const answer = answerTo(bytes)
  parentPort?.postMessage(answer, 'json' in answer ? [answer.json.buffer as ArrayBuffer] : [])
})

function answerTo(bytes: Uint8Array): YamlAnswer {
  try {
    const { value, ...repeated } = readYamlBody(bytes, besideLimits)
    return { ...repeated, json: new TextEncoder().encode(toJson(value)) }
  } catch (error) {
    if (error instanceof JsonError) return { fault: error.message }
    throw error
  }
}
