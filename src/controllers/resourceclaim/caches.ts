/** What is known of Pods, claims and templates, and what is asked about it. */

import { claimNameOf, podClaimsOf } from '../../api/core/v1/pod/resource-claims.ts'
import type { Pod } from '../../api/generated/core-v1.ts'
import type { ResourceClaim, ResourceClaimTemplate } from '../../api/generated/resource-v1.ts'
import type { Informer, InformerFactory } from '../../client/informer.ts'
import { PODS, RESOURCE_CLAIM_TEMPLATES, RESOURCE_CLAIMS } from '../../client/resources.ts'
import { indexByController, indexOnce, ownedBy } from '../kit/indexes.ts'
import { keyOf, uidOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import type { ReadClaim, ReadTemplate } from './claims.ts'

const BY_CLAIM = 'resourceClaim'
const BY_TEMPLATE = 'resourceClaimTemplate'

export interface Caches {
  readonly pods: Informer<Pod>
  readonly claims: Informer<ResourceClaim>
  readonly templates: Informer<ResourceClaimTemplate>
}

/** The shared caches, with the indexes that the questions below need. */
export function indexedCaches(informers: InformerFactory): Caches {
  const pods = informers.of(PODS)
  const claims = informers.of(RESOURCE_CLAIMS)
  const templates = informers.of(RESOURCE_CLAIM_TEMPLATES)
  indexByController(claims)
  indexOnce(pods, BY_CLAIM, namedClaims)
  indexOnce(pods, BY_TEMPLATE, (pod) =>
    podClaimsOf(pod).flatMap(({ resourceClaimTemplateName: name }) =>
      name === undefined ? [] : [`${pod.metadata.namespace}/${name}`],
    ),
  )
  return { pods, claims, templates }
}

/** The keys of the claims whose names the Pod's spec or status tells. */
export function namedClaims(pod: ReadPod): readonly string[] {
  const names = podClaimsOf(pod).map((podClaim) => claimNameOf(pod, podClaim))
  return names.flatMap((named) => (typeof named === 'string' ? [] : [`${pod.metadata.namespace}/${named.name}`]))
}

/** The claim of this name in the Pod's namespace. */
export function claimNamed({ claims }: Caches, { metadata }: ReadPod, name: string): ReadClaim | undefined {
  return claims.get(`${metadata.namespace}/${name}`)
}

/** The claims that were made for the Pod. */
export const claimsOwnedBy = ({ claims }: Caches, pod: ReadPod): readonly ReadClaim[] => ownedBy(claims, uidOf(pod))

/** The Pods that name the claim. */
export const podsNaming = ({ pods }: Caches, claim: ReadClaim): readonly ReadPod[] =>
  pods.byIndex(BY_CLAIM, keyOf(claim))

/** The Pods that take claims from the template. */
export const podsOfTemplate = ({ pods }: Caches, template: ReadTemplate): readonly ReadPod[] =>
  pods.byIndex(BY_TEMPLATE, keyOf(template))
