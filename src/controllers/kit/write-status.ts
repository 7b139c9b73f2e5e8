/** Reports: writes a status when it says something new, and survives somebody else's write in between. */

import type { Client } from '../../client/client.ts'
import type { ResourceRef } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import type { KubeObject } from '../../meta/types.ts'
import { sameJson } from './equal.ts'
import { placeOf, type ReadObject, uidOf } from './ownership.ts'

const TRIES = 3

export interface StatusWrite<Status> {
  readonly client: Client
  readonly ref: ResourceRef<KubeObject>
  readonly object: ReadObject & { readonly status?: Status }
  readonly status: Status
  /** `throw` where a status counts up: one computed from an old object must not replace a newer one. */
  readonly onConflict?: 'retry' | 'throw'
}

/**
 * Gives the object this status. Writes nothing when it has it already; on a conflict reads the object anew and
 * tries again; an object that is gone, or is another one of the same name, is left alone. Returns what was written.
 */
export async function writeStatus<Status extends object>(
  { client, ref, object, status, onConflict = 'retry' }: StatusWrite<Status>,
  signal: AbortSignal,
): Promise<ReadObject | undefined> {
  let current: ReadObject & { readonly status?: unknown } = object
  for (let tries = 1; ; tries++) {
    if (sameJson(current.status ?? {}, status)) return undefined
    try {
      const changed = { ...current, status }
      return await client.updateStatus(ref, changed, undefined, signal)
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined
      if (!hasReason(error, 'Conflict') || onConflict === 'throw' || tries === TRIES) throw error
      const live: ReadObject = await client.get(ref, placeOf(current), signal)
      if (uidOf(live) !== uidOf(current)) return undefined
      current = live
    }
  }
}
