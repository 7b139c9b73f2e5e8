/** What mutating and validating webhooks share (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/). */

import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import type { FieldError, FieldPath } from '../../../meta/field-path.ts'
import { dns1035Label, fullyQualifiedName } from '../../../meta/names.ts'
import { validateLabelSelector } from '../../../meta/validate-label-selector.ts'
import {
  duplicate,
  invalidEach,
  invalidValue,
  notSupported,
  required,
  isRepeated,
  judgeAll,
} from '../../../meta/validation.ts'
import type { MutatingWebhook, ValidatingWebhook } from '../../generated/admissionregistration-v1.ts'
import { validateClientConfig } from '../../webhook.ts'
import { defaultRules, FAILURE_POLICIES, MATCH_POLICIES, validateMatchConditions, validateRule } from './rules.ts'

type Webhook = ValidatingWebhook | MutatingWebhook

const SIDE_EFFECTS = ['None', 'NoneOnDryRun']
const MAX_TIMEOUT = 30

export function defaultWebhook(webhook: Webhook): void {
  webhook.failurePolicy ??= 'Fail'
  webhook.matchPolicy ??= 'Equivalent'
  webhook.namespaceSelector ??= {}
  webhook.objectSelector ??= {}
  webhook.timeoutSeconds ??= 10
  defaultRules(webhook.rules)
  const service = webhook.clientConfig?.service
  if (service !== undefined) service.port ??= 443
}

/** Every fault of the webhooks of one configuration. */
export function validateWebhooks(
  webhooks: readonly DeepReadonly<Webhook>[] | undefined,
  path: FieldPath,
): FieldError[] {
  const all = webhooks ?? []
  const names = all.map(({ name }) => name)
  return judgeAll(all, (webhook, at) => {
    const each = path.index(at)
    const faults = validateWebhook(webhook, each)
    if (isRepeated(names, webhook.name, at)) faults.push(duplicate(each.child('name'), webhook.name))
    return faults
  })
}

function validateWebhook(webhook: DeepReadonly<Webhook>, path: FieldPath): FieldError[] {
  const { name = '', rules = [], failurePolicy, matchPolicy, sideEffects, timeoutSeconds: timeout } = webhook
  const faults =
    name === '' ? [required(path.child('name'))] : invalidEach(path.child('name'), name, fullyQualifiedName(name))
  rules.forEach((rule, at) => faults.push(...validateRule(rule, path.child('rules').index(at))))
  const oneOf = (field: string, value: string | undefined, known: readonly string[]) => {
    if (value !== undefined && !known.includes(value)) faults.push(notSupported(path.child(field), value, known))
  }
  oneOf('failurePolicy', failurePolicy, FAILURE_POLICIES)
  oneOf('matchPolicy', matchPolicy, MATCH_POLICIES)
  if (sideEffects === undefined)
    faults.push(required(path.child('sideEffects'), 'must specify one of None, NoneOnDryRun'))
  oneOf('sideEffects', sideEffects, SIDE_EFFECTS)
  if ('reinvocationPolicy' in webhook) oneOf('reinvocationPolicy', webhook.reinvocationPolicy, ['IfNeeded', 'Never'])
  if (timeout !== undefined && (timeout > MAX_TIMEOUT || timeout < 1)) {
    const detail = `the timeout value must be between 1 and ${MAX_TIMEOUT} seconds`
    faults.push(invalidValue(path.child('timeoutSeconds'), timeout, detail))
  }
  const { namespaceSelector, objectSelector, clientConfig, matchConditions } = webhook
  if (namespaceSelector !== undefined) {
    faults.push(...validateLabelSelector(namespaceSelector, path.child('namespaceSelector')))
  }
  if (objectSelector !== undefined) faults.push(...validateLabelSelector(objectSelector, path.child('objectSelector')))
  faults.push(...validateClientConfig(clientConfig ?? {}, path.child('clientConfig')))
  faults.push(...validateReviewVersions(webhook.admissionReviewVersions ?? [], path.child('admissionReviewVersions')))
  return [...faults, ...validateMatchConditions(matchConditions, path.child('matchConditions'))]
}

function validateReviewVersions(versions: readonly string[], path: FieldPath): FieldError[] {
  if (versions.length === 0) return [required(path, 'must specify one of v1, v1beta1')]
  const faults = versions.flatMap((version, at) =>
    isRepeated(versions, version, at)
      ? [invalidValue(path.index(at), version, 'duplicate version')]
      : invalidEach(path.index(at), version, dns1035Label(version)),
  )
  if (versions.includes('v1') || versions.includes('v1beta1')) return faults
  return [...faults, invalidValue(path, versions, 'must include at least one of v1, v1beta1')]
}
