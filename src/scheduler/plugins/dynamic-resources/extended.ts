/**
 * The claim that is made for a Pod whose extended resources are devices, and which of its containers gets what
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#extended-resource). Pure.
 */

import { isSidecar } from '../../../api/core/v1/pod/requests.ts'
import type { Container, ContainerExtendedResourceRequest } from '../../../api/generated/core-v1.ts'
import type { DeviceRequest, ResourceClaim } from '../../../api/generated/resource-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { quantityValue } from '../../../meta/quantity.ts'
import { type ClassFor, classBehind, isDeviceResource } from '../../framework/extended-resources.ts'
import type { NodeInfo } from '../../snapshot/node-info.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import type { ReadClaim } from './claims.ts'

const IS_EXTENDED = 'resource.kubernetes.io/extended-resource-claim'

/** The claim for one node, and what the containers find in it. */
export interface NodeClaim {
  readonly claim: ReadClaim
  readonly mappings: readonly ContainerExtendedResourceRequest[]
}

/** The resources of the Pod that devices may stand behind; none where no class knows any of them. */
export function deviceResourcesOf({ requests }: PodInfo, classFor: ClassFor): readonly string[] {
  const asked = [...(requests.others ?? [])].filter(([name, amount]) => amount > 0 && isDeviceResource(name))
  const names = asked.map(([name]) => name)
  return names.some((name) => classFor(name) !== undefined) ? names.toSorted() : []
}

/** The claim that an earlier try to schedule the Pod left behind. */
export function leftClaim({ pod, uid }: PodInfo, claims: readonly ReadClaim[]): ReadClaim | undefined {
  return claims.find(
    ({ metadata: { annotations, ownerReferences = [] } }) =>
      annotations?.[IS_EXTENDED] === 'true' &&
      ownerReferences.some((owner) => owner.uid === uid && owner.name === pod.metadata.name && owner.controller),
  )
}

/** The claim for what a node does not offer by itself; undefined where it offers all. */
export function claimForNode(
  info: PodInfo,
  node: NodeInfo,
  resources: readonly string[],
  classFor: ClassFor,
): NodeClaim | undefined {
  const requests: DeviceRequest[] = []
  const mappings: ContainerExtendedResourceRequest[] = []
  for (const resource of resources) {
    const name = classBehind(resource, node, classFor)?.metadata.name
    if (name === undefined) continue
    const share = shareOut(info, resource, name)
    requests.push(...share.requests)
    mappings.push(...share.mappings)
  }
  if (requests.length === 0) return undefined
  return { claim: claimOf(info, requests.toSorted(byName)), mappings }
}

const byName = (a: DeviceRequest, b: DeviceRequest) => (a.name < b.name ? -1 : 1)

/** Its uid is nobody's: it stands for the claim until that is made. */
function claimOf({ pod: { metadata }, uid }: PodInfo, requests: DeviceRequest[]): ResourceClaim {
  const { name = '', namespace = '' } = metadata
  return {
    metadata: {
      namespace,
      uid: `extended resources of ${uid}`,
      generateName: `${name}-extended-resources-`,
      annotations: { [IS_EXTENDED]: 'true' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid, controller: true }],
    },
    spec: { devices: { requests } },
  }
}

interface Share {
  readonly requests: readonly DeviceRequest[]
  readonly mappings: readonly ContainerExtendedResourceRequest[]
}

interface Asking {
  readonly container: DeepReadonly<Container>
  /** Its place among all containers, the init containers first. */
  readonly at: number
  readonly isShortLived: boolean
}

/**
 * Containers that run together have devices of their own; init containers use those of the containers that come after
 * them first, and then share the most that any of them needs besides.
 */
function shareOut({ pod }: PodInfo, resource: string, className: string): Share {
  const { initContainers = [], containers = [] } = pod.spec ?? {}
  const all = [...initContainers, ...containers].map((container, at): Asking => ({
    container,
    at,
    isShortLived: at < initContainers.length && !isSidecar(container),
  }))
  const lasting = all.filter(({ isShortLived }) => !isShortLived).flatMap((asking) => need(asking, resource, []))
  const own = lasting.map(({ at, count, name }) => ({ at, request: requestOf(name, className, count) }))
  const brief = all
    .filter(({ isShortLived }) => isShortLived)
    .flatMap((asking) => {
      const later = own.filter(({ at }) => at >= asking.at).map(({ request }) => request)
      return need(asking, resource, later)
    })
  const most = brief.reduce<Need | undefined>(
    (best, next) => (next.count > (best?.count ?? 0) ? next : best),
    undefined,
  )
  const shared = most === undefined ? [] : [requestOf(most.name, className, most.count)]
  const mapping = ({ container }: Need, requestName: string) => ({
    containerName: container,
    resourceName: resource,
    requestName,
  })
  return {
    requests: [...shared, ...own.map(({ request }) => request)],
    mappings: [
      ...lasting.map((one) => mapping(one, one.name)),
      ...brief.flatMap((one) => [
        ...one.borrowed.map((name) => mapping(one, name)),
        ...(one.count > 0 ? [mapping(one, most?.name ?? one.name)] : []),
      ]),
    ],
  }
}

/** What one container needs: devices of others', and so many of its own. */
interface Need {
  readonly container: string
  readonly at: number
  readonly name: string
  readonly borrowed: readonly string[]
  readonly count: number
}

function need({ container, at }: Asking, resource: string, others: readonly DeviceRequest[]): readonly Need[] {
  const { requests = {} } = container.resources ?? {}
  const wanted = quantityValue(requests[resource] ?? '0')
  if (wanted === 0) return []
  const borrowed: string[] = []
  let left = wanted
  for (const other of others) {
    if (left <= 0) break
    borrowed.push(other.name)
    left -= other.exactly?.count ?? 0
  }
  const place = Object.keys(requests).toSorted().indexOf(resource)
  const name = `container-${at}-request-${place}`
  return [{ container: container.name, at, name, borrowed, count: Math.max(0, left) }]
}

const requestOf = (name: string, deviceClassName: string, count: number): DeviceRequest => ({
  name,
  exactly: { deviceClassName, allocationMode: 'ExactCount', count },
})
