/** What most kinds do to the status of what is written. */

import type { DeepReadonly } from '../meta/deep-readonly.ts'
import { draftOf } from '../meta/deep-readonly.ts'
import type { KubeObject } from '../meta/types.ts'

interface WithStatus extends KubeObject {
  status?: object
}

/** A creator does not say how its object fares. */
export function dropStatus(draft: WithStatus): void {
  draft.status = {}
}

/** An ordinary update leaves the status as it was. */
export function keepStatus(draft: WithStatus, old: DeepReadonly<WithStatus>): void {
  if (old.status === undefined) delete draft.status
  else draft.status = draftOf<object>(old.status)
}
