/** The policies that have bindings, compiled once, and those among them that a request may be about. */

import type { MatchResources, ParamKind, ParamRef } from '../../../api/generated/admissionregistration-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { isApiError } from '../../../meta/errors.ts'
import type { KubeObject, ObjectMeta } from '../../../meta/types.ts'
import type { ServedResource } from '../../registry/served-resource.ts'
import type { WatchCache } from '../../watchcache/watch-cache.ts'
import type { AdmissionRequest } from '../admission.ts'
import { type Matching, matchedResource, mayMatch, requestedResource } from './matching.ts'
import { collectParams, ConfigurationFault, paramResource, type ParamSource } from './params.ts'

/** What both kinds of policies have. */
export interface AnyPolicy {
  readonly metadata: ObjectMeta
  readonly spec?: {
    readonly paramKind?: ParamKind
    readonly matchConstraints?: MatchResources
    readonly failurePolicy?: string
  }
}

/** What both kinds of bindings have. */
export interface AnyBinding {
  readonly metadata: ObjectMeta
  readonly spec?: {
    readonly policyName?: string
    readonly paramRef?: ParamRef
    readonly matchResources?: MatchResources
  }
}

/** A policy with all its bindings. */
export interface Hook<P, B, C> {
  readonly policy: DeepReadonly<P>
  readonly bindings: readonly DeepReadonly<B>[]
  readonly compiled: C
}

export interface HookSources<P, C> {
  readonly policies: WatchCache
  readonly bindings: WatchCache
  readonly compile: (policy: DeepReadonly<P>) => C
}

/** So many different requests are remembered. */
const MAX_REQUESTS = 2_000

export class PolicyHooks<P extends AnyPolicy, B extends AnyBinding, C> {
  readonly #sources: HookSources<P, C>
  readonly #compiled = new WeakMap<object, C>()
  readonly #byRequest = new Map<string, readonly Hook<P, B, C>[]>()
  #all: readonly Hook<P, B, C>[] | undefined

  constructor(sources: HookSources<P, C>) {
    this.#sources = sources
    const forget = () => {
      this.#all = undefined
      this.#byRequest.clear()
    }
    sources.policies.onChange(forget)
    sources.bindings.onChange(forget)
  }

  /** The policies that may be about a request: whether they are depends on its object and name. */
  for(request: AdmissionRequest, { resources }: Matching): readonly Hook<P, B, C>[] {
    this.#all ??= this.#gather()
    if (this.#all.length === 0) return this.#all
    const { operation, subresource, namespace } = request
    const key = `${operation} ${requestedResource(request).key}/${subresource} ${namespace === ''}`
    let found = this.#byRequest.get(key)
    if (found === undefined) {
      found = this.#all.filter(({ policy }) => mayMatch(policy.spec?.matchConstraints ?? {}, request, resources))
      if (this.#byRequest.size >= MAX_REQUESTS) this.#byRequest.clear()
      this.#byRequest.set(key, found)
    }
    return found
  }

  #gather(): readonly Hook<P, B, C>[] {
    const { policies, bindings } = this.#sources
    const byPolicy = new Map<string, DeepReadonly<B>[]>()
    for (const { object } of bindings.all()) {
      const binding = object as unknown as DeepReadonly<B> // the cache holds nothing else
      const name = (binding as AnyBinding).spec?.policyName ?? ''
      byPolicy.set(name, [...(byPolicy.get(name) ?? []), binding])
    }
    return [...byPolicy].flatMap(([name, own]) => {
      const policy = policies.get('', name)?.object as unknown as DeepReadonly<P> | undefined // nothing else either
      return policy === undefined ? [] : [{ policy, bindings: own, compiled: this.#compile(policy) }]
    })
  }

  #compile(policy: DeepReadonly<P>): C {
    const known = this.#compiled.get(policy as object)
    if (known !== undefined) return known
    const made = this.#sources.compile(policy)
    this.#compiled.set(policy as object, made)
    return made
  }
}

/** One time that a policy is asked about a request. */
export interface Invocation<P, B, C> {
  readonly hook: Hook<P, B, C>
  readonly binding: DeepReadonly<B>
  /** What the request matches as. */
  readonly matched: ServedResource
  readonly params: DeepReadonly<KubeObject> | null
}

/** A policy or binding that cannot be followed. */
export interface Misfit<P, B> {
  readonly policy: DeepReadonly<P>
  readonly binding?: DeepReadonly<B>
  readonly message: string
}

/** Every time that a policy is asked about a request, and what cannot be asked. */
export function* invocations<P extends AnyPolicy, B extends AnyBinding, C>(
  hooks: readonly Hook<P, B, C>[],
  request: AdmissionRequest,
  sources: Matching & ParamSource,
): Iterable<Invocation<P, B, C> | Misfit<P, B>> {
  for (const hook of hooks) {
    const policy = hook.policy as DeepReadonly<AnyPolicy>
    const target = attempt(() => {
      const matched = matchedResource(policy.spec?.matchConstraints ?? {}, request, sources)
      return matched && { matched, paramsOf: paramResource(policy.spec?.paramKind, sources) }
    })
    if (target instanceof Failed) {
      yield { policy: hook.policy, message: `failed to configure policy: ${target.message}` }
      continue
    }
    if (target === undefined) continue
    for (const binding of hook.bindings) {
      const { matchResources, paramRef } = (binding as DeepReadonly<AnyBinding>).spec ?? {}
      const all = attempt(() => {
        if (matchResources !== undefined && matchedResource(matchResources, request, sources) === undefined) return []
        return collectParams(target.paramsOf, paramRef, request.namespace, sources)
      })
      if (all instanceof Failed) {
        yield { policy: hook.policy, binding, message: `failed to configure binding: ${all.message}` }
        continue
      }
      for (const params of all) yield { hook, binding, matched: target.matched, params }
    }
  }
}

class Failed {
  readonly message: string

  constructor(message: string) {
    this.message = message
  }
}

function attempt<T>(find: () => T): T | Failed {
  try {
    return find()
  } catch (error) {
    if (error instanceof ConfigurationFault || isApiError(error)) return new Failed(error.message)
    throw error
  }
}
