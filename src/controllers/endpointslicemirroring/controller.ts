/** Mirrors Endpoints that people write by hand into EndpointSlices, which is where proxies look (https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#endpointslice-mirroring). */

import type { EndpointAddress, Endpoints, EndpointSubset } from '../../api/generated/core-v1.ts'
import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { ENDPOINT_SLICES, ENDPOINTS, SERVICES } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { indexOnce } from '../kit/indexes.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { controllerReference, isDeleting, keyOf, nameOf } from '../kit/ownership.ts'
import { OwnWrites } from '../kit/own-writes.ts'
import { isIPv6, TRIGGER_TIME } from '../kit/slices/service-pods.ts'
import { applySlices, observeSlices } from '../kit/slices/slice-control.ts'
import {
  type EndpointGroup,
  MANAGED_BY,
  planSlices,
  type ReadEndpoint,
  type ReadSlice,
  SERVICE_NAME,
} from '../kit/slices/slices.ts'

const MANAGER = 'endpointslicemirroring-controller.k8s.io'
const SKIP = 'endpointslice.kubernetes.io/skip-mirror'
const LEADER = 'control-plane.alpha.kubernetes.io/leader'
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
const BY_ENDPOINTS = 'mirroredEndpoints'
const CATCH_UP_MS = 5_000
/** The most addresses of one subset that are mirrored, all in one slice. */
const MAX_PER_SUBSET = 1000

type ReadEndpoints = DeepReadonly<Endpoints>

export function endpointSliceMirroringController(deps: ControllerDeps): Controller {
  const { client, clock, random } = deps
  const services = deps.informers.of(SERVICES)
  const endpoints = deps.informers.of(ENDPOINTS)
  const slices = deps.informers.of(ENDPOINT_SLICES)
  const queue = createWorkQueue(clock)
  const ownWrites = new OwnWrites(clock)
  const isOurs = (slice: ReadSlice) => slice.metadata.labels?.[MANAGED_BY] === MANAGER
  const keyOfSlice = ({ metadata: { namespace, labels } }: ReadSlice) => `${namespace}/${labels?.[SERVICE_NAME]}`
  indexOnce(slices, BY_ENDPOINTS, (slice) => (isOurs(slice) ? [keyOfSlice(slice)] : []))
  observeSlices(slices, ownWrites, isOurs, (slice) => queue.add(keyOfSlice(slice)))
  const enqueue = (object: { readonly metadata: ReadEndpoints['metadata'] }) => queue.add(keyOf(object))
  services.on({ added: enqueue, updated: enqueue, deleted: enqueue })
  endpoints.on({ added: enqueue, updated: enqueue, deleted: enqueue })

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    if (!ownWrites.caughtUp(key)) return again(CATCH_UP_MS)
    const service = services.get(key)
    const object = endpoints.get(key)
    const existing = slices.byIndex(BY_ENDPOINTS, key).filter((slice) => !isDeleting(slice))
    const isMirrored =
      service !== undefined && object !== undefined && service.spec?.selector === undefined && mayMirror(object)
    if (!isMirrored) {
      if (existing.length === 0 || object === undefined) return settled // collected with their owner
      const plan = { create: [], update: [], remove: existing }
      await applySlices({ client, random, ownWrites }, ownerOf(key, object), plan, signal)
      return settled
    }
    const groups = (object.subsets ?? []).flatMap(groupsOf)
    const labels = { ...object.metadata.labels, [SERVICE_NAME]: nameOf(object), [MANAGED_BY]: MANAGER }
    const { [TRIGGER_TIME]: _time, [LAST_APPLIED]: _applied, ...annotations } = object.metadata.annotations ?? {}
    const planned = planSlices(groups, existing, { labels, annotations, limit: MAX_PER_SUBSET })
    const plan = groups.length === 0 ? { create: [], update: [], remove: existing } : planned
    await applySlices({ client, random, ownWrites }, ownerOf(key, object), plan, signal)
    return settled
  }
  const waitFor = [services, endpoints, slices]
  return loopController({ name: 'endpointslicemirroring', queue, reconcile, log: deps.log, waitFor })
}

const ownerOf = (key: string, object: ReadEndpoints) => ({
  key,
  namespace: object.metadata.namespace ?? '',
  reference: controllerReference(object, ENDPOINTS),
})

const mayMirror = ({ metadata: { labels, annotations } }: ReadEndpoints) =>
  labels?.[SKIP] !== 'true' && annotations?.[LEADER] === undefined

/** A group for each address family of the subset. */
export function groupsOf(subset: DeepReadonly<EndpointSubset>): readonly EndpointGroup[] {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset
  const endpoints = [
    ...addresses.map((address) => endpointOf(address, true)),
    ...notReadyAddresses.map((address) => endpointOf(address, false)),
  ].slice(0, MAX_PER_SUBSET)
  return (['IPv4', 'IPv6'] as const)
    .map((addressType) => ({
      addressType,
      ports: ports.map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({
        name,
        port,
        protocol,
        ...(appProtocol === undefined ? {} : { appProtocol }),
      })),
      endpoints: endpoints.filter(({ addresses: [ip = ''] }) => isIPv6(ip) === (addressType === 'IPv6')),
    }))
    .filter((group) => group.endpoints.length > 0)
}

function endpointOf(
  { ip, hostname, nodeName, targetRef }: DeepReadonly<EndpointAddress>,
  ready: boolean,
): ReadEndpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(targetRef === undefined ? {} : { targetRef }),
  }
}
