/** Makes the claims of generic ephemeral volumes; a claim lives as long as its Pod (https://kubernetes.io/docs/concepts/storage/ephemeral-volumes/#generic-ephemeral-volumes). */

import { isTerminal } from '../../api/core/v1/pod/facts.ts'
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec, Volume } from '../../api/generated/core-v1.ts'
import { createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { PERSISTENT_VOLUME_CLAIMS, PODS } from '../../client/resources.ts'
import { type DeepReadonly, draftOf } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import { type Controller, type ControllerDeps, isNamespaceTerminating, loopController } from '../kit/loop.ts'
import { controllerOf, controllerReference, isDeleting, keyOf, nameOf, uidOf } from '../kit/ownership.ts'
import { messageOf } from '../kit/pod-control.ts'
import type { ReadPod } from '../kit/pods.ts'

type ReadVolume = DeepReadonly<Volume>

const ephemeralVolumes = (pod: ReadPod): readonly ReadVolume[] =>
  (pod.spec?.volumes ?? []).filter((volume) => volume.ephemeral?.volumeClaimTemplate !== undefined)

/** The claim of one volume of the Pod. */
function claimFor(pod: ReadPod, volume: ReadVolume): PersistentVolumeClaim {
  const { metadata, spec } = volume.ephemeral?.volumeClaimTemplate ?? {}
  return {
    metadata: {
      name: `${nameOf(pod)}-${volume.name}`,
      namespace: pod.metadata.namespace ?? '',
      ...(metadata?.labels === undefined ? {} : { labels: { ...metadata.labels } }),
      ...(metadata?.annotations === undefined ? {} : { annotations: { ...metadata.annotations } }),
      ownerReferences: [controllerReference(pod, PODS)],
    },
    ...(spec === undefined ? {} : { spec: draftOf<PersistentVolumeClaimSpec>(spec) }),
  }
}

export function ephemeralVolumeController(deps: ControllerDeps): Controller {
  const { client } = deps
  const pods = deps.informers.of(PODS)
  const claims = deps.informers.of(PERSISTENT_VOLUME_CLAIMS)
  const queue = createWorkQueue(deps.clock)
  const events = deps.events('ephemeral_volume')
  const enqueue = (pod: ReadPod) => {
    if (ephemeralVolumes(pod).length > 0 && !isDeleting(pod) && !isTerminal(pod)) queue.add(keyOf(pod))
  }
  pods.on({ added: enqueue })
  claims.on({
    deleted(claim) {
      const owner = controllerOf(claim)
      const pod = owner?.kind === 'Pod' ? pods.get(`${claim.metadata.namespace}/${owner.name}`) : undefined
      if (pod !== undefined) enqueue(pod)
    },
  })

  const make = async (pod: ReadPod, volume: ReadVolume, signal: AbortSignal): Promise<void> => {
    const claim = claimFor(pod, volume)
    const existing = claims.get(keyOf(claim))
    if (existing !== undefined) {
      if (controllerOf(existing)?.uid === uidOf(pod)) return
      const why = `PVC ${keyOf(claim)} was not created for pod ${keyOf(pod)} (pod is not owner)`
      events.event(pod, 'Warning', 'FailedBinding', `ephemeral volume ${volume.name}: ${why}`)
      throw new Error(why)
    }
    try {
      await client.create(PERSISTENT_VOLUME_CLAIMS, claim, undefined, signal)
    } catch (error) {
      if (isNamespaceTerminating(error) || hasReason(error, 'AlreadyExists')) return
      signal.throwIfAborted()
      const message = `ephemeral volume ${volume.name}: create PVC ${nameOf(claim)}: ${messageOf(error)}`
      events.event(pod, 'Warning', 'FailedBinding', message)
      throw error
    }
  }

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const pod = pods.get(key)
    if (pod === undefined || isDeleting(pod) || isTerminal(pod)) return settled
    for (const volume of ephemeralVolumes(pod)) await make(pod, volume, signal)
    return settled
  }
  return loopController({ name: 'ephemeral-volume', queue, reconcile, log: deps.log, waitFor: [pods, claims] })
}
