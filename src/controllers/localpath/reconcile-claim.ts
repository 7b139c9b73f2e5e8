/** One look at one claim: makes its volume, where it is ours to make (https://kubernetes.io/docs/concepts/storage/dynamic-provisioning/). */

import { isTerminal } from '../../api/core/v1/pod/facts.ts'
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/generated/core-v1.ts'
import type { StorageClass } from '../../api/generated/storage-v1.ts'
import { SELECTED_NODE } from '../../api/core/v1/persistentvolume/local-path.ts'
import { type Outcome, settled } from '../../base/work-queue.ts'
import type { Client } from '../../client/client.ts'
import type { Informer, Lister } from '../../client/informer.ts'
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import type { Events } from '../kit/events.ts'
import { podsOfClaim } from '../kit/indexes.ts'
import { keyOf, placeOf, uidOf } from '../kit/ownership.ts'
import { messageOf } from '../kit/pod-control.ts'
import { type ClaimVerdict, decideClaim, type ReadClaim, volumeNameFor } from './decide.ts'

export interface ClaimDeps {
  readonly client: Client
  readonly events: Events
  readonly claims: Lister<PersistentVolumeClaim>
  readonly volumes: Lister<PersistentVolume>
  readonly classes: Lister<StorageClass>
  readonly nodes: Lister<Node>
  readonly pods: Informer<Pod>
}

export async function reconcileClaim(deps: ClaimDeps, key: string, signal: AbortSignal): Promise<Outcome> {
  const { claims, volumes, classes, nodes } = deps
  const claim = claims.get(key)
  if (claim === undefined || volumes.get(volumeNameFor(claim)) !== undefined) return settled
  const nodeName = nodeOf(deps, claim)
  const storageClass = classes.get(claim.spec?.storageClassName ?? '')
  const node = nodeName === undefined ? undefined : nodes.get(nodeName)
  await carryOut(deps, claim, decideClaim({ claim, storageClass, nodeName, node }), signal)
  return settled
}

/** What the scheduler chose; or, for a Pod that was given its node by hand, where that is. */
function nodeOf({ pods }: ClaimDeps, claim: ReadClaim): string | undefined {
  const chosen = claim.metadata.annotations?.[SELECTED_NODE]
  if (chosen !== undefined && chosen !== '') return chosen
  const bound = podsOfClaim(pods, keyOf(claim)).find((pod) => (pod.spec?.nodeName ?? '') !== '' && !isTerminal(pod))
  return bound?.spec?.nodeName
}

async function carryOut(deps: ClaimDeps, claim: ReadClaim, verdict: ClaimVerdict, signal: AbortSignal): Promise<void> {
  switch (verdict.do) {
    case 'leave':
      return
    case 'refuse':
      return refuse(deps, claim, verdict.why)
    case 'reselect':
      refuse(deps, claim, verdict.why)
      return reselect(deps, claim, signal)
    case 'make':
      return make(deps, claim, verdict.volume, signal)
  }
}

function refuse({ events }: ClaimDeps, claim: ReadClaim, why: string): void {
  const named = JSON.stringify(claim.spec?.storageClassName ?? '')
  const message = `failed to provision volume with StorageClass ${named}: ${why}`
  events.event(claim, 'Warning', 'ProvisioningFailed', message)
}

/** Asks the scheduler for another node, where it chose this one. */
async function reselect({ client }: ClaimDeps, claim: ReadClaim, signal: AbortSignal): Promise<void> {
  if (claim.metadata.annotations?.[SELECTED_NODE] === undefined) return
  const { resourceVersion } = claim.metadata
  const body = { metadata: { uid: uidOf(claim), resourceVersion, annotations: { [SELECTED_NODE]: null } } }
  await client.patch(PERSISTENT_VOLUME_CLAIMS, placeOf(claim), 'merge', body, undefined, signal)
}

async function make(deps: ClaimDeps, claim: ReadClaim, volume: PersistentVolume, signal: AbortSignal): Promise<void> {
  const { client, events } = deps
  const told = `External provisioner is provisioning volume for claim "${keyOf(claim)}"`
  events.event(claim, 'Normal', 'Provisioning', told)
  try {
    await client.create(PERSISTENT_VOLUMES, volume, undefined, signal)
  } catch (error) {
    if (hasReason(error, 'AlreadyExists')) return
    signal.throwIfAborted()
    refuse(deps, claim, messageOf(error))
    throw error
  }
  const done = `Successfully provisioned volume ${volumeNameFor(claim)}`
  events.event(claim, 'Normal', 'ProvisioningSucceeded', done)
}
