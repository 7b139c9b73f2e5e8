/**
 * LimitRanges: what a container gets that asks for nothing, and how much may be asked for
 * (https://kubernetes.io/docs/concepts/policy/limit-range/).
 */

import type { Container, LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod } from '../../api/generated/core-v1.ts'
import { podLimits, podRequests } from '../../api/core/v1/pod/requests.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { forbidden } from '../../meta/errors.ts'
import { cmpQuantity, milliValue, parseQuantity } from '../../meta/quantity.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'

type Amounts = Readonly<Record<string, string>> | undefined
type Item = DeepReadonly<LimitRangeItem>

/** `rangesIn` gives the LimitRanges of a namespace. */
export function limitRanger(rangesIn: (namespace: string) => readonly DeepReadonly<LimitRange>[]): AdmissionPlugin {
  const itemsFor = ({ operation, resource, subresource, namespace }: AdmissionRequest): readonly Item[] => {
    if (operation !== 'CREATE' && operation !== 'UPDATE') return []
    if (subresource !== '' && subresource !== 'resize') return []
    if (resource.group !== '' || (resource.resource !== 'pods' && resource.resource !== 'persistentvolumeclaims'))
      return []
    return rangesIn(namespace).flatMap((range) => range.spec?.limits ?? [])
  }
  return {
    name: 'LimitRanger',
    mutate(request) {
      if (request.operation !== 'CREATE' || request.subresource !== '' || request.resource.resource !== 'pods') return
      const items = itemsFor(request).filter(({ type }) => type === 'Container')
      if (items.length > 0) defaultContainers(request.object as Pod, items)
    },
    validate(request) {
      const { resource, object, name, operation } = request
      const items = itemsFor(request)
      if (items.length === 0 || object === undefined) return
      if (resource.resource === 'pods' && operation === 'UPDATE' && request.subresource === '') return // requests cannot change
      const faults = items.flatMap((item) =>
        resource.resource === 'pods'
          ? podFaults(object as Pod, item)
          : claimFaults(object as PersistentVolumeClaim, item),
      )
      if (faults.length === 0) return
      throw forbidden(
        { resource: resource.resource, name },
        faults.length === 1 ? (faults[0] ?? '') : `[${faults.join(', ')}]`,
      )
    },
  }
}

function defaultContainers(pod: Pod, items: readonly Item[]): void {
  for (const container of [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]) {
    for (const item of items) fillIn(container, item)
  }
}

function fillIn(container: Container, { default: limits, defaultRequest }: Item): void {
  const resources = (container.resources ??= {})
  for (const [name, amount] of Object.entries(limits ?? {})) {
    if (resources.limits?.[name] === undefined) resources.limits = { ...resources.limits, [name]: amount }
  }
  for (const [name, amount] of Object.entries(defaultRequest ?? {})) {
    if (resources.requests?.[name] === undefined) resources.requests = { ...resources.requests, [name]: amount }
  }
}

function podFaults(pod: Pod, item: Item): string[] {
  if (item.type === 'Pod') return limitFaults('Pod', item, podRequests(pod), podLimits(pod))
  if (item.type !== 'Container') return []
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]
  return containers.flatMap(({ resources }) => limitFaults('Container', item, resources?.requests, resources?.limits))
}

function claimFaults(claim: PersistentVolumeClaim, item: Item): string[] {
  return item.type === 'PersistentVolumeClaim'
    ? limitFaults('PersistentVolumeClaim', item, claim.spec?.resources?.requests, undefined)
    : []
}

function limitFaults(
  type: string,
  { min, max, maxLimitRequestRatio }: Item,
  requests: Amounts,
  limits: Amounts,
): string[] {
  return [
    ...Object.entries(min ?? {}).flatMap(([name, least]) =>
      minFault({ type, name, bound: least, request: requests?.[name], limit: limits?.[name] }),
    ),
    ...Object.entries(max ?? {}).flatMap(([name, most]) =>
      maxFault({ type, name, bound: most, request: requests?.[name], limit: limits?.[name] }),
    ),
    ...Object.entries(maxLimitRequestRatio ?? {}).flatMap(([name, ratio]) =>
      ratioFault({ type, name, bound: ratio, request: requests?.[name], limit: limits?.[name] }),
    ),
  ]
}

interface Asked {
  readonly type: string
  readonly name: string
  readonly bound: string
  readonly request: string | undefined
  readonly limit: string | undefined
}

function minFault({ type, name, bound, request, limit }: Asked): string[] {
  const words = `minimum ${name} usage per ${type} is ${bound}`
  if (request === undefined) return [`${words}.  No request is specified`]
  if (cmpQuantity(request, bound) < 0) return [`${words}, but request is ${request}`]
  return limit !== undefined && cmpQuantity(limit, bound) < 0 ? [`${words}, but limit is ${limit}`] : []
}

/** A claim has no limit, so its request is what is bounded. */
function maxFault({ type, name, bound, request, limit }: Asked): string[] {
  const words = `maximum ${name} usage per ${type} is ${bound}`
  if (type === 'PersistentVolumeClaim') {
    return request !== undefined && cmpQuantity(request, bound) > 0 ? [`${words}, but request is ${request}`] : []
  }
  if (limit === undefined) return [`${words}.  No limit is specified`]
  if (cmpQuantity(limit, bound) > 0) return [`${words}, but limit is ${limit}`]
  return request !== undefined && cmpQuantity(request, bound) > 0 ? [`${words}, but request is ${request}`] : []
}

function ratioFault({ type, name, bound, request, limit }: Asked): string[] {
  const words = `${name} max limit to request ratio per ${type} is ${bound}`
  if (request === undefined || milliValue(request) === 0)
    return [`${words}, but no request is specified or request is 0`]
  if (limit === undefined || milliValue(limit) === 0) return [`${words}, but no limit is specified or limit is 0`]
  const [asked, most, allowed] = [parseQuantity(request), parseQuantity(limit), parseQuantity(bound)]
  if (asked === undefined || most === undefined || allowed === undefined) return []
  const isOver = most.nano * 1_000_000_000n > allowed.nano * asked.nano
  return isOver ? [`${words}, but provided ratio is ${(Number(most.nano) / Number(asked.nano)).toFixed(6)}`] : []
}
