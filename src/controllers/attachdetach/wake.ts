/** Which volumes and nodes are looked at again when one of their world changes. */

import { isTerminal } from '../../api/core/v1/pod/facts.ts'
import type { WorkQueue } from '../../base/work-queue.ts'
import { sameJson } from '../kit/equal.ts'
import { onNode } from '../kit/indexes.ts'
import { nameOf } from '../kit/ownership.ts'
import { claimKeysOf, type ReadPod } from '../kit/pods.ts'
import { attachmentsTo, type Caches, isManaged, volumeOf } from './caches.ts'
import { nodeOf, type ReadAttachment, type ReadNode, type ReadVolume } from './decide.ts'
import type { LeavingAttachments } from './leaving.ts'
import type { Notices } from './notices.ts'

export interface WakeDeps {
  readonly caches: Caches
  readonly volumeQueue: WorkQueue
  readonly nodeQueue: WorkQueue
  readonly leaving: LeavingAttachments
  readonly notices: Notices
}

/** From now on every change adds whom it concerns to the queues. */
export function wakeOnChanges(deps: WakeDeps): void {
  const { caches, volumeQueue } = deps
  wakeByPods(deps)
  const volumeChanged = (volume: ReadVolume) => volumeQueue.add(nameOf(volume))
  caches.volumes.on({ added: volumeChanged, updated: volumeChanged, deleted: volumeChanged })
  const claimChanged = ({ spec }: { readonly spec?: { readonly volumeName?: string } }) => {
    if (spec?.volumeName !== undefined) volumeQueue.add(spec.volumeName)
  }
  caches.claims.on({ added: claimChanged, updated: claimChanged })
  wakeByAttachments(deps)
  wakeByNodes(deps)
}

function wakeByPods(deps: WakeDeps): void {
  const wake = (pod: ReadPod) => wakeVolumesOf(deps, pod)
  const concernsVolumes = (pod: ReadPod, old: ReadPod) =>
    pod.spec?.nodeName !== old.spec?.nodeName || isTerminal(pod) !== isTerminal(old)
  deps.caches.pods.on({
    added: wake,
    updated: (pod, old) => (concernsVolumes(pod, old) ? wake(pod) : undefined),
    deleted: wake,
  })
}

function wakeVolumesOf({ caches, volumeQueue }: WakeDeps, pod: ReadPod): void {
  if ((pod.spec?.nodeName ?? '') === '') return
  for (const key of claimKeysOf(pod)) {
    const name = caches.claims.get(key)?.spec?.volumeName ?? ''
    if (name !== '') volumeQueue.add(name)
  }
}

function wakeByAttachments({ caches, volumeQueue, nodeQueue, leaving, notices }: WakeDeps): void {
  const wake = (attachment: ReadAttachment) => {
    volumeQueue.add(volumeOf(attachment))
    nodeQueue.add(nodeOf(attachment))
  }
  caches.attachments.on({
    added: wake,
    updated: wake,
    deleted(attachment) {
      leaving.forget(attachment)
      notices.forget(attachment)
      wake(attachment)
    },
  })
}

function wakeByNodes(deps: WakeDeps): void {
  const { caches, volumeQueue } = deps
  const wake = (node: ReadNode) => {
    for (const attachment of attachmentsTo(caches, nameOf(node))) volumeQueue.add(volumeOf(attachment))
  }
  const takeOver = (node: ReadNode) => {
    wake(node)
    for (const pod of onNode(caches.pods, nameOf(node))) wakeVolumesOf(deps, pod)
  }
  caches.nodes.on({
    added: takeOver,
    updated(node, old) {
      const isNews =
        !sameJson(node.status?.volumesInUse, old.status?.volumesInUse) || !sameJson(node.spec?.taints, old.spec?.taints)
      if (isManaged(node) !== isManaged(old)) takeOver(node)
      else if (isNews) wake(node)
    },
    deleted: wake,
  })
}
