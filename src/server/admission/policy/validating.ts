/** Asks ValidatingAdmissionPolicies about what is written (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/). */

import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../../api/generated/admissionregistration-v1.ts'
import { inSteps, type Steps } from '../../../base/async/steps.ts'
import { nextTurn } from '../../../base/async/turn.ts'
import type { Clock } from '../../../base/clock.ts'
import { ApiError } from '../../../meta/errors.ts'
import type { StatusReason } from '../../../meta/types.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts'
import type { Enforcement, PolicyMetrics } from '../policy-metrics.ts'
import { refusal } from '../refuse.ts'
import { invocations, PolicyHooks } from './hooks.ts'
import type { Matching } from './matching.ts'
import type { ParamSource } from './params.ts'
import { RequestScope, type ScopeDeps } from './scope.ts'
import { compileValidatingPolicy, judgement, type Objection, type ValidatingProgram } from './validations.ts'

const GROUP = 'admissionregistration.k8s.io'
const CODES: Readonly<Partial<Record<StatusReason, number>>> = {
  Forbidden: 403,
  Unauthorized: 401,
  RequestEntityTooLarge: 413,
}

/** What policies of both kinds are followed with. */
export interface PolicyDeps extends Matching, ParamSource, ScopeDeps {
  readonly clock: Clock
  /** Absent: nobody counts. */
  readonly metrics?: PolicyMetrics | undefined
}

/** Policies are not asked about themselves: nobody could mend them. */
export const isExempt = ({ resource }: AdmissionRequest): boolean =>
  resource.group === GROUP && resource.kind.includes('AdmissionPolicy')

export function validatingAdmissionPolicies(deps: PolicyDeps): AdmissionPlugin {
  const hooks = new PolicyHooks<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, ValidatingProgram>({
    policies: deps.cacheOf(`${GROUP}/v1/validatingadmissionpolicies`),
    bindings: deps.cacheOf(`${GROUP}/v1/validatingadmissionpolicybindings`),
    compile: compileValidatingPolicy,
  })
  return {
    name: 'ValidatingAdmissionPolicy',
    validate(request) {
      const asked = hooks.for(request, deps)
      return asked.length === 0 || isExempt(request) ? undefined : demandAllowed(asked, request, deps)
    },
  }
}

type Hooks = ReturnType<
  PolicyHooks<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, ValidatingProgram>['for']
>

/** All are asked, also when one refuses: the others may have warnings. */
async function demandAllowed(asked: Hooks, request: AdmissionRequest, deps: PolicyDeps): Promise<void> {
  const refusals = await inSteps(judge(asked, request, deps), nextTurn)
  if (refusals[0] !== undefined) throw refusals[0]
}

/** Every refusal, in order; warns where bindings only warn. */
function* judge(asked: Hooks, request: AdmissionRequest, deps: PolicyDeps): Steps<readonly ApiError[]> {
  const scopes = new Map<object, RequestScope>()
  const refusals: ApiError[] = []
  const record = new PolicyRecord()
  for (const one of invocations(asked, request, deps)) {
    if ('message' in one) {
      const { policy, binding, message } = one
      if (policy.spec?.failurePolicy !== 'Ignore') {
        const names = { policy: policy.metadata.name, binding: binding?.metadata.name }
        refusals.push(denial(request, names, { message, reason: 'Invalid' }))
      }
      continue
    }
    const { hook, binding, matched, params } = one
    const scope = scopes.get(matched) ?? new RequestScope(request, matched, deps)
    scopes.set(matched, scope)
    const names = { policy: hook.policy.metadata.name, binding: binding.metadata.name }
    const judged = yield* judgement(hook.policy, hook.compiled, scope, params, deps.clock)
    const { objections, ignored, annotations } = judged
    const count = (action: Enforcement, { message, ms = 0 }: Objection) =>
      deps.metrics?.validated(action, { ...names, message, ms })
    for (const failure of ignored) count('allow', failure)
    for (const [key, value] of annotations) record.note(`${names.policy}/${key}`, value)
    for (const objection of objections) {
      const actions = objection.isFinal === true ? ['Deny'] : binding.spec.validationActions
      for (const action of actions) count(ENFORCEMENT[action] ?? 'deny', objection)
      if (actions.includes('Deny')) refusals.push(denial(request, names, objection))
      if (actions.includes('Warn')) {
        const whose = `ValidatingAdmissionPolicy '${names.policy}' with binding '${names.binding}'`
        request.warn(`Validation failed for ${whose}: ${objection.message}`)
      }
      if (actions.includes('Audit')) request.annotate?.(FAILURE, failureText(names, objection, actions))
    }
  }
  record.publish(request)
  return refusals
}

const ENFORCEMENT: Readonly<Record<string, Enforcement>> = { Deny: 'deny', Warn: 'warn', Audit: 'audit' }

const FAILURE = 'validation.policy.admission.k8s.io/validation_failure'

/** A failure as the audit log tells it. */
function failureText(
  { policy, binding }: Names,
  { message, index = 0 }: Objection,
  validationActions: readonly string[] | undefined,
): string {
  return JSON.stringify([{ message, policy, binding, expressionIndex: index, validationActions }])
}

/** What policies note of one request: the different values of a key together. */
class PolicyRecord {
  readonly #values = new Map<string, Set<string>>()

  note(key: string, value: string): void {
    const known = this.#values.get(key) ?? new Set()
    this.#values.set(key, known.add(value))
  }

  publish({ annotate }: AdmissionRequest): void {
    for (const [key, values] of this.#values) annotate?.(key, [...values].join(', '))
  }
}

interface Names {
  readonly policy: string | undefined
  readonly binding: string | undefined
}

function denial(
  request: AdmissionRequest,
  { policy, binding }: Names,
  { message, reason }: { readonly message: string; readonly reason: StatusReason },
): ApiError {
  const whose = `ValidatingAdmissionPolicy '${policy}'${binding === undefined ? '' : ` with binding '${binding}'`}`
  const text = `${whose} denied request: ${message}`
  const { status } = refusal(request, text)
  const details = { ...status.details, causes: [{ message: text }] }
  return new ApiError({ ...status, reason, code: CODES[reason] ?? 422, details })
}
