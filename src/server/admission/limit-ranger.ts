/**
 * LimitRanges: what a container gets that asks for nothing, and how much may be asked for
 * (https://kubernetes.io/docs/concepts/policy/limit-range/).
 */

import type { Container, LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod } from '../../api/generated/core-v1.ts'
import { defaultPodLevelResources } from '../../api/core/v1/pod/defaults.ts'
import { podLimits, podRequests } from '../../api/core/v1/pod/requests.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { aggregate } from '../../meta/errors.ts'
import { cmpQuantity, milliValue, parseQuantity } from '../../meta/quantity.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { refusal } from './refuse.ts'

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
      for (const range of rangesIn(request.namespace)) defaultContainers(request.object as Pod, range)
    },
    validate(request) {
      const { resource, object, operation } = request
      const items = itemsFor(request)
      if (items.length === 0 || object === undefined) return
      if (request.old?.metadata.deletionTimestamp !== undefined) return
      if (resource.resource === 'pods' && operation === 'UPDATE' && request.subresource === '') return // requests cannot change
      const faults = items.flatMap((item) =>
        resource.resource === 'pods'
          ? podFaults(object as Pod, item)
          : claimFaults(object as PersistentVolumeClaim, item),
      )
      if (faults.length === 0) return
      throw refusal(request, aggregate(faults))
    },
  }
}

/** Tells what was filled in. */
const NOTE = 'kubernetes.io/limit-ranger'

/** Gives each container what the range has for those that do not say. Says so in an annotation. */
function defaultContainers(pod: Pod, { spec }: DeepReadonly<LimitRange>): void {
  const items = (spec?.limits ?? []).filter(({ type }) => type === 'Container')
  const limits = Object.assign({}, ...items.map((item) => item.default)) as Record<string, string>
  const requests = Object.assign({}, ...items.map((item) => item.defaultRequest)) as Record<string, string>
  const notes = [
    ...(pod.spec?.containers ?? []).flatMap((container) => fillIn(container, 'container', { limits, requests })),
    ...(pod.spec?.initContainers ?? []).flatMap((container) =>
      fillIn(container, 'init container', { limits, requests }),
    ),
  ]
  if (notes.length === 0) return
  // What the Pod asks for as a whole is what its containers do, these amounts among it.
  if (pod.spec !== undefined) defaultPodLevelResources(pod.spec)
  const text = `LimitRanger plugin set: ${notes.join('; ')}`
  pod.metadata.annotations = { ...pod.metadata.annotations, [NOTE]: text }
}

interface Fill {
  readonly limits: Readonly<Record<string, string>>
  readonly requests: Readonly<Record<string, string>>
}

function fillIn(container: Container, role: string, fill: Fill): string[] {
  const notes: string[] = []
  for (const [part, word] of [
    ['requests', 'request'],
    ['limits', 'limit'],
  ] as const) {
    const own = container.resources?.[part]
    const missing = Object.entries(fill[part]).filter(([name]) => own === undefined || !Object.hasOwn(own, name))
    if (missing.length === 0) continue
    container.resources = { ...container.resources, [part]: { ...own, ...Object.fromEntries(missing) } }
    const names = missing.map(([name]) => name).sort()
    notes.push(`${names.join(', ')} ${word} for ${role} ${container.name}`)
  }
  return notes
}

function podFaults(pod: Pod, item: Item): string[] {
  if (item.type === 'Pod') return limitFaults('Pod', item, podRequests(pod), podLimits(pod))
  if (item.type !== 'Container') return []
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]
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
