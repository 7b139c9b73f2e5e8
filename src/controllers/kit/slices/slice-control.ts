/** Carries out a plan for the EndpointSlices of one owner. */

import type { EndpointSlice } from '../../../api/generated/discovery-v1.ts'
import { nameSuffix, type Random } from '../../../base/random.ts'
import type { Client } from '../../../client/client.ts'
import type { Informer } from '../../../client/informer.ts'
import { ENDPOINT_SLICES } from '../../../client/resources.ts'
import { hasReason } from '../../../meta/errors.ts'
import type { OwnerReference } from '../../../meta/types.ts'
import { isNamespaceTerminating } from '../loop.ts'
import { isDeleting, keyOf, placeOf, uidOf } from '../ownership.ts'
import type { OwnWrites } from '../own-writes.ts'
import { TRIGGER_TIME } from './service-pods.ts'
import type { ReadSlice, SliceContent, SlicePlan } from './slices.ts'

/** The longest start of a generated name. */
const LONGEST_BASE = 246

export interface SliceOwner {
  readonly key: string
  readonly namespace: string
  readonly reference: OwnerReference
  /** When the change happened that the slices follow; absent: not known, and not told. */
  readonly triggerTime?: string | undefined
}

export interface SliceControlDeps {
  readonly client: Client
  readonly random: Random
  readonly ownWrites: OwnWrites
}

export async function applySlices(
  { client, random, ownWrites }: SliceControlDeps,
  owner: SliceOwner,
  plan: SlicePlan,
  signal: AbortSignal,
): Promise<void> {
  for (const content of plan.create) {
    const base = `${owner.reference.name}-`.slice(0, LONGEST_BASE)
    const name = base + nameSuffix(random)
    const metadata = {
      name,
      generateName: `${owner.reference.name}-`,
      namespace: owner.namespace,
      labels: { ...content.labels },
      annotations: annotationsOf(owner, content),
      ownerReferences: [owner.reference],
    }
    const key = `${owner.namespace}/${name}`
    ownWrites.expectCreate(owner.key, key)
    try {
      await client.create(ENDPOINT_SLICES, { metadata, ...bodyOf(content) }, undefined, signal)
    } catch (error) {
      ownWrites.withdrawCreate(key)
      if (!isNamespaceTerminating(error)) throw error
    }
  }
  for (const { slice, content } of plan.update) {
    const annotations = annotationsOf(owner, content, slice)
    const metadata = { ...slice.metadata, labels: { ...content.labels }, annotations }
    await client.update(ENDPOINT_SLICES, { ...slice, ...bodyOf(content), metadata } as ReadSlice, undefined, signal)
  }
  for (const slice of plan.remove) await removeSlice(client, owner, slice, ownWrites, signal)
}

async function removeSlice(
  client: Client,
  owner: SliceOwner,
  slice: ReadSlice,
  ownWrites: OwnWrites,
  signal: AbortSignal,
): Promise<void> {
  if (isDeleting(slice)) return
  ownWrites.expectDelete(owner.key, uidOf(slice))
  try {
    await client.delete(ENDPOINT_SLICES, placeOf(slice), { preconditions: { uid: uidOf(slice) } }, signal)
  } catch (error) {
    ownWrites.withdrawDelete(uidOf(slice))
    if (!hasReason(error, 'NotFound')) throw error
  }
}

function annotationsOf({ triggerTime }: SliceOwner, { annotations }: SliceContent, slice?: ReadSlice) {
  const { [TRIGGER_TIME]: _old, ...kept } = annotations ?? slice?.metadata.annotations ?? {}
  return triggerTime === undefined ? kept : { ...kept, [TRIGGER_TIME]: triggerTime }
}

function bodyOf({
  addressType,
  endpoints,
  ports,
}: SliceContent): Pick<ReadSlice, 'addressType' | 'endpoints' | 'ports'> {
  return { addressType, endpoints, ports }
}

/** Tells `ownWrites` what the cache shows of the slices that `isOurs`, and wakes their owners. */
export function observeSlices(
  slices: Informer<EndpointSlice>,
  ownWrites: OwnWrites,
  isOurs: (slice: ReadSlice) => boolean,
  wake: (slice: ReadSlice) => void,
): void {
  const seen = (slice: ReadSlice) => {
    if (!isOurs(slice)) return
    ownWrites.sawCreate(keyOf(slice))
    if (isDeleting(slice)) ownWrites.sawDelete(uidOf(slice))
    wake(slice)
  }
  slices.on({
    added: seen,
    updated: seen,
    deleted(slice) {
      seen(slice)
      ownWrites.sawDelete(uidOf(slice))
    },
  })
}
