/**
 * ResourceClaim: makes the claims that Pods take from templates, and lets claims go that nobody uses any more
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/#resourceclaims-templates).
 */

import { claimNameOf, podClaimsOf } from '../../api/core/v1/pod/resource-claims.ts'
import { createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { PODS, RESOURCE_CLAIM_TEMPLATES, RESOURCE_CLAIMS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { indexByController, indexOnce, ownedBy } from '../kit/indexes.ts'
import {
  type Controller,
  type ControllerDeps,
  isNamespaceTerminating,
  controllersTogether,
  loopController,
} from '../kit/loop.ts'
import { isDeleting, keyOf, nameOf, placeOf, uidOf } from '../kit/ownership.ts'
import { messageOf } from '../kit/pod-control.ts'
import type { ReadPod } from '../kit/pods.ts'
import {
  canReserve,
  claimFrom,
  type Consumer,
  DELETE_PROTECTION,
  isDone,
  isFor,
  isMadeFor,
  isProtected,
  isReservedFor,
  needsWork,
  ownerOf,
  type ReadClaim,
  type ReadPodClaim,
  type ReadTemplate,
  reservedAlso,
  reservedOnlyBy,
} from './claims.ts'

/** Who owns the names of the claims in a Pod's status. */
const FIELD_MANAGER = 'ResourceClaimController'
const BY_CLAIM = 'resourceClaim'
const BY_TEMPLATE = 'resourceClaimTemplate'

export function resourceClaimController(deps: ControllerDeps): Controller {
  const { client } = deps
  const pods = deps.informers.of(PODS)
  const claims = deps.informers.of(RESOURCE_CLAIMS)
  const templates = deps.informers.of(RESOURCE_CLAIM_TEMPLATES)
  const podQueue = createWorkQueue(deps.clock)
  const claimQueue = createWorkQueue(deps.clock)
  const events = deps.events('resource_claim')
  /** Made, and not in the cache yet. */
  const made = new Map<string, ReadClaim>()
  /** Pods for which a create failed: its answer may have been lost, and the claim be there. */
  const unsure = new Set<string>()
  indexByController(claims)
  indexOnce(pods, BY_CLAIM, (pod) => {
    const names = podClaimsOf(pod).map((podClaim) => claimNameOf(pod, podClaim))
    return names.flatMap((named) => (typeof named === 'string' ? [] : [`${pod.metadata.namespace}/${named.name}`]))
  })
  indexOnce(pods, BY_TEMPLATE, (pod) =>
    podClaimsOf(pod).flatMap(({ resourceClaimTemplateName: name }) =>
      name === undefined ? [] : [`${pod.metadata.namespace}/${name}`],
    ),
  )

  const claimOf = (pod: ReadPod, name: string) => claims.get(`${pod.metadata.namespace}/${name}`)
  const wakePod = (pod: ReadPod) => {
    if (podClaimsOf(pod).length > 0 && needsWork(pod, (name) => claimOf(pod, name))) podQueue.add(keyOf(pod))
  }
  /** Claims of a Pod that is gone or will not run have one user less. */
  const wakeClaimsOf = (pod: ReadPod) => {
    for (const podClaim of podClaimsOf(pod)) {
      const named = claimNameOf(pod, podClaim)
      if (typeof named !== 'string') claimQueue.add(`${pod.metadata.namespace}/${named.name}`)
    }
    for (const claim of ownedBy(claims, uidOf(pod))) claimQueue.add(keyOf(claim))
    const extended = pod.status?.extendedResourceClaimStatus?.resourceClaimName
    if (extended !== undefined) claimQueue.add(`${pod.metadata.namespace}/${extended}`)
  }
  const follow = (pod: ReadPod) => {
    if (isDone(pod)) wakeClaimsOf(pod)
    wakePod(pod)
  }
  pods.on({
    added: follow,
    updated: follow,
    deleted(pod) {
      wakeClaimsOf(pod)
      for (const [uid, claim] of made) if (isFor(claim, pod)) made.delete(uid)
      unsure.delete(uidOf(pod))
    },
  })

  const usersOf = (claim: ReadClaim) => pods.byIndex(BY_CLAIM, keyOf(claim))
  const followClaim = (claim: ReadClaim) => {
    made.delete(uidOf(claim))
    claimQueue.add(keyOf(claim))
    usersOf(claim).forEach(wakePod)
  }
  claims.on({
    added: followClaim,
    updated: followClaim,
    deleted(claim) {
      made.delete(uidOf(claim))
      usersOf(claim).forEach(wakePod)
    },
  })
  const wakeByTemplate = (template: ReadTemplate) => {
    for (const pod of pods.byIndex(BY_TEMPLATE, keyOf(template))) wakePod(pod)
  }
  templates.on({ added: wakeByTemplate, updated: wakeByTemplate })

  /** The claim of a template that one of the Pod's claims needs and the status does not name yet. */
  const provide = async (pod: ReadPod, podClaim: ReadPodClaim, signal: AbortSignal): Promise<ReadClaim | undefined> => {
    const { resourceClaimTemplateName } = podClaim
    const named = claimNameOf(pod, podClaim)
    if (named === 'none' || resourceClaimTemplateName === undefined) return undefined
    const present = named === 'unknown' ? undefined : claimOf(pod, named.name)
    if (present !== undefined && isFor(present, pod)) return undefined
    const known = [...ownedBy(claims, uidOf(pod)), ...made.values()]
    if (unsure.has(uidOf(pod))) known.push(...(await liveClaims(pod, signal)))
    const found = known.find((claim) => isMadeFor(claim, pod, podClaim) && !isDeleting(claim))
    if (found !== undefined) return found
    const template = templates.get(`${pod.metadata.namespace}/${resourceClaimTemplateName}`)
    if (template === undefined) {
      const why = `resourceclaimtemplate.resource.k8s.io "${resourceClaimTemplateName}" not found`
      throw new Error(`resource claim template "${resourceClaimTemplateName}": ${why}`)
    }
    try {
      const claim = await client.create(RESOURCE_CLAIMS, claimFrom(template, pod, podClaim), undefined, signal)
      if (claims.get(keyOf(claim)) === undefined) made.set(uidOf(claim), claim)
      return claim
    } catch (error) {
      unsure.add(uidOf(pod))
      if (isNamespaceTerminating(error)) return undefined
      signal.throwIfAborted()
      throw new Error(`create ResourceClaim : ${messageOf(error)}`, { cause: error })
    }
  }

  const liveClaims = async ({ metadata: { namespace = '' } }: ReadPod, signal: AbortSignal) =>
    (await client.list(RESOURCE_CLAIMS, { namespace }, signal)).items

  const provideAll = async (pod: ReadPod, signal: AbortSignal): Promise<void> => {
    const names: { name: string; resourceClaimName: string }[] = []
    for (const podClaim of podClaimsOf(pod)) {
      try {
        const claim = await provide(pod, podClaim, signal)
        if (claim !== undefined) names.push({ name: podClaim.name, resourceClaimName: nameOf(claim) })
      } catch (error) {
        signal.throwIfAborted()
        const message = `PodResourceClaim ${podClaim.name}: ${messageOf(error)}`
        events.event(pod, 'Warning', 'FailedResourceClaimCreation', message)
        throw error
      }
    }
    if (names.length === 0) return
    const { namespace, name, uid } = pod.metadata
    const body = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name, uid },
      status: { resourceClaimStatuses: names },
    }
    const options = { subresource: 'status', fieldManager: FIELD_MANAGER, force: true }
    await client.patch(PODS, placeOf(pod), 'apply', body, options, signal)
  }

  const syncPod = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const pod = pods.get(key)
    if (pod === undefined || isDeleting(pod) || isDone(pod)) return settled
    await provideAll(pod, signal)
    if ((pod.spec?.nodeName ?? '') === '') return settled // the scheduler reserves
    for (const podClaim of podClaimsOf(pod)) {
      const named = claimNameOf(pod, podClaim)
      if (typeof named === 'string') continue
      const claim = claimOf(pod, named.name)
      if (claim === undefined) return settled
      if (named.isMade && !isFor(claim, pod)) throw new Error(`ResourceClaim ${keyOf(claim)} is not for pod ${key}`)
      if (!isReservedFor(claim, pod) && canReserve(claim)) {
        await client.updateStatus(RESOURCE_CLAIMS, reservedAlso(claim, pod), undefined, signal)
      }
    }
    return settled
  }

  /** Whether a user may still need the claim. What the cache does not know is asked of the server. */
  const isUser = async (claim: ReadClaim, user: Consumer, signal: AbortSignal): Promise<boolean> => {
    if ((user.apiGroup ?? '') !== '' || user.resource !== 'pods') return true // nobody we know
    const { namespace = '' } = claim.metadata
    const pod = pods.get(`${namespace}/${user.name}`) ?? (await livePod(namespace, user.name, signal))
    return pod !== undefined && uidOf(pod) === user.uid && !isDone(pod)
  }

  const livePod = async (namespace: string, name: string, signal: AbortSignal): Promise<ReadPod | undefined> => {
    try {
      return await client.get(PODS, { namespace, name }, signal)
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined
      throw error
    }
  }

  const letGo = async (claim: ReadClaim, signal: AbortSignal): Promise<void> => {
    if (!isProtected(claim)) return
    const finalizers = claim.metadata.finalizers?.filter((one) => one !== DELETE_PROTECTION) ?? []
    const freed = { ...claim, metadata: { ...claim.metadata, finalizers } }
    await client.update(RESOURCE_CLAIMS, freed, undefined, signal)
  }

  const syncClaim = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const claim = claims.get(key)
    if (claim === undefined) return settled
    const users = claim.status?.reservedFor ?? []
    const remaining: Consumer[] = []
    for (const user of users) if (await isUser(claim, user, signal)) remaining.push(user)
    const isUnused = remaining.length === 0
    if (remaining.length < users.length || (isUnused && isDeleting(claim) && isProtected(claim))) {
      const isHeld = remaining.length < users.length || claim.status?.allocation !== undefined
      const freed = isHeld
        ? await client.updateStatus(RESOURCE_CLAIMS, reservedOnlyBy(claim, remaining), undefined, signal)
        : claim
      if (isUnused && freed.status?.allocation === undefined) await letGo(freed, signal)
    }
    if (isUnused) await removeUnused(claim, signal)
    return settled
  }

  /** What was made for a Pod that will not run goes before the Pod does. */
  const removeUnused = async (claim: ReadClaim, signal: AbortSignal): Promise<void> => {
    const owner = ownerOf(claim)
    const pod = owner === undefined ? undefined : pods.get(`${claim.metadata.namespace}/${owner.name}`)
    if (pod === undefined || isDeleting(claim)) return // the garbage collector has the rest
    if (uidOf(pod) === owner?.uid && !isDone(pod)) return
    try {
      await client.delete(RESOURCE_CLAIMS, placeOf(claim), { preconditions: { uid: uidOf(claim) } }, signal)
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error
    }
  }

  const waitFor = [pods, claims, templates]
  const { log } = deps
  const ofPods = loopController({ name: 'resourceclaim', queue: podQueue, reconcile: syncPod, log, waitFor })
  const ofClaims = loopController({ name: 'resourceclaim', queue: claimQueue, reconcile: syncClaim, log, waitFor })
  return controllersTogether('resourceclaim', [ofPods, ofClaims])
}
