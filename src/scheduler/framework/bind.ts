/** The binding step: permit, preBind, then the Binding itself, through the API. */

import type { Clock } from '../../base/clock.ts'
import type { PodInfo } from '../snapshot/pod-info.ts'
import type { Cycle } from './cycle.ts'
import type { SchedulerPlugin } from './plugin.ts'
import type { Profile } from './profile.ts'
import { type Holds, PermitRefusal, type WaitingPods } from './waiting-pods.ts'

export interface BindRequest {
  readonly cycle: Cycle
  readonly pod: PodInfo
  readonly nodeName: string
  readonly profile: Profile
  readonly clock: Clock
  readonly waiting: WaitingPods
  /** Somebody outside who binds in the plugins' place; answers whether they did. */
  readonly bindOutside?: (pod: PodInfo, nodeName: string, signal: AbortSignal) => Promise<boolean>
  /** Called when the Pod is about to wait: others may want to know where it will go. */
  readonly expect: (nodeName: string) => Promise<void>
  /** Called when nothing can call the Pod unschedulable any more. */
  readonly settled: () => void
}

/** Asks every permit plugin. The answer is which of them hold the Pod; one that rejects it throws. */
function permissions({ cycle, pod, nodeName, profile }: BindRequest): Holds {
  const holds = new Map<string, number>()
  for (const plugin of profile.points.permit) {
    const verdict = plugin.permit?.(cycle, pod, nodeName)
    if (verdict?.kind === 'wait') holds.set(plugin.name, verdict.timeoutMs)
    if (verdict?.kind === 'rejected') throw new PermitRefusal(plugin.name, verdict.reasons.join(', '))
  }
  return holds
}

/** Resolves when the API has the binding; throws when a plugin objects or the API refuses. */
export async function bindPod(request: BindRequest, signal: AbortSignal): Promise<void> {
  const { cycle, pod, nodeName, profile } = request
  const holds = permissions(request)
  const preparing = profile.points.preBind.filter(
    (plugin) => plugin.preBindNeeded === undefined || plugin.preBindNeeded(cycle, pod, nodeName),
  )
  if (holds.size + preparing.length > 0) await request.expect(nodeName)
  if (holds.size > 0) await request.waiting.hold(pod.uid, holds, request.clock, signal)
  request.settled()
  for (const plugin of preparing)
    await running('PreBind', plugin, async () => plugin.preBind?.(cycle, pod, nodeName, signal), signal)
  if ((await request.bindOutside?.(pod, nodeName, signal)) === true) return
  const [binder] = profile.points.bind
  if (binder !== undefined)
    await running('Bind', binder, async () => binder.bind?.(cycle, pod, nodeName, signal), signal)
}

async function running(
  point: string,
  plugin: SchedulerPlugin,
  work: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await work()
  } catch (cause) {
    signal.throwIfAborted()
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`running ${point} plugin "${plugin.name}": ${why}`, { cause })
  }
}
