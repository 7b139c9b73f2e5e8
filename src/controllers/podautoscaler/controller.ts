/** Changes the number of replicas by what they use (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/). */

import { toTime } from '../../base/clock.ts'
import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { CUSTOM_RESOURCE_DEFINITIONS, HORIZONTAL_POD_AUTOSCALERS, PODS } from '../../client/resources.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { isDeleting, keyOf } from '../kit/ownership.ts'
import { writeStatus } from '../kit/write-status.ts'
import { Histories } from './histories.ts'
import type { ReadAutoscaler } from './measure.ts'
import { Report, statusAfter } from './report.ts'
import { rescale } from './rescale.ts'
import { Rivals } from './rivals.ts'
import type { WantedDeps } from './wanted.ts'

const SYNC_MS = 15_000

export function podAutoscalerController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const autoscalers = deps.informers.of(HORIZONTAL_POD_AUTOSCALERS)
  const pods = deps.informers.of(PODS)
  const definitions = deps.informers.of(CUSTOM_RESOURCE_DEFINITIONS)
  const queue = createWorkQueue(clock)
  const histories = new Histories(clock)
  const rivals = new Rivals()
  const events = deps.events('horizontal-pod-autoscaler')
  autoscalers.on({
    added: (autoscaler) => queue.add(keyOf(autoscaler)),
    updated(autoscaler, old) {
      if (JSON.stringify(autoscaler.spec) !== JSON.stringify(old.spec)) queue.add(keyOf(autoscaler))
    },
    deleted: (autoscaler) => {
      histories.forget(keyOf(autoscaler))
      rivals.forget(keyOf(autoscaler))
    },
  })

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const autoscaler = autoscalers.get(key)
    if (autoscaler === undefined || isDeleting(autoscaler)) return settled
    try {
      await look({ client, clock, events, pods, definitions, histories, rivals }, autoscaler, signal)
    } catch (error) {
      signal.throwIfAborted()
      deps.log.debug('cannot scale', { autoscaler: key, error })
    }
    return again(SYNC_MS)
  }
  const waitFor = [autoscalers, pods, definitions]
  return loopController({ name: 'horizontal-pod-autoscaling', queue, reconcile, log: deps.log, waitFor })
}

/** Scales the target if it shall be, and says in the status what was found. */
async function look(deps: WantedDeps, autoscaler: ReadAutoscaler, signal: AbortSignal): Promise<void> {
  const report = new Report(autoscaler, toTime(deps.clock.now()))
  const counts = await rescale(deps, { autoscaler, report }, signal)
  const status = statusAfter(autoscaler, report, counts)
  const { client } = deps
  await writeStatus<object>({ client, ref: HORIZONTAL_POD_AUTOSCALERS, object: autoscaler, status }, signal)
}
