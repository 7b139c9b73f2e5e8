/** Endpoints: the older list of addresses behind a Service, kept beside its EndpointSlices (https://kubernetes.io/docs/concepts/services-networking/service/#endpoints). */

import type { Endpoints } from '../../api/generated/core-v1.ts'
import { createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { ENDPOINTS, PODS, SERVICES } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import { sameJson } from '../kit/equal.ts'
import { type Controller, type ControllerDeps, isNamespaceTerminating, loopController } from '../kit/loop.ts'
import { isDeleting, keyOf, placeOf } from '../kit/ownership.ts'
import { PacedQueue } from '../kit/pace.ts'
import {
  HEADLESS,
  isHeadless,
  podsBehind,
  type ReadService,
  selectsPods,
  TRIGGER_TIME,
  wakeServices,
} from '../kit/slices/service-pods.ts'
import { TriggerTimes } from '../kit/slices/trigger-times.ts'
import { endpointSubsets, withinLimit } from './subsets.ts'

const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity'
const MANAGED_BY = 'endpoints.kubernetes.io/managed-by'

type ReadEndpoints = DeepReadonly<Endpoints>

export function endpointsController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const services = deps.informers.of(SERVICES)
  const pods = deps.informers.of(PODS)
  const endpoints = deps.informers.of(ENDPOINTS)
  const queue = createWorkQueue(clock)
  const triggerTimes = new TriggerTimes()
  const enqueue = (service: ReadService) => queue.add(keyOf(service))
  services.on({ added: enqueue, updated: enqueue, deleted: enqueue })
  endpoints.on({
    added(object) {
      if (object.metadata.labels?.[MANAGED_BY] !== undefined) queue.add(keyOf(object)) // its Service may be gone
    },
    deleted: (object) => queue.add(keyOf(object)),
  })
  const paced = new PacedQueue(queue, clock)
  wakeServices(services, pods, (service) => paced.add(keyOf(service)))

  /** Endpoints go with their Service. */
  const remove = async (key: string, signal: AbortSignal) => {
    const existing = endpoints.get(key)
    if (existing === undefined) return
    await client.delete(ENDPOINTS, placeOf(existing), undefined, signal).catch((error: unknown) => {
      if (!hasReason(error, 'NotFound')) throw error
    })
  }

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const service = services.get(key)
    if (service === undefined) {
      triggerTimes.forget(key)
      await remove(key, signal)
      return settled
    }
    if (!selectsPods(service) || isDeleting(service)) return settled
    const existing = endpoints.get(key)
    const behind = podsBehind(service, pods)
    paced.begin(key, behind.length)
    const triggerTime = triggerTimes.next(key, service, behind)
    const wanted = wantedEndpoints(service, existing, endpointSubsets(service, behind))
    if (existing !== undefined && isSame(existing, wanted)) return settled
    const { [TRIGGER_TIME]: _old, ...kept } = wanted.metadata.annotations ?? {}
    const annotations = triggerTime === undefined ? kept : { ...kept, [TRIGGER_TIME]: triggerTime }
    const object = { ...wanted, metadata: { ...wanted.metadata, annotations } }
    try {
      if (existing === undefined) await client.create(ENDPOINTS, object, undefined, signal)
      else await client.update(ENDPOINTS, object, undefined, signal)
    } catch (error) {
      if (!isNamespaceTerminating(error)) throw error
    }
    return settled
  }
  return loopController({ name: 'endpoints', queue, reconcile, log: deps.log, waitFor: [services, pods, endpoints] })
}

function wantedEndpoints(
  service: ReadService,
  existing: ReadEndpoints | undefined,
  all: Parameters<typeof withinLimit>[0],
): ReadEndpoints {
  const { subsets, isTruncated } = withinLimit(all)
  const { [HEADLESS]: _headless, ...labels } = service.metadata.labels ?? {}
  const { [OVER_CAPACITY]: _over, ...annotations } = existing?.metadata.annotations ?? {}
  return {
    metadata: {
      ...(existing?.metadata ?? { name: service.metadata.name ?? '', namespace: service.metadata.namespace ?? '' }),
      labels: { ...labels, [MANAGED_BY]: 'endpoint-controller', ...(isHeadless(service) ? { [HEADLESS]: '' } : {}) },
      annotations: { ...annotations, ...(isTruncated ? { [OVER_CAPACITY]: 'truncated' } : {}) },
    },
    ...(subsets.length === 0 ? {} : { subsets }),
  }
}

function isSame(existing: ReadEndpoints, wanted: ReadEndpoints): boolean {
  return (
    sameJson(existing.subsets ?? [], wanted.subsets ?? []) &&
    sameJson(existing.metadata.labels ?? {}, wanted.metadata.labels ?? {}) &&
    existing.metadata.annotations?.[OVER_CAPACITY] === wanted.metadata.annotations?.[OVER_CAPACITY]
  )
}
