/**
 * Keeps the default flow schemas and priority levels: what is missing comes back, what is the server's gets its spec
 * back, and what was the server's and is no default any more goes
 * (https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#maintenance-of-the-mandatory-and-suggested-configuration-objects).
 */

import type { Client } from '../../client/client.ts'
import type { ResourceRef } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import type { KubeObject } from '../../meta/types.ts'
import { sameJson } from '../../wire/patch/value.ts'
import { createMissing } from '../bootstrap/ensure.ts'
import { AUTO_UPDATE, MANDATORY } from './defaults.ts'

const YES = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const NO = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

/** A flow schema or a priority level. */
export type Configuration = KubeObject & { readonly spec?: object }

/** Whether the object says that it is the server's; undefined when it says nothing that makes sense. */
function saysAutoUpdate({ metadata }: DeepReadonly<Configuration>): boolean | undefined {
  const value = metadata.annotations?.[AUTO_UPDATE] ?? ''
  return YES.has(value) ? true : NO.has(value) ? false : undefined
}

/** The default as it should stand in the place of `found`; undefined when that is right already. Pure. */
export function revised<T extends Configuration>(found: DeepReadonly<T>, wanted: T): DeepReadonly<T> | undefined {
  const says = saysAutoUpdate(found)
  const isOurs = MANDATORY.has(wanted.metadata.name ?? '') || (says ?? found.metadata.generation === 1)
  const spec = isOurs ? specIn(found, wanted) : found.spec
  if (says === isOurs && sameJson(spec, found.spec)) return undefined
  const annotations = { ...found.metadata.annotations, [AUTO_UPDATE]: String(isOurs) }
  return { ...found, metadata: { ...found.metadata, annotations }, spec }
}

/** How much of the server what is exempt may lend is for people to say. */
function specIn<T extends Configuration>(found: DeepReadonly<T>, { spec }: T): DeepReadonly<Configuration>['spec'] {
  const hasShares = spec !== undefined && 'exempt' in spec && found.spec !== undefined && 'exempt' in found.spec
  return hasShares ? { ...spec, exempt: found.spec.exempt } : spec
}

/** Brings what was `found` of one resource to what is `wanted`. */
export async function maintain<T extends Configuration>(
  client: Client,
  ref: ResourceRef<T>,
  { wanted, found }: { readonly wanted: readonly T[]; readonly found: readonly DeepReadonly<T>[] },
): Promise<void> {
  const others = new Map(found.map((object) => [object.metadata.name ?? '', object]))
  for (const each of wanted) {
    const name = each.metadata.name ?? ''
    const current = others.get(name)
    others.delete(name)
    // oxlint-disable-next-line no-await-in-loop -- few, and one after another spares the server
    if (current === undefined) await createMissing(client, ref, each)
    // oxlint-disable-next-line no-await-in-loop -- as above
    else await replace(client, ref, revised(current, each))
  }
  const unwanted = [...others].filter(([, object]) => saysAutoUpdate(object) === true)
  await Promise.all(unwanted.map(([name]) => client.delete(ref, { name }).catch(unlessGone)))
}

async function replace<T extends Configuration>(
  client: Client,
  ref: ResourceRef<T>,
  object: DeepReadonly<T> | undefined,
): Promise<void> {
  if (object !== undefined) await client.update(ref, object).catch(unlessGone)
}

/** What somebody else changed meanwhile is looked at again next time. */
function unlessGone(error: unknown): void {
  if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error
}
