/**
 * Drives Pods away from devices whose NoExecute taints their claims do not tolerate, or no longer
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#device-taints-and-tolerations).
 */

import { createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { PODS, RESOURCE_CLAIMS, RESOURCE_SLICES } from '../../client/resources.ts'
import { deepEqual } from '../../meta/validation.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { isDeleting, keyOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import { type EvictionTexts, TimedEvictions } from '../kit/timed-eviction.ts'
import { evictionTime, type ReadClaim, type ReadSlice } from './decide.ts'

const CAUSE = {
  reason: 'DeletionByDeviceTaintManager',
  message: 'Device Taint manager: deleting due to NoExecute taint',
}
const TEXTS: EvictionTexts = {
  reason: 'DeviceTaintManagerEviction',
  marking: () => 'Marking for deletion',
  cancelling: () => 'Cancelling deletion',
  cause: () => CAUSE,
}
const BY_POOL = 'devices of a pool'

const poolOf = (driver: string, pool: string): string => `${driver}/${pool}`

export function deviceTaintEvictionController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const pods = deps.informers.of(PODS)
  const claims = deps.informers.of(RESOURCE_CLAIMS)
  const slices = deps.informers.of(RESOURCE_SLICES)
  const queue = createWorkQueue(clock)
  const events = deps.events('device-taint-eviction')
  const evictions = new TimedEvictions({ client, clock, events }, TEXTS)
  slices.addIndex(BY_POOL, ({ spec }) => [poolOf(spec.driver, spec.pool.name)])
  claims.addIndex(BY_POOL, ({ status }) => [
    ...new Set((status?.allocation?.devices?.results ?? []).map(({ driver, pool }) => poolOf(driver, pool))),
  ])

  const wakeHolders = ({ metadata, status }: ReadClaim) => {
    for (const { name } of status?.reservedFor ?? []) queue.add(`${metadata.namespace ?? ''}/${name}`)
  }
  const wakeUsers = ({ spec }: ReadSlice) =>
    claims.byIndex(BY_POOL, poolOf(spec.driver, spec.pool.name)).forEach(wakeHolders)
  const hasTaints = ({ spec }: ReadSlice) => (spec.devices ?? []).some(({ taints = [] }) => taints.length > 0)
  const wake = (pod: ReadPod) => {
    if ((pod.spec?.resourceClaims ?? []).length > 0) queue.add(keyOf(pod))
  }
  pods.on({
    added: wake,
    updated(pod, old) {
      if (pod.spec?.nodeName !== old.spec?.nodeName) wake(pod)
    },
    deleted: (pod) => evictions.forget(pod),
  })
  claims.on({ added: wakeHolders, updated: wakeHolders })
  slices.on({
    added(slice) {
      if (hasTaints(slice)) wakeUsers(slice)
    },
    updated(slice, old) {
      if (!deepEqual(slice.spec, old.spec)) wakeUsers(slice)
    },
    deleted(slice) {
      if (hasTaints(slice)) wakeUsers(slice)
    },
  })

  /** The taints of a device, as the newest generation of its pool tells them. */
  const taintsOf = (driver: string, pool: string, device: string) => {
    const all = slices.byIndex(BY_POOL, poolOf(driver, pool))
    const newest = Math.max(...all.map(({ spec }) => spec.pool.generation))
    const current = all.filter(({ spec }) => spec.pool.generation === newest)
    return current.flatMap(({ spec }) => spec.devices ?? []).find(({ name }) => name === device)?.taints ?? []
  }

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const pod = pods.get(key)
    if (pod === undefined || isDeleting(pod)) return settled
    const due = evictionTime(pod, { claim: (name) => claims.get(name), taints: taintsOf, now: clock.now() })
    return evictions.settle(pod, due, signal)
  }

  const waitFor = [pods, claims, slices]
  return loopController({ name: 'device-taint-eviction', queue, reconcile, log: deps.log, waitFor })
}
