/**
 * Claims that ask for more than their volume holds: says that somebody outside has to make the volume larger
 * (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims).
 */

import { createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES } from '../../client/resources.ts'
import { cmpQuantity } from '../../meta/quantity.ts'
import { isFor, type ReadClaim } from '../../api/core/v1/persistentvolume/match.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { keyOf } from '../kit/ownership.ts'

const asked = (claim: ReadClaim) => claim.spec?.resources?.requests?.['storage'] ?? '0'
const held = (claim: ReadClaim) => claim.status?.capacity?.['storage'] ?? '0'

/** Whether a bound claim asks for more than it has. */
const wantsMore = (claim: ReadClaim): boolean =>
  claim.status?.phase === 'Bound' && cmpQuantity(asked(claim), held(claim)) > 0

export function volumeExpandController(deps: ControllerDeps): Controller {
  const claims = deps.informers.of(PERSISTENT_VOLUME_CLAIMS)
  const volumes = deps.informers.of(PERSISTENT_VOLUMES)
  const queue = createWorkQueue(deps.clock)
  const events = deps.events('volume_expand')
  const enlarged = (claim: ReadClaim, old: ReadClaim) => cmpQuantity(asked(claim), asked(old)) > 0
  claims.on({
    updated(claim, old) {
      if (enlarged(claim, old) && wantsMore(claim)) queue.add(keyOf(claim))
    },
  })

  /** No kind of volume is made larger by the control plane itself. */
  const reconcile = async (key: string): Promise<Outcome> => {
    const claim = claims.get(key)
    const volume = volumes.get(claim?.spec?.volumeName ?? '')
    if (claim === undefined || volume === undefined || !isFor(volume, claim) || !wantsMore(claim)) return settled
    events.event(claim, 'Normal', 'ExternalExpanding', 'waiting for an external controller to expand this PVC')
    return settled
  }
  return loopController({ name: 'volumeexpand', queue, reconcile, log: deps.log, waitFor: [claims, volumes] })
}
