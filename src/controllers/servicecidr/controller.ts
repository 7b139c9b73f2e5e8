/** ServiceCIDR: ranges of Service addresses are told to be ready, and stay as long as addresses of theirs are in use (https://kubernetes.io/docs/tasks/network/extend-service-ip-ranges/). */

import { fromTime, toTime } from '../../base/clock.ts'
import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { IP_ADDRESSES, SERVICE_CIDRS } from '../../client/resources.ts'
import { setCondition } from '../../meta/conditions.ts'
import { hasReason } from '../../meta/errors.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { isDeleting, nameOf } from '../kit/ownership.ts'
import { writeStatus } from '../kit/write-status.ts'
import { mayGo, type ReadRange } from './decide.ts'

const PROTECTION = 'networking.k8s.io/service-cidr-finalizer'
/** So long servers may take to hear that a range gives no addresses any more. */
const GRACE_MS = 10_000
const IN_USE = 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR'

export function serviceCidrController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const ranges = deps.informers.of(SERVICE_CIDRS)
  const addresses = deps.informers.of(IP_ADDRESSES)
  const queue = createWorkQueue(clock)
  /** One range may free another. There are few. */
  const wakeAll = () => {
    for (const range of ranges.list()) queue.add(nameOf(range))
  }
  const wakeLeaving = () => {
    for (const range of ranges.list()) if (isDeleting(range)) queue.add(nameOf(range))
  }
  ranges.on({ added: wakeAll, updated: (range) => queue.add(nameOf(range)), deleted: wakeAll })
  addresses.on({ deleted: wakeLeaving })

  const say = async (
    range: ReadRange,
    status: 'True' | 'False',
    words: { reason: string; message: string },
    signal: AbortSignal,
  ) => {
    const before = range.status?.conditions ?? []
    const now = toTime(clock.now())
    const known = before.find(({ type }) => type === 'Ready')
    const since = known?.status === status ? known.lastTransitionTime : now
    const conditions = setCondition(before, { type: 'Ready', status, lastTransitionTime: since, ...words }, now)
    await writeStatus<object>(
      { client, ref: SERVICE_CIDRS, object: range, status: { ...range.status, conditions }, onConflict: 'throw' },
      signal,
    )
  }

  const leave = async (range: ReadRange, signal: AbortSignal): Promise<Outcome> => {
    const { metadata = {} } = range
    const { finalizers = [], deletionTimestamp } = metadata
    if (!finalizers.includes(PROTECTION)) return settled
    if (!mayGo(range, ranges.list(), addresses.list())) {
      await say(range, 'False', { reason: 'Terminating', message: IN_USE }, signal)
      return settled
    }
    const wait = (fromTime(deletionTimestamp) ?? 0) + GRACE_MS - clock.now()
    if (wait > 0) return again(wait)
    const kept = finalizers.filter((finalizer) => finalizer !== PROTECTION)
    try {
      await client.update(SERVICE_CIDRS, { ...range, metadata: { ...metadata, finalizers: kept } }, undefined, signal)
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error
    }
    return settled
  }

  const reconcile = async (name: string, signal: AbortSignal): Promise<Outcome> => {
    const range = ranges.get(name)
    if (range === undefined) return settled
    if (isDeleting(range)) return leave(range, signal)
    if (range.metadata?.finalizers?.includes(PROTECTION) !== true) {
      const body = { metadata: { finalizers: [PROTECTION] } }
      await client.patch(SERVICE_CIDRS, { name }, 'strategic', body, undefined, signal)
      return settled // its change wakes us
    }
    await say(range, 'True', { reason: '', message: 'Kubernetes Service CIDR is ready' }, signal)
    return settled
  }
  return loopController({ name: 'service-cidr', queue, reconcile, log: deps.log, waitFor: [ranges, addresses] })
}
