/** The binding step: permit, preBind, then the Binding itself, through the API. */

import type { Binding } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../base/clock.ts'
import type { Client } from '../../client/client.ts'
import { PODS } from '../../client/resources.ts'
import type { PodInfo } from '../snapshot/pod-info.ts'
import type { Cycle } from './cycle.ts'
import { firstObjection, type Profile } from './find-node.ts'

export interface BindRequest {
  readonly cycle: Cycle
  readonly pod: PodInfo
  readonly nodeName: string
  readonly profile: Profile
  readonly client: Client
  readonly clock: Clock
}

/** Resolves when the API has the binding; throws when a plugin objects or the API refuses. */
export async function bindPod(request: BindRequest, signal: AbortSignal): Promise<void> {
  const { cycle, pod, nodeName, profile, client } = request
  const objection = firstObjection(profile, (plugin) => plugin.permit?.(cycle, pod, nodeName))
  if (objection?.verdict.kind === 'rejected') {
    throw new Error(`${objection.plugin} does not permit the binding: ${objection.verdict.reasons.join(', ')}`)
  }
  if (objection?.verdict.kind === 'wait') await request.clock.sleep(objection.verdict.timeoutMs, signal)
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
