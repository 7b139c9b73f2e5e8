/** The binding step: permit, preBind, then the Binding itself, through the API. */

import type { Binding } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../base/clock.ts'
import type { Client } from '../../client/client.ts'
import { PODS } from '../../client/resources.ts'
import type { PodInfo } from '../snapshot/pod-info.ts'
import type { Cycle } from './cycle.ts'
import type { Profile } from './find-node.ts'
import type { Holds, WaitingPods } from './waiting-pods.ts'

export interface BindRequest {
  readonly cycle: Cycle
  readonly pod: PodInfo
  readonly nodeName: string
  readonly profile: Profile
  readonly client: Client
  readonly clock: Clock
  readonly waiting: WaitingPods
}

/** Asks every permit plugin. The answer is which of them hold the Pod; one that rejects it throws. */
function permissions({ cycle, pod, nodeName, profile }: BindRequest): Holds {
  const holds = new Map<string, number>()
  for (const { plugin } of profile.plugins) {
    const verdict = plugin.permit?.(cycle, pod, nodeName)
    if (verdict?.kind === 'wait') holds.set(plugin.name, verdict.timeoutMs)
    if (verdict?.kind === 'rejected')
      throw new Error(`running Permit plugin "${plugin.name}": ${verdict.reasons.join(', ')}`)
  }
  return holds
}

/** Resolves when the API has the binding; throws when a plugin objects or the API refuses. */
export async function bindPod(request: BindRequest, signal: AbortSignal): Promise<void> {
  const { cycle, pod, nodeName, profile, client } = request
  const holds = permissions(request)
  if (holds.size > 0) await request.waiting.hold(pod.uid, holds, request.clock, signal)
  for (const { plugin } of profile.plugins) {
    try {
      await plugin.preBind?.(cycle, pod, nodeName, signal)
    } catch (cause) {
      signal.throwIfAborted()
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new Error(`running PreBind plugin "${plugin.name}": ${why}`, { cause })
    }
  }
  const binder = profile.plugins.find(({ plugin }) => plugin.bind !== undefined)?.plugin
  if (binder?.bind !== undefined) return binder.bind(cycle, pod, nodeName, signal)

  const { name = '', namespace = '', uid = '' } = pod.pod.metadata
  const binding: Binding = {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, namespace, uid },
    target: { kind: 'Node', name: nodeName },
  }
  await client.create({ ...PODS, type: binding }, binding, { subresource: 'binding', name }, signal)
}
