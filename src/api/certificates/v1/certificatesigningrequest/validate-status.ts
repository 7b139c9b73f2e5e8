/**
 * What is wrong with what is said about a certificate signing request: its conditions, and the certificate that was issued
 * (https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#signers).
 */

import { certificatesFault } from '../../../../base/tls/certificate-pem.ts'
import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../../meta/field-path.ts'
import {
  deepEqual,
  duplicate,
  forbiddenField,
  invalidValue,
  isRepeated,
  judgeAll,
  notSupported,
  required,
} from '../../../../meta/validation.ts'
import type { CertificateSigningRequest } from '../../../generated/certificates-v1.ts'

type Shared = DeepReadonly<CertificateSigningRequest>

const DECISIONS = ['Approved', 'Denied']
/** What these say is so, or is not said. */
const ONLY_TRUE = new Set([...DECISIONS, 'Failed'])
const STATES = ['False', 'True', 'Unknown']

/** What a way of writing may say, besides what all may. */
export interface StatusRights {
  readonly mayDecide?: boolean
  readonly mayIssue?: boolean
}

/** Every fault of a status. What was wrong before may stay so. */
export function validateStatus(object: Shared, old: Shared, path: FieldPath, rights: StatusRights = {}): FieldError[] {
  return [...conditionFaults(object, old, path.child('conditions')), ...changeFaults(object, old, path, rights)]
}

const conditionsOf = ({ status }: Shared) => status?.conditions ?? []
const typesOf = (object: Shared) => conditionsOf(object).map(({ type }) => type ?? '')
const isDoubled = (types: readonly string[]) => new Set(types).size < types.length
const isTorn = (types: readonly string[]) => DECISIONS.every((type) => types.includes(type))

function conditionFaults(object: Shared, old: Shared, path: FieldPath): FieldError[] {
  const before = typesOf(old)
  const types = typesOf(object)
  const [mayLackType, mayDouble, mayTear] = [before.includes(''), isDoubled(before), isTorn(before)]
  const torn = Math.max(...DECISIONS.map((type) => (types.includes(type) ? types.indexOf(type) : Infinity)))
  return judgeAll(conditionsOf(object), ({ status: state = '' }, at) => {
    const type = types[at]!
    const each = path.index(at)
    const faults: FieldError[] = []
    if (type === '' && !mayLackType) faults.push(required(each.child('type')))
    const allowed = ONLY_TRUE.has(type) ? ['True'] : STATES
    if (state === '') faults.push(required(each.child('status')))
    else if (!allowed.includes(state)) faults.push(notSupported(each.child('status'), state, allowed))
    const isSecondDecision = DECISIONS.includes(type) && at >= torn
    if (isSecondDecision && !mayTear)
      faults.push(invalidValue(path, type, 'Approved and Denied conditions are mutually exclusive'))
    if (isRepeated(types, type, at) && !mayDouble) faults.push(duplicate(each.child('type'), type))
    return faults
  })
}

function changeFaults(object: Shared, old: Shared, path: FieldPath, rights: StatusRights): FieldError[] {
  const faults: FieldError[] = []
  const conditions = path.child('conditions')
  const of = (one: Shared, wanted: string) => conditionsOf(one).filter(({ type }) => type === wanted)
  const may = (what: string, type: string) =>
    faults.push(forbiddenField(conditions, `updates may not ${what} a condition of type ${JSON.stringify(type)}`))
  for (const type of ONLY_TRUE) if (of(object, type).length < of(old, type).length) may('remove', type)
  if (rights.mayDecide !== true) {
    for (const type of DECISIONS) {
      const [now, before] = [of(object, type), of(old, type)]
      if (now.length > before.length) may('add', type)
      else if (now.length === before.length && !deepEqual(now, before)) may('modify', type)
    }
  }
  const [now = '', before = ''] = [object.status?.certificate, old.status?.certificate]
  if (now === before) return faults
  const certificate = path.child('certificate')
  if (rights.mayIssue !== true) faults.push(forbiddenField(certificate, 'updates may not set certificate content'))
  else if (before !== '')
    faults.push(forbiddenField(certificate, 'updates may not modify existing certificate content'))
  const fault = certificatesFault(textOf(before)) === undefined ? certificatesFault(textOf(now)) : undefined
  return fault === undefined ? faults : [invalidValue(certificate, '<certificate data>', fault), ...faults]
}

const textOf = (base64: string) => Buffer.from(base64, 'base64').toString('latin1')
