/** EndpointSlices of Services: where the Pods behind a Service can be reached (https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/). */

import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { ENDPOINT_SLICES, NODES, PODS, SERVICES } from '../../client/resources.ts'
import { indexOnce } from '../kit/indexes.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { controllerReference, isDeleting, keyOf } from '../kit/ownership.ts'
import { OwnWrites } from '../kit/own-writes.ts'
import { PacedQueue } from '../kit/pace.ts'
import { podsBehind, type ReadService, selectsPods, wakeServices } from '../kit/slices/service-pods.ts'
import { applySlices, observeSlices } from '../kit/slices/slice-control.ts'
import { type EndpointGroup, MANAGED_BY, type ReadSlice, SERVICE_NAME, type SlicePlan } from '../kit/slices/slices.ts'
import { TriggerTimes } from '../kit/slices/trigger-times.ts'
import { endpointGroups, families, MANAGER, sliceLabels } from './groups.ts'
import { Topology } from './topology.ts'
import { ZONE_LABEL } from './zone-capacity.ts'

const CATCH_UP_MS = 5_000
const BY_SERVICE = 'service'

const serviceKey = ({ metadata: { namespace, labels } }: ReadSlice) => `${namespace}/${labels?.[SERVICE_NAME]}`

export function endpointSliceController(deps: ControllerDeps): Controller {
  const { client, clock, random } = deps
  const services = deps.informers.of(SERVICES)
  const pods = deps.informers.of(PODS)
  const nodes = deps.informers.of(NODES)
  const slices = deps.informers.of(ENDPOINT_SLICES)
  const queue = createWorkQueue(clock)
  const ownWrites = new OwnWrites(clock)
  const triggerTimes = new TriggerTimes()
  indexOnce(slices, BY_SERVICE, (slice) => [serviceKey(slice)])
  const isOurs = (slice: ReadSlice) => slice.metadata.labels?.[MANAGED_BY] === MANAGER
  const enqueue = (service: ReadService) => queue.add(keyOf(service))
  services.on({ added: enqueue, updated: enqueue, deleted: enqueue })
  const paced = new PacedQueue(queue, clock)
  // Mostly these are our own writes: of a large Service there are many.
  observeSlices(slices, ownWrites, isOurs, (slice) => paced.add(serviceKey(slice)))
  wakeServices(services, pods, (service) => paced.add(keyOf(service)))
  const topology = new Topology(deps.events('endpoint-slice-controller'))
  topology.watch(nodes, (key) => queue.add(key))

  const zoneOf = (name: string | undefined) =>
    name === undefined ? undefined : nodes.get(name)?.metadata.labels?.[ZONE_LABEL]

  /** Each address family has slices of its own; those of a family the Service no longer has go. */
  const planFamilies = (
    service: ReadService,
    groups: readonly EndpointGroup[],
    existing: readonly ReadSlice[],
  ): SlicePlan => {
    const wanted = families(service)
    const labels = sliceLabels(service)
    const plans = wanted.map((addressType) => {
      const isAlike = (of: { readonly addressType: string }) => of.addressType === addressType
      return topology.plan(service, groups.filter(isAlike), existing.filter(isAlike), { addressType, labels })
    })
    const others = existing.filter((slice) => !wanted.some((family) => family === slice.addressType))
    return {
      create: plans.flatMap(({ create }) => create),
      update: plans.flatMap(({ update }) => update),
      remove: [...others, ...plans.flatMap(({ remove }) => remove)],
    }
  }

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const service = services.get(key)
    if (service === undefined) {
      ownWrites.forget(key)
      triggerTimes.forget(key)
      topology.forget(key)
      return settled // the garbage collector takes the slices
    }
    if (!selectsPods(service) || isDeleting(service)) return settled
    if (!ownWrites.caughtUp(key)) return again(CATCH_UP_MS)
    const existing = slices.byIndex(BY_SERVICE, key).filter((slice) => isOurs(slice) && !isDeleting(slice))
    const behind = podsBehind(service, pods)
    paced.begin(key, behind.length)
    const groups = endpointGroups(service, behind, zoneOf)
    const plan = planFamilies(service, groups, existing)
    const owner = {
      key,
      namespace: service.metadata.namespace ?? '',
      reference: controllerReference(service, SERVICES),
      triggerTime: triggerTimes.next(key, service, behind),
    }
    await applySlices({ client, random, ownWrites }, owner, plan, signal)
    return settled
  }
  const waitFor = [services, pods, nodes, slices]
  return loopController({ name: 'endpointslice', queue, reconcile, log: deps.log, waitFor })
}
