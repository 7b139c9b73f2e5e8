/** Finds, makes, renumbers and removes the ControllerRevisions of one owner. */

import type { ControllerRevision } from '../../../api/generated/apps-v1.ts'
import type { PodTemplateSpec } from '../../../api/generated/core-v1.ts'
import type { Client } from '../../../client/client.ts'
import { CONTROLLER_REVISIONS } from '../../../client/resources.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { hasReason } from '../../../meta/errors.ts'
import type { OwnerReference } from '../../../meta/types.ts'
import { controllerOf, placeOf, uidOf } from '../ownership.ts'
import { compareRevisions, hasTemplate, newRevision, type ReadRevision } from './revisions.ts'

export interface RevisionWish {
  readonly owner: OwnerReference
  readonly namespace: string
  readonly template: DeepReadonly<PodTemplateSpec>
  readonly annotations: Readonly<Record<string, string>> | undefined
  readonly collisionCount: number | undefined
  /** What is there, in the order of `compareRevisions`. */
  readonly revisions: readonly ReadRevision[]
}

/** The revision of the present template: found, renumbered to be the newest, or made. */
export type RevisionFound =
  | { readonly result: 'found'; readonly current: ReadRevision; readonly all: readonly ReadRevision[] }
  | { readonly result: 'collision' }

export async function presentRevision(client: Client, wish: RevisionWish, signal: AbortSignal): Promise<RevisionFound> {
  const sorted = wish.revisions.toSorted(compareRevisions)
  const newest = sorted.at(-1)
  const equal = sorted.findLast((revision) => hasTemplate(revision, wish.template))
  if (equal !== undefined && equal === newest) return { result: 'found', current: equal, all: sorted }
  const revision = (newest?.revision ?? 0) + 1
  if (equal !== undefined) {
    const moved = await client.update(CONTROLLER_REVISIONS, { ...equal, revision }, undefined, signal)
    const others = sorted.filter((other) => other !== equal)
    return { result: 'found', current: moved, all: [...others, moved] }
  }
  const made = newRevision({ ...wish, revision })
  const current = await createOrFind(client, made, wish, signal)
  if (current === undefined) return { result: 'collision' }
  return { result: 'found', current, all: [...sorted, current] }
}

/** Undefined when another template has the same hash. */
async function createOrFind(
  client: Client,
  made: ControllerRevision,
  wish: RevisionWish,
  signal: AbortSignal,
): Promise<ReadRevision | undefined> {
  try {
    return await client.create(CONTROLLER_REVISIONS, made, undefined, signal)
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error
    const existing = await client.get(CONTROLLER_REVISIONS, placeOf(made), signal)
    const isOurs = controllerOf(existing)?.uid === wish.owner.uid && hasTemplate(existing, wish.template)
    return isOurs ? existing : undefined
  }
}

export async function removeRevisions(
  client: Client,
  revisions: readonly ReadRevision[],
  signal: AbortSignal,
): Promise<void> {
  for (const revision of revisions) {
    try {
      const preconditions = { uid: uidOf(revision) }
      await client.delete(CONTROLLER_REVISIONS, placeOf(revision), { preconditions }, signal)
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error
    }
  }
}
