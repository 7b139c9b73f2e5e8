/** Which answers are indented for a person's eyes (https://kubernetes.io/docs/reference/kubernetes-api/common-parameters/common-parameters/#pretty). */

import { atOnce, type Steps } from '../../../base/async/steps.ts'
import { indentInSteps } from '../../../wire/json/indent.ts'
import type { HttpRequest } from '../request/body.ts'
import { type Encoded, JSON_TYPE } from './encode.ts'

/** What people read answers with. */
const READERS = ['curl', 'Wget', 'Mozilla/5.0']
/** Go's words for true. */
const TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True'])

/** Whether the answer is to be indented: the accepted type or `pretty` says so, or nothing is said and a person's program asks. */
export function wantsPretty({ url = '', headers }: HttpRequest): boolean {
  if (headers.accept?.includes('pretty=1')) return true
  const pretty = url.includes('pretty=') && new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('pretty')
  if (typeof pretty === 'string' && pretty !== '') return TRUE.has(pretty)
  return READERS.some((program) => headers['user-agent']?.startsWith(program))
}

/** The answer indented, when it is JSON. */
export function indented(encoded: Encoded): Encoded & { readonly body: Buffer } {
  return atOnce(indentedInSteps(encoded))
}

/** The same, so that others have their turn meanwhile. */
export function* indentedInSteps({ contentType, body }: Encoded): Steps<Encoded & { readonly body: Buffer }> {
  const whole = 'parts' in body ? Buffer.concat(body.parts, body.length) : body
  return { contentType, body: contentType.startsWith(JSON_TYPE) ? yield* indentInSteps(whole) : whole }
}
