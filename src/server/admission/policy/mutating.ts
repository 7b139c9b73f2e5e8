/** Lets MutatingAdmissionPolicies change what is written (https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/). */

import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
} from '../../../api/generated/admissionregistration-v1.ts'
import { inSteps, type Steps } from '../../../base/async/steps.ts'
import { nextTurn } from '../../../base/async/turn.ts'
import { type DeepReadonly, draftOf } from '../../../meta/deep-readonly.ts'
import { ApiError, notFound } from '../../../meta/errors.ts'
import type { KubeObject } from '../../../meta/types.ts'
import { deepEqual } from '../../../meta/validation.ts'
import type { ServedResource } from '../../registry/served-resource.ts'
import type { AdmissionPlugin, AdmissionRequest, MutationPass } from '../admission.ts'
import { refusal } from '../refuse.ts'
import { conditionsHold } from './conditions.ts'
import { type Invocation, invocations, type Misfit, PolicyHooks } from './hooks.ts'
import { compileMutatingPolicy, type MutatingProgram, mutated } from './mutations.ts'
import { PatchFault } from './patches.ts'
import { Reinvocations } from './reinvocations.ts'
import { objectSeen, RequestScope } from './scope.ts'
import { isExempt, type PolicyDeps } from './validating.ts'

const GROUP = 'admissionregistration.k8s.io'
const NAMESPACES = 'v1/namespaces'

type Policy = MutatingAdmissionPolicy
type Binding = MutatingAdmissionPolicyBinding
type Asked = Invocation<Policy, Binding, MutatingProgram>

/** Why a policy could not be followed; one that could, but failed, is told as `Invalid`. */
interface Failure extends Misfit<Policy, Binding> {
  readonly isInvalid?: boolean
}

export function mutatingAdmissionPolicies(deps: PolicyDeps): AdmissionPlugin {
  const hooks = new PolicyHooks<Policy, Binding, MutatingProgram>({
    policies: deps.cacheOf(`${GROUP}/v1/mutatingadmissionpolicies`),
    bindings: deps.cacheOf(`${GROUP}/v1/mutatingadmissionpolicybindings`),
    compile: compileMutatingPolicy,
  })
  return {
    name: 'MutatingAdmissionPolicy',
    mutate(request, pass) {
      if (request.operation === 'DELETE') return
      const found = hooks.for(request, deps)
      return found.length === 0 || isExempt(request) ? undefined : followAll(found, { request, pass, deps })
    },
  }
}

type Found = ReturnType<PolicyHooks<Policy, Binding, MutatingProgram>['for']>

/** What policies are followed for. */
interface Occasion {
  readonly request: AdmissionRequest
  readonly pass: MutationPass
  readonly deps: PolicyDeps
}

async function followAll(found: Found, { request, pass, deps }: Occasion): Promise<void> {
  const failures: Failure[] = []
  const asked: Asked[] = []
  for (const one of invocations(found, request, deps)) {
    if ('message' in one) failures.push(one)
    else asked.push(one)
  }
  if (asked.length > 0) failures.push(...(await inSteps(new Mutating(request, pass, deps).follow(asked), nextTurn)))
  const decisive = failures.filter(({ policy }) => policy.spec?.failurePolicy !== 'Ignore')
  if (decisive[0] !== undefined) throw denial(request, [decisive[0], ...decisive.slice(1)])
}

/** One run of all policies over one request. */
class Mutating {
  readonly #request: AdmissionRequest
  readonly #pass: MutationPass
  readonly #deps: PolicyDeps
  readonly #scopes = new Map<ServedResource, RequestScope>()

  constructor(request: AdmissionRequest, pass: MutationPass, deps: PolicyDeps) {
    this.#request = request
    this.#pass = pass
    this.#deps = deps
  }

  /** Follows the policies in order. Returns what failed. */
  *follow(asked: readonly Asked[]): Steps<readonly Failure[]> {
    const { namespace, resource } = this.#request
    if (namespace !== '' && resource.key !== NAMESPACES && this.#deps.namespaces.get('', namespace) === undefined) {
      throw notFound({ resource: 'namespaces', name: namespace })
    }
    const { object } = this.#request
    const again = Reinvocations.of(this.#pass)
    again.begin(object)
    const failures: Failure[] = []
    for (const one of asked) failures.push(...(yield* this.#followOne(one, again)))
    again.end(object)
    return failures
  }

  *#followOne(one: Asked, again: Reinvocations): Steps<readonly Failure[]> {
    const { hook, binding, params } = one
    const { policy, compiled } = hook
    const failure = (message: string): Failure => ({ policy, binding, message, isInvalid: true })
    const scope = this.#scopeOf(one.matched)
    const own = compiled.variables
    const unplaced = { variables: scope.variables(params, { namespace: false }), own }
    const holds = yield* conditionsHold(compiled.conditions, unplaced, policy.spec?.failurePolicy)
    if (typeof holds === 'object') return [failure(holds.error)]
    const key = JSON.stringify([policy, binding, params].map((each) => [each?.metadata.namespace, each?.metadata.name]))
    if (!holds || !again.isTurnOf(key)) return []
    const failures: Failure[] = []
    for (const mutation of compiled.mutations) {
      const names = { policy: policy.metadata.name, binding: binding.metadata.name }
      const began = this.#deps.clock.monotonic()
      const count = (why: { readonly message?: string }) =>
        this.#deps.metrics?.mutated({ ...names, ...why, ms: this.#deps.clock.monotonic() - began })
      try {
        const seen = objectSeen(this.#request, one.matched, this.#request.object)
        if (seen !== null) {
          const changed = yield* mutated(mutation, { variables: scope.variables(params), own }, seen)
          this.#change(one.matched, { seen, changed }, again)
        }
        count({})
      } catch (error) {
        if (!(error instanceof PatchFault)) throw error
        count({ message: error.message })
        failures.push(failure(error.message))
      }
    }
    if (policy.spec?.reinvocationPolicy === 'IfNeeded') again.mayRunAgain(key)
    return failures
  }

  #scopeOf(matched: ServedResource): RequestScope {
    const known = this.#scopes.get(matched) ?? new RequestScope(this.#request, matched, this.#deps)
    this.#scopes.set(matched, known)
    return known
  }

  /** Changes the object as it is seen, and what is stored with it. */
  #change(matched: ServedResource, { seen, changed }: Change, again: Reinvocations): void {
    const { object, lens } = this.#request
    if (object === undefined) return
    again.changed()
    if (deepEqual(changed, seen)) return
    const next = draftOf<KubeObject>(changed)
    if (lens !== undefined) lens.put(next, object)
    else {
      if (this.#request.subresource === '') matched.meaning.setDefaults?.(next, this.#deps.clock.now())
      replaceContent(object, matched.view === undefined ? next : matched.view.toStored(next))
    }
    for (const scope of this.#scopes.values()) scope.objectChanged()
  }
}

/** The object as a policy saw it, and what it made of it. */
interface Change {
  readonly seen: DeepReadonly<KubeObject>
  readonly changed: KubeObject
}

/** The request's object and its metadata stay the ones that others hold. */
function replaceContent(target: KubeObject, source: KubeObject): void {
  const { metadata } = target
  replaceFields(metadata, source.metadata)
  replaceFields(target, { ...source, metadata })
}

function replaceFields<T extends object>(target: T, source: T): void {
  for (const key of Object.keys(target)) if (!Object.hasOwn(source, key)) delete target[key as keyof T]
  Object.assign(target, source)
}

function denial(request: AdmissionRequest, failures: readonly [Failure, ...Failure[]]): ApiError {
  const { status } = refusal(request, '')
  const causes = failures.map((failure) => ({ message: textOf(failure) }))
  const reason = failures[0].isInvalid === true ? 'Invalid' : 'Forbidden'
  return new ApiError({ ...status, message: textOf(failures[0]), reason, details: { ...status.details, causes } })
}

function textOf({ policy, binding, message }: Failure): string {
  const { name = '' } = policy.metadata
  const whose = binding === undefined ? `policy "${name}"` : `policy '${name}' with binding '${binding.metadata.name}'`
  return `${whose} denied request: ${message}`
}
