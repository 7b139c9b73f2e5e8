/**
 * What a Pod asks of a node, all its containers together
 * (https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers,
 * https://kubernetes.io/docs/concepts/scheduling-eviction/pod-overhead/).
 */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { addResources, cmpQuantity, isZeroQuantity, maxResources } from '../../../../meta/quantity.ts'
import type { Container, PodQOSClass, PodSpec } from '../../../generated/core-v1.ts'

type Resources = Readonly<Record<string, string>>
type Part = 'requests' | 'limits'

/** Resources that a Pod may state for itself as a whole. */
export function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')
}

/** An init container that keeps running beside the others. */
export function isSidecar(container: { readonly restartPolicy?: string }): boolean {
  return container.restartPolicy === 'Always'
}

/**
 * What the containers need at most at any time: those that run together summed, and the most that any step of the
 * start needs with the sidecars that run by then.
 */
export function aggregateContainerRequests(spec: DeepReadonly<PodSpec>): Resources {
  return aggregate(spec, 'requests')
}

/** As `aggregateContainerRequests`, of limits. */
export function aggregateContainerLimits(spec: DeepReadonly<PodSpec>): Resources {
  return aggregate(spec, 'limits')
}

function aggregate(spec: DeepReadonly<PodSpec>, part: Part): Resources {
  const initContainers = spec.initContainers ?? []
  let running = sum(spec.containers ?? [], part)
  let sidecars: Resources = {}
  let starting: Resources = {}
  for (const container of initContainers) {
    const own = container.resources?.[part]
    if (isSidecar(container)) {
      sidecars = addResources(sidecars, own)
      running = addResources(running, own)
      starting = maxResources(starting, sidecars)
    } else {
      starting = maxResources(starting, addResources(sidecars, own))
    }
  }
  return initContainers.length === 0 ? running : maxResources(running, starting)
}

function sum(containers: readonly DeepReadonly<Container>[], part: Part): Resources {
  let total: Resources = {}
  for (const container of containers) {
    const own = container.resources?.[part]
    if (own !== undefined) total = addResources(total, own)
  }
  return total
}

/** What the scheduler must find free for a Pod: its containers' needs, what the Pod states as a whole, the overhead. */
export function podRequests(pod: { readonly spec?: DeepReadonly<PodSpec> }): Resources {
  return effective(pod.spec, 'requests')
}

/** What a Pod may use at most, for the resources where every part of it is limited or the whole is. */
export function podLimits(pod: { readonly spec?: DeepReadonly<PodSpec> }): Resources {
  return effective(pod.spec, 'limits')
}

function effective(spec: DeepReadonly<PodSpec> | undefined, part: Part): Resources {
  if (spec === undefined) return {}
  const ofContainers = aggregate(spec, part)
  const stated = Object.entries(spec.resources?.[part] ?? {}).filter(([name]) => isPodLevelResource(name))
  const whole = stated.length === 0 ? ofContainers : { ...ofContainers, ...Object.fromEntries(stated) }
  if (spec.overhead === undefined) return whole
  return addResources(whole, part === 'requests' ? spec.overhead : onlyKnown(spec.overhead, whole))
}

/** Overhead adds to limits only where there is one. */
function onlyKnown(overhead: Resources, limits: Resources): Resources {
  return Object.fromEntries(Object.entries(overhead).filter(([name]) => Object.hasOwn(limits, name)))
}

/** The Pod's rank when its node runs short (https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/). */
export function qosClassOf(pod: { readonly spec?: DeepReadonly<PodSpec> }): PodQOSClass {
  const spec = pod.spec
  if (spec === undefined) return 'BestEffort'
  if (spec.resources !== undefined) return rank([spec.resources])
  return rank([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ resources }) => resources ?? {}))
}

type Amounts = Readonly<Record<string, string>>

function rank(parts: readonly { readonly requests?: Amounts; readonly limits?: Amounts }[]): PodQOSClass {
  let asksForSomething = false
  let isGuaranteed = true
  for (const { requests, limits } of parts) {
    for (const name of ['cpu', 'memory'] as const) {
      const limit = amountOf(limits, name)
      const request = amountOf(requests, name)
      if (limit !== undefined || request !== undefined) asksForSomething = true
      if (limit === undefined || (request !== undefined && cmpQuantity(limit, request) !== 0)) isGuaranteed = false
    }
  }
  if (!asksForSomething) return 'BestEffort'
  return isGuaranteed ? 'Guaranteed' : 'Burstable'
}

function amountOf(amounts: Amounts | undefined, name: string): string | undefined {
  const amount = amounts?.[name]
  return amount === undefined || isZeroQuantity(amount) ? undefined : amount
}
