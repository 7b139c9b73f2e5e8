/**
 * What a Pod asks for as a whole
 * (https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/ and
 * https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers).
 */

import type { DeepReadonly } from '../../../../meta/deep-readonly.ts'
import { addResources, cmpQuantity, maxResources } from '../../../../meta/quantity.ts'
import type { Container, Pod } from '../../../generated/core-v1.ts'
import { isSidecar } from './facts.ts'

/** Amounts by resource name, e.g. `{ cpu: '500m' }`. */
export type ResourceList = Readonly<Record<string, string>>

type Kind = 'requests' | 'limits'

/**
 * The requests that scheduling and quota count: the larger of what runs together (app containers and sidecars) and
 * what any init container needs while it runs beside the sidecars before it; pod-level requests take their place;
 * overhead is added.
 */
export function podRequests(pod: DeepReadonly<Pod>): ResourceList {
  return withOverhead(pod, { ...containersTotal(pod, 'requests'), ...pod.spec?.resources?.requests })
}

/** The limits of the Pod as a whole, by the same rule. */
export function podLimits(pod: DeepReadonly<Pod>): ResourceList {
  return withOverhead(pod, { ...containersTotal(pod, 'limits'), ...pod.spec?.resources?.limits })
}

function withOverhead(pod: DeepReadonly<Pod>, amounts: ResourceList): ResourceList {
  return pod.spec?.overhead === undefined ? amounts : addResources(amounts, pod.spec.overhead)
}

function containersTotal(pod: DeepReadonly<Pod>, kind: Kind): ResourceList {
  const of = (container: DeepReadonly<Container>): ResourceList => container.resources?.[kind] ?? {}
  let running = (pod.spec?.containers ?? []).reduce(
    (sum: ResourceList, container) => addResources(sum, of(container)),
    {},
  )
  let sidecars: ResourceList = {}
  let starting: ResourceList = {}
  for (const container of pod.spec?.initContainers ?? []) {
    if (isSidecar(container)) {
      running = addResources(running, of(container))
      sidecars = addResources(sidecars, of(container))
      starting = maxResources(starting, sidecars)
    } else {
      starting = maxResources(starting, addResources(of(container), sidecars))
    }
  }
  return maxResources(running, starting)
}

/** The Pod's quality of service (https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/). */
export function qosClassOf(pod: DeepReadonly<Pod>): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]
  const podLevel = pod.spec?.resources
  const all =
    podLevel?.requests !== undefined || podLevel?.limits !== undefined ? [{ resources: podLevel }] : containers
  let asksForAnything = false
  let isGuaranteed = true
  for (const { resources } of all) {
    for (const name of ['cpu', 'memory']) {
      const request = resources?.requests?.[name]
      const limit = resources?.limits?.[name]
      if (isPositive(request) || isPositive(limit)) asksForAnything = true
      if (!isPositive(limit) || (request !== undefined && cmpQuantity(request, limit ?? '0') !== 0))
        isGuaranteed = false
    }
  }
  if (!asksForAnything) return 'BestEffort'
  return isGuaranteed ? 'Guaranteed' : 'Burstable'
}

const isPositive = (quantity: string | undefined) => quantity !== undefined && cmpQuantity(quantity, '0') > 0
