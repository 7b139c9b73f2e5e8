/** Whatever a verb answers, as bytes in the form asked for. */

import { atOnce, type Steps } from '../../../base/async/steps.ts'
import type { Answer } from '../../verbs/answer.ts'
import { isLarge } from '../../verbs/give-way.ts'
import { type Encoded, type EncodeContext, encodeBare, encodeObject, encodeShown, yamlInSteps } from './encode.ts'
import { listInSteps } from './encode-list.ts'

const isYaml = ({ form }: EncodeContext) => form.encoding === 'yaml' && form.as === undefined

/** Whether others should have their turn while an answer is encoded. */
export const isLong = (answer: Answer): boolean =>
  answer.form === 'list' || (answer.form === 'object' && isLarge(answer.object.weight))

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
      if (isYaml(context)) return yield* yamlInSteps(answer.object)
      return encodeObject(answer.object, context)
    case 'list':
      return yield* listInSteps(answer.list, context)
  }
}
