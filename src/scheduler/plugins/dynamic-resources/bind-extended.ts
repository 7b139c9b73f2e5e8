/**
 * Makes the claim for a Pod's extended resources, gives it its devices, and tells the Pod
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#extended-resource).
 */

import type { ResourceClaim } from '../../../api/generated/resource-v1.ts'
import type { Lister } from '../../../client/informer.ts'
import { PODS, RESOURCE_CLAIMS } from '../../../client/resources.ts'
import { hasReason } from '../../../meta/errors.ts'
import { keyOf } from '../../../meta/keys.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import { bindClaim, type BindDeps, DELETE_PROTECTION } from './binding.ts'
import type { ReadClaim } from './claims.ts'
import type { NodeClaim } from './extended.ts'
import type { Allocation } from './taken.ts'

const POLL_MS = 1_000
/** So long the new claim may take to be seen; after that its devices might be given away twice. */
const UNSEEN_MS = 120_000

export interface ExtendedDeps extends BindDeps {
  readonly claims: Lister<ResourceClaim>
}

export interface ExtendedWish {
  readonly extended: NodeClaim
  readonly allocation: Allocation | undefined
  readonly pod: PodInfo
}

/** The answer is the claim as written, once others see it. Where something fails, nothing is left behind. */
export async function bindExtended(deps: ExtendedDeps, wish: ExtendedWish, signal: AbortSignal): Promise<ReadClaim> {
  const { extended, allocation, pod } = wish
  const made = await createClaim(deps, extended.claim, signal)
  try {
    const claim = await bindClaim(deps, { claim: made, allocation, pod }, signal)
    await tellPod(
      deps,
      pod,
      { resourceClaimName: claim.metadata.name ?? '', requestMappings: extended.mappings },
      signal,
    )
    await waitUntilSeen(deps, claim, signal)
    return claim
  } catch (error) {
    signal.throwIfAborted()
    await removeClaim(deps, made, signal)
    throw error
  }
}

async function createClaim({ client }: BindDeps, claim: ReadClaim, signal: AbortSignal): Promise<ReadClaim> {
  const { uid: _ours, ...metadata } = claim.metadata
  try {
    return await client.create(RESOURCE_CLAIMS, { ...claim, metadata } as ResourceClaim, {}, signal)
  } catch (error) {
    signal.throwIfAborted()
    const words = error instanceof Error ? error.message : String(error)
    throw new Error(`create claim for extended resources ${keyOf(claim)}: ${words}`, { cause: error })
  }
}

async function tellPod({ client }: BindDeps, { pod, uid }: PodInfo, told: object, signal: AbortSignal): Promise<void> {
  const { name = '', namespace = '' } = pod.metadata
  const body = { metadata: { uid }, status: { extendedResourceClaimStatus: told } }
  try {
    await client.patch(PODS, { name, namespace }, 'strategic', body, { subresource: 'status' }, signal)
  } catch (error) {
    signal.throwIfAborted()
    const words = error instanceof Error ? error.message : String(error)
    throw new Error(`update pod ${keyOf(pod)} ExtendedResourceClaimStatus: ${words}`, { cause: error })
  }
}

async function waitUntilSeen({ claims, clock }: ExtendedDeps, claim: ReadClaim, signal: AbortSignal): Promise<void> {
  const start = clock.monotonic()
  while (claims.get(keyOf(claim))?.status?.allocation === undefined) {
    if (clock.monotonic() - start > UNSEEN_MS) return
    await clock.sleep(POLL_MS, signal)
  }
}

/** Takes a claim away that no Pod will use. */
export async function removeClaim({ client }: BindDeps, claim: ReadClaim, signal: AbortSignal): Promise<void> {
  const { name = '', namespace = '' } = claim.metadata
  const at = { name, namespace }
  try {
    const newest = await client.get(RESOURCE_CLAIMS, at, signal)
    const finalizers = (newest.metadata.finalizers ?? []).filter((finalizer) => finalizer !== DELETE_PROTECTION)
    const freed = { ...newest, metadata: { ...newest.metadata, finalizers } } as ResourceClaim
    await client.update(RESOURCE_CLAIMS, freed, {}, signal)
    await client.delete(RESOURCE_CLAIMS, at, {}, signal)
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error
  }
}
