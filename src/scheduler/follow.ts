/** Keeps the cache and the queue equal to the cluster: every change becomes what it means for waiting Pods. */

import type { Pod } from '../api/generated/core-v1.ts'
import { isTerminal } from '../api/core/v1/pod/facts.ts'
import type { InformerFactory } from '../client/informer.ts'
import { DEVICE_CLASSES, NAMESPACES, NODES, PODS, RESOURCE_CLAIMS, RESOURCE_SLICES } from '../client/resources.ts'
import type { DeepReadonly } from '../meta/deep-readonly.ts'
import { deepEqual } from '../meta/validation.ts'
import { ownerInformers } from './owners.ts'
import { assignedPodEvents, nodeEvents, waitingPodEvents } from './queue/changes.ts'
import type { SchedulingQueue } from './queue/scheduling-queue.ts'
import type { SchedulerCache } from './snapshot/cache.ts'
import { podInfoOf } from './snapshot/pod-info.ts'
import { followVolumes, volumeInformers } from './volumes.ts'

export interface FollowDeps {
  readonly cache: SchedulerCache
  readonly queue: SchedulingQueue
  /** Whether a profile schedules the Pod. */
  readonly isOurs: (pod: DeepReadonly<Pod>) => boolean
}

/** Follows until `stop`; `synced` resolves when all that is there is known. */
export function followCluster(
  informers: InformerFactory,
  deps: FollowDeps,
): { synced(signal: AbortSignal): Promise<void>; stop(): void } {
  const volumes = volumeInformers(informers)
  const leave = [
    followNodes(informers, deps),
    followPods(informers, deps),
    followNamespaces(informers, deps),
    followResourceClaims(informers, deps),
    followVolumes(volumes, (event, change) => deps.queue.happened(event, change)),
  ]
  return {
    async synced(signal) {
      const beside = [
        informers.of(RESOURCE_CLAIMS),
        informers.of(DEVICE_CLASSES),
        informers.of(RESOURCE_SLICES),
        ...Object.values(volumes),
        ...Object.values(ownerInformers(informers)),
      ]
      const followed = [informers.of(NODES), informers.of(PODS), informers.of(NAMESPACES), ...beside]
      await Promise.all(followed.map((informer) => informer.whenSynced(signal)))
    },
    stop: () => leave.forEach((end) => end()),
  }
}

function followNodes(informers: InformerFactory, { cache, queue }: FollowDeps): () => void {
  return informers.of(NODES).on({
    added: (now) => {
      cache.setNode(now)
      queue.happened('Node/add', { now })
    },
    updated: (now, old) => {
      cache.setNode(now)
      for (const event of nodeEvents(now, old)) queue.happened(event, { old, now })
    },
    deleted: (old) => {
      cache.removeNode(old.metadata.name ?? '')
      queue.happened('Node/delete', { old })
    },
  })
}

function followNamespaces(informers: InformerFactory, { queue }: FollowDeps): () => void {
  return informers.of(NAMESPACES).on({
    updated: (now, old) => {
      if (!deepEqual(now.metadata.labels, old.metadata.labels)) queue.happened('Namespace/labels', { old, now })
    },
  })
}

function followResourceClaims(informers: InformerFactory, { queue }: FollowDeps): () => void {
  const leaveClaims = informers.of(RESOURCE_CLAIMS).on({
    added: (now) => queue.happened('ResourceClaim/add', { now }),
    updated: (now, old) => queue.happened('ResourceClaim/update', { now, old }),
  })
  const leaveClasses = informers.of(DEVICE_CLASSES).on({
    added: (now) => queue.happened('DeviceClass/add', { now }),
    updated: (now, old) => queue.happened('DeviceClass/update', { now, old }),
  })
  const leaveSlices = informers.of(RESOURCE_SLICES).on({
    added: (now) => queue.happened('ResourceSlice/add', { now }),
    updated: (now, old) => queue.happened('ResourceSlice/update', { now, old }),
  })
  return () => {
    leaveClaims()
    leaveClasses()
    leaveSlices()
  }
}

function followPods(informers: InformerFactory, deps: FollowDeps): () => void {
  return informers.of(PODS).on({
    added: (pod) => podChanged(pod, undefined, deps),
    updated: (pod, old) => podChanged(pod, old, deps),
    deleted: (pod) => podGone(pod, deps),
  })
}

type ReadPod = DeepReadonly<Pod>

function podChanged(pod: ReadPod, old: ReadPod | undefined, deps: FollowDeps): void {
  const uid = pod.metadata.uid ?? ''
  if (old !== undefined && old.metadata.uid !== uid) podGone(old, deps)
  if (isTerminal(pod)) return podGone(pod, deps)
  if ((pod.spec?.nodeName ?? '') !== '') return podPlaced(pod, old, deps)
  if (!deps.isOurs(pod)) return
  // A Pod we are about to bind that is deleted meanwhile needs its room no longer.
  if (pod.metadata.deletionTimestamp !== undefined) return podGone(pod, deps)
  if (deps.cache.isAssumed(uid)) return
  followNomination(pod, old, deps)
  deps.queue.put(pod, old === undefined ? [] : waitingPodEvents(pod, old), old)
}

/** What the API says of the nominated node counts, unless it never spoke of one: our own word may be on its way. */
function followNomination(pod: ReadPod, old: ReadPod | undefined, { cache, queue }: FollowDeps): void {
  const now = pod.status?.nominatedNodeName ?? ''
  const before = old?.status?.nominatedNodeName ?? ''
  if (now === '' && before === '') return
  cache.nominate(podInfoOf(pod), now)
  if (before !== '' && before !== now) freeNomination(old ?? pod, queue)
}

/** A Pod that no longer has room kept for it is as good as gone to those it outranks. */
function freeNomination(pod: ReadPod, queue: SchedulingQueue): void {
  const priority = pod.spec?.priority ?? 0
  queue.happened('AssignedPod/delete', { old: pod }, (_uid, other) => (other.spec?.priority ?? 0) <= priority)
}

function podPlaced(pod: ReadPod, old: ReadPod | undefined, { cache, queue }: FollowDeps): void {
  const isNew = old === undefined || (old.spec?.nodeName ?? '') === ''
  queue.delete(pod.metadata.uid ?? '')
  cache.setPod(pod)
  if (isNew) return queue.happened('AssignedPod/add', { now: pod })
  for (const event of assignedPodEvents(pod, old)) queue.happened(event, { old, now: pod })
}

function podGone(pod: ReadPod, { cache, queue }: FollowDeps): void {
  const uid = pod.metadata.uid ?? ''
  queue.delete(uid)
  const wasPlaced = cache.isPlaced(uid)
  const wasNominated = cache.nomination(uid) !== undefined
  cache.removePod(uid)
  if (wasPlaced) queue.happened('AssignedPod/delete', { old: pod })
  else if (wasNominated) freeNomination(pod, queue)
}
