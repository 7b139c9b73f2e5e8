/** One look at one volume: attaches it where it is wanted, and detaches it where nobody wants it. */

import type { Clock } from '../../base/clock.ts'
import { again, type Outcome, settled, type WorkQueue } from '../../base/work-queue.ts'
import { VOLUME_ATTACHMENTS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { nameOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import { attachmentsOf, usersOf } from './caches.ts'
import {
  attachmentOf,
  type AttachPlan,
  mayDetach,
  nodeOf,
  planAttachments,
  type ReadAttachment,
  type ReadVolume,
  uniqueName,
} from './decide.ts'
import { type NodeStatusDeps, tellNode } from './node-status.ts'
import type { Notices } from './notices.ts'

export interface VolumeDeps extends NodeStatusDeps {
  readonly clock: Clock
  readonly notices: Notices
  readonly nodeQueue: WorkQueue
}

export async function reconcileVolume(deps: VolumeDeps, name: string, signal: AbortSignal): Promise<Outcome> {
  const { caches, notices } = deps
  const volume = caches.volumes.get(name)
  const driver = volume?.spec?.csi?.driver
  if (volume === undefined || driver === undefined) return settled
  if (caches.drivers.get(driver)?.spec.attachRequired === false) return settled
  const present = attachmentsOf(caches, name)
  const users = usersOf(caches, volume)
  const plan = planAttachments({ volume, pods: users, attachments: present })
  tellUsers(notices, { volume, present, users, plan })
  for (const node of plan.attach) {
    notices.unblock(volume, node)
    await attach(deps, volume, node, signal)
  }
  const going = new Set(plan.detach)
  for (const attachment of present) if (!going.has(attachment)) stay(deps, attachment)
  return detachAll(deps, volume, plan.detach, signal)
}

interface View {
  readonly volume: ReadVolume
  readonly present: readonly ReadAttachment[]
  readonly users: readonly ReadPod[]
  readonly plan: AttachPlan
}

/** Tells the Pods how it stands with their volume. */
function tellUsers(notices: Notices, { volume, present, users, plan }: View): void {
  const usersOn = (node: string) => users.filter(({ spec }) => spec?.nodeName === node)
  for (const attachment of present) notices.tellResult(attachment, volume, usersOn(nodeOf(attachment)))
  const others = users.filter((pod) => present.some((attachment) => nodeOf(attachment) === pod.spec?.nodeName))
  for (const node of plan.blocked) notices.tellBlocked(volume, node, { waiting: usersOn(node), others })
}

async function attach(deps: VolumeDeps, volume: ReadVolume, nodeName: string, signal: AbortSignal): Promise<void> {
  const attacher = volume.spec?.csi?.driver ?? ''
  deps.notices.asked(volume, nodeName)
  const metadata = { name: attachmentOf(volume, nodeName) }
  const spec = { attacher, nodeName, source: { persistentVolumeName: nameOf(volume) } }
  try {
    await deps.client.create(VOLUME_ATTACHMENTS, { metadata, spec }, undefined, signal)
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error
  }
}

/** It is wanted, perhaps again before it was taken away. */
function stay({ leaving, nodeQueue }: VolumeDeps, attachment: ReadAttachment): void {
  if (leaving.forget(attachment)) nodeQueue.add(nodeOf(attachment))
}

/** Looks again when the first of those that may not go yet may. */
async function detachAll(
  deps: VolumeDeps,
  volume: ReadVolume,
  attachments: readonly ReadAttachment[],
  signal: AbortSignal,
): Promise<Outcome> {
  const waits: number[] = []
  for (const attachment of attachments) {
    const wait = await detach(deps, volume, attachment, signal)
    if (wait !== undefined) waits.push(wait)
  }
  return waits.length === 0 ? settled : again(Math.min(...waits))
}

/** First the node is told that the volume is no longer safe to use, then it goes. The answer is how long to wait. */
async function detach(
  deps: VolumeDeps,
  volume: ReadVolume,
  attachment: ReadAttachment,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { caches, leaving } = deps
  const verdict = mayDetach(uniqueName(volume), caches.nodes.get(nodeOf(attachment)), leaving.leave(attachment))
  if (verdict !== true) return verdict.waitMs
  leaving.hide(attachment)
  await tellNode(deps, nodeOf(attachment), signal)
  try {
    await deps.client.delete(VOLUME_ATTACHMENTS, { name: nameOf(attachment) }, undefined, signal)
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error
  }
  return undefined
}
