/** Deletes everything in a namespace, the Pods first, and counts what is left. */

import type { Client } from '../../client/client.ts'
import { PODS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { type AnyResource, resourceKey } from '../kit/all-resources.ts'
import type { ReadObject } from '../kit/ownership.ts'
import type { Findings } from './conditions.ts'

/** How many objects of one resource are looked at; a count may say so many and mean more. */
const PAGE = 500
/** How many resources are emptied at once. */
const ABREAST = 8

interface Tally {
  readonly failures: string[]
  readonly remaining: Map<string, number>
  readonly finalizers: Map<string, number>
}

/** One pass. Other resources are touched only when no Pod is left: a Pod may need its ConfigMaps to stop well. */
export async function emptyNamespace(
  client: Client,
  namespace: string,
  resources: readonly AnyResource[],
  signal: AbortSignal,
): Promise<Findings> {
  const tally: Tally = { failures: [], remaining: new Map(), finalizers: new Map() }
  await emptyResource(client, namespace, PODS, tally, signal)
  if (tally.remaining.size > 0 || tally.failures.length > 0) return tally
  const others = resources.filter((resource) => resourceKey(resource) !== resourceKey(PODS))
  for (let from = 0; from < others.length; from += ABREAST) {
    const batch = others.slice(from, from + ABREAST)
    await Promise.all(batch.map((resource) => emptyResource(client, namespace, resource, tally, signal)))
  }
  return tally
}

async function emptyResource(
  client: Client,
  namespace: string,
  resource: AnyResource,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  try {
    const found = await client.list(resource, { namespace, limit: PAGE }, signal)
    if (found.items.length === 0) return
    await deleteAll(client, namespace, resource, found.items, signal)
    const left = await client.list(resource, { namespace, limit: PAGE }, signal)
    if (left.items.length === 0) return
    const count = left.items.length + (left.metadata.remainingItemCount ?? 0)
    tally.remaining.set(resourceKey(resource), count)
    for (const object of left.items) {
      for (const finalizer of object.metadata.finalizers ?? []) {
        tally.finalizers.set(finalizer, (tally.finalizers.get(finalizer) ?? 0) + 1)
      }
    }
  } catch (error) {
    signal.throwIfAborted()
    if (hasReason(error, 'NotFound')) return // the resource itself is gone
    tally.failures.push(error instanceof Error ? error.message : String(error))
  }
}

async function deleteAll(
  client: Client,
  namespace: string,
  resource: AnyResource,
  items: readonly ReadObject[],
  signal: AbortSignal,
): Promise<void> {
  const options = { propagationPolicy: 'Background' as const }
  try {
    await client.deleteCollection(resource, { namespace }, options, signal)
  } catch (error) {
    if (!hasReason(error, 'MethodNotAllowed')) throw error
    for (const { metadata } of items) {
      const at = { namespace, name: metadata.name ?? '' }
      await client.delete(resource, at, options, signal).catch((fault: unknown) => {
        if (!hasReason(fault, 'NotFound')) throw fault
      })
    }
  }
}
