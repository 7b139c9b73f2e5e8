/** Makes the claims that a Pod takes from templates, and tells the Pod their names (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceclaims-templates). */

import { claimNameOf, podClaimsOf } from '../../api/core/v1/pod/resource-claims.ts'
import type { Client } from '../../client/client.ts'
import { PODS, RESOURCE_CLAIMS } from '../../client/resources.ts'
import type { Events } from '../kit/events.ts'
import { isNamespaceTerminating } from '../kit/loop.ts'
import { isDeleting, keyOf, nameOf, placeOf } from '../kit/ownership.ts'
import { messageOf } from '../kit/pod-control.ts'
import type { ReadPod } from '../kit/pods.ts'
import { type Caches, claimNamed, claimsOwnedBy } from './caches.ts'
import { claimFrom, isFor, isMadeFor, type ReadClaim, type ReadPodClaim } from './claims.ts'
import type { MadeClaims } from './made-claims.ts'

/** Who owns the names of the claims in a Pod's status. */
const FIELD_MANAGER = 'ResourceClaimController'

export interface ProvideDeps {
  readonly client: Client
  readonly events: Events
  readonly caches: Caches
  readonly made: MadeClaims
}

/** Makes what the Pod lacks. Stops, and tells, at the first claim that cannot be made. */
export async function provideClaims(deps: ProvideDeps, pod: ReadPod, signal: AbortSignal): Promise<void> {
  const names: ClaimName[] = []
  for (const podClaim of podClaimsOf(pod)) {
    try {
      const claim = await provide(deps, pod, podClaim, signal)
      if (claim !== undefined) names.push({ name: podClaim.name, resourceClaimName: nameOf(claim) })
    } catch (error) {
      signal.throwIfAborted()
      const message = `PodResourceClaim ${podClaim.name}: ${messageOf(error)}`
      deps.events.event(pod, 'Warning', 'FailedResourceClaimCreation', message)
      throw error
    }
  }
  if (names.length > 0) await tellNames(deps.client, pod, names, signal)
}

interface ClaimName {
  readonly name: string
  readonly resourceClaimName: string
}

async function tellNames(
  client: Client,
  pod: ReadPod,
  resourceClaimStatuses: readonly ClaimName[],
  signal: AbortSignal,
): Promise<void> {
  const { namespace, name, uid } = pod.metadata
  const body = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name, uid }, status: { resourceClaimStatuses } }
  const options = { subresource: 'status', fieldManager: FIELD_MANAGER, force: true }
  await client.patch(PODS, placeOf(pod), 'apply', body, options, signal)
}

/** The claim of a template that one of the Pod's claims needs and the status does not name yet. */
async function provide(
  deps: ProvideDeps,
  pod: ReadPod,
  podClaim: ReadPodClaim,
  signal: AbortSignal,
): Promise<ReadClaim | undefined> {
  const named = claimNameOf(pod, podClaim)
  if (named === 'none' || podClaim.resourceClaimTemplateName === undefined) return undefined
  const present = named === 'unknown' ? undefined : claimNamed(deps.caches, pod, named.name)
  if (present !== undefined && isFor(present, pod)) return undefined
  const known = await knownClaims(deps, pod, signal)
  const found = known.find((claim) => isMadeFor(claim, pod, podClaim) && !isDeleting(claim))
  return found ?? make(deps, pod, podClaim, signal)
}

/** The claims that were made for the Pod, and perhaps others. */
async function knownClaims(
  { client, caches, made }: ProvideDeps,
  pod: ReadPod,
  signal: AbortSignal,
): Promise<readonly ReadClaim[]> {
  const known = [...claimsOwnedBy(caches, pod), ...made.all]
  if (!made.isUnsureOf(pod)) return known
  const { namespace = '' } = pod.metadata
  const { items } = await client.list(RESOURCE_CLAIMS, { namespace }, signal)
  return [...known, ...items]
}

/** Undefined where the namespace is going: then none is needed. */
async function make(
  { client, caches, made }: ProvideDeps,
  pod: ReadPod,
  podClaim: ReadPodClaim,
  signal: AbortSignal,
): Promise<ReadClaim | undefined> {
  const { resourceClaimTemplateName: name } = podClaim
  const template = caches.templates.get(`${pod.metadata.namespace}/${name}`)
  if (template === undefined) {
    const why = `resourceclaimtemplate.resource.k8s.io "${name}" not found`
    throw new Error(`resource claim template "${name}": ${why}`)
  }
  try {
    const claim = await client.create(RESOURCE_CLAIMS, claimFrom(template, pod, podClaim), undefined, signal)
    if (caches.claims.get(keyOf(claim)) === undefined) made.add(claim)
    return claim
  } catch (error) {
    made.doubt(pod)
    if (isNamespaceTerminating(error)) return undefined
    signal.throwIfAborted()
    throw new Error(`create ResourceClaim : ${messageOf(error)}`, { cause: error })
  }
}
