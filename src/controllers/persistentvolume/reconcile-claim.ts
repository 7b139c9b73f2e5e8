/** One look at one claim (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#lifecycle-of-a-volume-and-claim). */

import type { StorageClass } from '../../api/generated/storage-v1.ts'
import { fromTime } from '../../base/clock.ts'
import { again, type Outcome, settled } from '../../base/work-queue.ts'
import { PERSISTENT_VOLUME_CLAIMS } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { Events } from '../kit/events.ts'
import { isDeleting, nameOf } from '../kit/ownership.ts'
import { BIND_COMPLETED, type ReadClaim } from '../../api/core/v1/persistentvolume/match.ts'
import { bind } from './bind.ts'
import { type Caches, freeVolumes, volumesNaming, waitingPods } from './caches.ts'
import { type ClaimVerdict, decideClaim } from './decide.ts'
import { type Notices, RESYNC_MS } from './notices.ts'
import { type PhaseDeps, writeClaimPhase } from './phases.ts'

const PROVISIONER_KEYS = ['volume.beta.kubernetes.io/storage-provisioner', 'volume.kubernetes.io/storage-provisioner']
const IS_DEFAULT = 'storageclass.kubernetes.io/is-default-class'

export interface ClaimDeps extends PhaseDeps {
  readonly caches: Caches
  readonly events: Events
  readonly notices: Notices
}

/** Binds the claim to a volume, or says why it waits. */
export async function reconcileClaim(deps: ClaimDeps, key: string, signal: AbortSignal): Promise<Outcome> {
  const cached = deps.caches.claims.get(key)
  if (cached === undefined) return settled
  const claim = await withDefaultClass(deps, cached, signal)
  return carryOut(deps, claim, verdictOf(deps.caches, claim, key), signal)
}

function verdictOf(caches: Caches, claim: ReadClaim, key: string): ClaimVerdict {
  const className = claim.spec?.storageClassName ?? ''
  return decideClaim({
    claim,
    volumes: [...volumesNaming(caches, claim), ...freeVolumes(caches, className)],
    volumeNamed: (name) => caches.volumes.get(name),
    storageClass: className === '' ? undefined : caches.classes.get(className),
    waitingPods: () => waitingPods(caches, key),
  })
}

async function carryOut(
  deps: ClaimDeps,
  claim: ReadClaim,
  verdict: ClaimVerdict,
  signal: AbortSignal,
): Promise<Outcome> {
  switch (verdict.do) {
    case 'bind':
      if (!isDeleting(claim) || claim.metadata.annotations?.[BIND_COMPLETED] !== undefined) {
        await bind(deps, claim, verdict.volume, signal)
      }
      return settled
    case 'lose': {
      const { type, reason, message } = verdict.note
      if (claim.status?.phase !== 'Lost') deps.events.event(claim, type, reason, message)
      await writeClaimPhase(deps, claim, 'Lost', signal)
      return settled
    }
    case 'wait':
      return keepWaiting(deps, claim, verdict, signal)
  }
}

async function keepWaiting(
  deps: ClaimDeps,
  claim: ReadClaim,
  { note, provisioner }: Extract<ClaimVerdict, { do: 'wait' }>,
  signal: AbortSignal,
): Promise<Outcome> {
  const { events, notices } = deps
  if (note !== undefined && notices.isDue(claim)) events.event(claim, note.type, note.reason, note.message)
  const asked = await askProvisioner(deps, claim, provisioner, signal)
  notices.wrote((await writeClaimPhase(deps, asked, 'Pending', signal)) ?? asked)
  return note === undefined ? settled : again(RESYNC_MS)
}

/** A claim that says nothing about its class gets the default one, also when that is made later. */
async function withDefaultClass(
  { client, caches }: ClaimDeps,
  claim: ReadClaim,
  signal: AbortSignal,
): Promise<ReadClaim> {
  if (claim.spec?.storageClassName !== undefined || (claim.spec?.volumeName ?? '') !== '') return claim
  const chosen = defaultClass(caches.classes.list())
  if (chosen === undefined || isDeleting(claim)) return claim
  const spec = { ...claim.spec, storageClassName: nameOf(chosen) }
  return client.update(PERSISTENT_VOLUME_CLAIMS, { ...claim, spec }, undefined, signal)
}

/** The newest of the classes marked as default. */
export function defaultClass(classes: readonly DeepReadonly<StorageClass>[]): DeepReadonly<StorageClass> | undefined {
  const created = (item: DeepReadonly<StorageClass>) => fromTime(item.metadata.creationTimestamp) ?? 0
  return classes
    .filter(({ metadata }) => metadata.annotations?.[IS_DEFAULT] === 'true')
    .toSorted((a, b) => created(b) - created(a) || (nameOf(a) < nameOf(b) ? -1 : 1))[0]
}

/** Provisioners look for the claims that name them. */
async function askProvisioner(
  { client }: ClaimDeps,
  claim: ReadClaim,
  provisioner: string | undefined,
  signal: AbortSignal,
): Promise<ReadClaim> {
  const isAsked = PROVISIONER_KEYS.every((key) => claim.metadata.annotations?.[key] === provisioner)
  if (provisioner === undefined || isAsked) return claim
  const asked = Object.fromEntries(PROVISIONER_KEYS.map((key) => [key, provisioner]))
  const metadata = { ...claim.metadata, annotations: { ...claim.metadata.annotations, ...asked } }
  return client.update(PERSISTENT_VOLUME_CLAIMS, { ...claim, metadata }, undefined, signal)
}
