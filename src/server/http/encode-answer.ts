/** Whatever a verb answers, as bytes in the form asked for. */

import { atOnce, type Steps } from '../../base/async/steps.ts'
import type { Answer } from '../verbs/answer.ts'
import { type Encoded, type EncodeContext, encodeBare, encodeObject, encodeShown } from './encode.ts'
import { listInSteps } from './encode-list.ts'

/** The bytes of an answer. */
export const encodeAnswer = (answer: Answer, context: EncodeContext): Encoded => atOnce(answerInSteps(answer, context))

/** The same, so that others have their turn while a long list is written. */
export function* answerInSteps(answer: Answer, context: EncodeContext): Steps<Encoded> {
  switch (answer.form) {
    case 'plain':
      return encodeBare(answer.object, context.form)
    case 'shown':
      return encodeShown(answer, context)
    case 'object':
      return encodeObject(answer.object, context)
    case 'list':
      return yield* listInSteps(answer.list, context)
  }
}
