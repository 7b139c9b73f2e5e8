/** Writes into a node's status what is attached to it and stays (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/#NodeStatus). */

import type { Client } from '../../client/client.ts'
import { NODES } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { sameJson } from '../kit/equal.ts'
import { attachmentsTo, type Caches, volumeOf } from './caches.ts'
import { uniqueName } from './decide.ts'
import type { LeavingAttachments } from './leaving.ts'

export interface NodeStatusDeps {
  readonly client: Client
  readonly caches: Caches
  readonly leaving: LeavingAttachments
}

export async function tellNode(deps: NodeStatusDeps, name: string, signal: AbortSignal): Promise<void> {
  const node = deps.caches.nodes.get(name)
  if (node === undefined) return
  const attached = attachedTo(deps, name)
  if (sameJson(attached, node.status?.volumesAttached ?? [])) return
  const body = { status: { volumesAttached: attached.length === 0 ? null : attached } }
  try {
    await deps.client.patch(NODES, { name }, 'merge', body, { subresource: 'status' }, signal)
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error
  }
}

/** What is safe to use there. */
function attachedTo({ caches, leaving }: NodeStatusDeps, node: string) {
  return attachmentsTo(caches, node).flatMap((attachment) => {
    const volume = caches.volumes.get(volumeOf(attachment))
    const isSafe = attachment.status?.attached === true && !leaving.isHidden(attachment)
    return volume === undefined || !isSafe ? [] : [{ name: uniqueName(volume), devicePath: '' }]
  })
}
