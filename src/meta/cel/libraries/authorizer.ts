/** Asking whether a user may do something (https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-authorizer-library). */

import { declare, type Library } from '../environment.ts'
import { type CelValue, EvaluationError, type OpaqueValue } from '../values.ts'

const AUTHORIZER = 'kubernetes.authorization.Authorizer'
const PATH = 'kubernetes.authorization.PathCheck'
const GROUP = 'kubernetes.authorization.GroupCheck'
const RESOURCE = 'kubernetes.authorization.ResourceCheck'
const DECISION = 'kubernetes.authorization.Decision'

/** What is asked of the authorizer. */
export interface Question {
  readonly serviceAccount?: { readonly namespace: string; readonly name: string }
  readonly path?: string
  readonly group?: string
  readonly resource?: string
  readonly subresource?: string
  readonly namespace?: string
  readonly name?: string
  readonly fieldSelector?: string
  readonly labelSelector?: string
  readonly verb?: string
}

export interface Decision {
  readonly allowed: boolean
  readonly reason: string
  readonly error?: string
}

/** Answers at once: expressions do not wait. */
export type Authorize = (question: Question) => Decision

/** A question that is being put together. */
class Asking implements OpaqueValue {
  readonly celType: string
  readonly question: Question
  readonly authorize: Authorize

  constructor(celType: string, question: Question, authorize: Authorize) {
    this.celType = celType
    this.question = question
    this.authorize = authorize
  }

  with(more: Question, celType = this.celType): Asking {
    return new Asking(celType, { ...this.question, ...more }, this.authorize)
  }

  equals(other: OpaqueValue): boolean {
    return other === this
  }
}

class Decided implements OpaqueValue {
  readonly celType = DECISION
  readonly decision: Decision

  constructor(decision: Decision) {
    this.decision = decision
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof Decided && other.decision.allowed === this.decision.allowed
  }
}

/** The value of the variable `authorizer`. */
export const authorizerValue = (authorize: Authorize): CelValue => new Asking(AUTHORIZER, {}, authorize)
/** The value of `authorizer.requestResource`. */
export const resourceCheckValue = (question: Question, authorize: Authorize): CelValue =>
  new Asking(RESOURCE, question, authorize)

const check = (asking: Asking, verb: string): Decided => new Decided(asking.authorize({ ...asking.question, verb }))

function serviceAccount(asking: Asking, namespace: string, name: string): Asking {
  if (namespace === '' || name === '') throw new EvaluationError('invalid service account')
  return asking.with({ serviceAccount: { namespace, name } })
}

/** One more thing that is asked. */
const step = (from: string, name: Exclude<keyof Question, 'serviceAccount'>, to = from) =>
  declare(`${from}->${name}(string): ${to}`, (asking: Asking, value: string) => asking.with({ [name]: value }, to))

export const authorizer: Library = {
  functions: [
    step(AUTHORIZER, 'path', PATH),
    step(AUTHORIZER, 'group', GROUP),
    declare(`${AUTHORIZER}->serviceAccount(string, string): ${AUTHORIZER}`, serviceAccount),
    step(GROUP, 'resource', RESOURCE),
    step(RESOURCE, 'subresource'),
    step(RESOURCE, 'namespace'),
    step(RESOURCE, 'name'),
    step(RESOURCE, 'fieldSelector'),
    step(RESOURCE, 'labelSelector'),
    declare(`${PATH}->check(string): ${DECISION}`, check),
    declare(`${RESOURCE}->check(string): ${DECISION}`, check),
    declare(`${DECISION}->errored(): bool`, ({ decision }: Decided) => decision.error !== undefined),
    declare(`${DECISION}->error(): string`, ({ decision }: Decided) => decision.error ?? ''),
    declare(`${DECISION}->allowed(): bool`, ({ decision }: Decided) => decision.allowed),
    declare(`${DECISION}->reason(): string`, ({ decision }: Decided) => decision.reason),
  ],
}
