/** What is known of claims, volumes, classes and Pods, and what is asked about it. */

import { isTerminal } from '../../api/core/v1/pod/facts.ts'
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/generated/core-v1.ts'
import type { StorageClass } from '../../api/generated/storage-v1.ts'
import type { Informer, InformerFactory } from '../../client/informer.ts'
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS, STORAGE_CLASSES } from '../../client/resources.ts'
import { indexByClaim, indexOnce, podsOfClaim } from '../kit/indexes.ts'
import { keyOf, nameOf } from '../kit/ownership.ts'
import type { ReadClaim, ReadVolume } from '../../api/core/v1/persistentvolume/match.ts'

const BY_CLAIM = 'claimRef'
const FREE = 'freeByClass'
const WAITING = 'waiting'
const ALL = 'all'

export interface Caches {
  readonly claims: Informer<PersistentVolumeClaim>
  readonly volumes: Informer<PersistentVolume>
  readonly classes: Informer<StorageClass>
  readonly pods: Informer<Pod>
}

/** The shared caches, with the indexes that the questions below need. */
export function indexedCaches(informers: InformerFactory): Caches {
  const claims = informers.of(PERSISTENT_VOLUME_CLAIMS)
  const volumes = informers.of(PERSISTENT_VOLUMES)
  const classes = informers.of(STORAGE_CLASSES)
  const pods = informers.of(PODS)
  indexByClaim(pods)
  indexOnce(volumes, BY_CLAIM, ({ spec }) =>
    spec?.claimRef === undefined ? [] : [`${spec.claimRef.namespace}/${spec.claimRef.name}`],
  )
  indexOnce(volumes, FREE, ({ spec }) => (spec?.claimRef === undefined ? [spec?.storageClassName ?? ''] : []))
  indexOnce(claims, WAITING, ({ spec, status }) => {
    if (status?.phase === 'Bound') return []
    const { volumeName = '', storageClassName = '' } = spec ?? {}
    return [ALL, `class ${storageClassName}`, ...(volumeName === '' ? [] : [`volume ${volumeName}`])]
  })
  return { claims, volumes, classes, pods }
}

/** The volumes that name the claim, by its namespace and name. */
export function volumesNaming({ volumes }: Caches, claim: ReadClaim): readonly ReadVolume[] {
  return volumes.byIndex(BY_CLAIM, keyOf(claim))
}

/** The volumes of a class that name no claim. */
export function freeVolumes({ volumes }: Caches, className: string): readonly ReadVolume[] {
  return volumes.byIndex(FREE, className)
}

/** The claims that are not bound. */
export const waitingClaims = ({ claims }: Caches): readonly ReadClaim[] => claims.byIndex(WAITING, ALL)

/** The claims that are not bound and may want this volume: those of its class, then those that ask for it by name. */
export function claimsWaitingFor({ claims }: Caches, volume: ReadVolume): readonly ReadClaim[] {
  const sorts = [`class ${volume.spec?.storageClassName ?? ''}`, `volume ${nameOf(volume)}`]
  return sorts.flatMap((sort) => claims.byIndex(WAITING, sort))
}

/** The names of the Pods that want the claim and have no node yet. */
export function waitingPods({ pods }: Caches, key: string): readonly string[] {
  return podsOfClaim(pods, key)
    .filter((pod) => (pod.spec?.nodeName ?? '') === '' && !isTerminal(pod))
    .map(nameOf)
}
