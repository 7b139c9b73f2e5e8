/**
 * Which tokens a node may ask for: those of Pods bound to it, for audiences that these Pods name
 * (https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction).
 */

import type { TokenRequest } from '../../../api/generated/authentication-v1.ts'
import type { PersistentVolume, PersistentVolumeClaim, Pod, Volume } from '../../../api/generated/core-v1.ts'
import type { CSIDriver } from '../../../api/generated/storage-v1.ts'
import type { DeepReadonly } from '../../../meta/deep-readonly.ts'
import { aggregate, ApiError, notFound } from '../../../meta/errors.ts'
import { goQuote } from '../../../meta/go-quote.ts'
import type { KubeObject } from '../../../meta/types.ts'
import type { Authorizer } from '../../authz/authorizer.ts'
import type { WatchCache } from '../../watchcache/watch-cache.ts'
import type { AdmissionRequest } from '../admission.ts'
import { isBoundTo } from './pods.ts'

/** Where the objects are found that lead to an audience, and who may ask for any. */
export interface TokenSources {
  readonly pods: WatchCache
  readonly claims: WatchCache
  readonly volumes: WatchCache
  readonly drivers: WatchCache
  readonly authorizer: Authorizer
}

/** The right to ask for tokens whose audience no Pod names: the audience stands where others name a resource. */
const AUDIENCE_VERB = 'request-serviceaccounts-token-audience'

/** Why `node` may not have the token; undefined where it may. */
export function tokenWhy(request: AdmissionRequest, node: string, sources: TokenSources): string | undefined {
  const { object, namespace } = request
  const { boundObjectRef, audiences = [] } = (object as TokenRequest).spec ?? {}
  const { apiVersion, kind, name = '', uid = '' } = boundObjectRef ?? {}
  if (apiVersion !== 'v1' || kind !== 'Pod' || name === '') return 'node requested token not bound to a pod'
  if (uid === '') return 'node requested token with a pod binding without a uid'
  const pod = need<Pod>(sources.pods, name, namespace)
  if (pod.metadata.uid !== uid) {
    return `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`
  }
  if (!isBoundTo(pod, node)) return 'node requested token bound to a pod scheduled on a different node'
  if (audiences.length > 1) return 'node may only request 0 or 1 audiences'
  return audienceWhy(request, pod, audiences[0] ?? '', sources)
}

function audienceWhy(
  { user, namespace, name }: AdmissionRequest,
  pod: DeepReadonly<Pod>,
  audience: string,
  sources: TokenSources,
): string | undefined {
  const failures: string[] = []
  for (const volume of pod.spec?.volumes ?? []) {
    try {
      if (namesAudience(pod, volume, audience, sources)) return undefined
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      failures.push(error.message)
    }
  }
  if (failures.length > 0) return `error validating audience ${goQuote(audience)}: ${aggregate(failures)}`
  const right = { verb: AUDIENCE_VERB, group: '', version: 'v1', resource: audience, subresource: '', namespace, name }
  if (sources.authorizer.onResource(user, right).isAllowed) return undefined
  return `audience ${goQuote(audience)} not found in pod spec volume, ${user.name} is not authorized to request tokens for this audience`
}

/** Whether the volume is a token for the audience, or of a CSI driver that asks for such tokens. */
function namesAudience(
  pod: DeepReadonly<Pod>,
  volume: DeepReadonly<Volume>,
  audience: string,
  sources: TokenSources,
): boolean {
  const projected = volume.projected?.sources ?? []
  if (projected.some((one) => one.serviceAccountToken && (one.serviceAccountToken.audience ?? '') === audience)) {
    return true
  }
  const driver = driverOf(pod, volume, sources)
  if (driver === '') return false
  const { spec } = need<CSIDriver>(sources.drivers, driver)
  return (spec.tokenRequests ?? []).some((one) => one.audience === audience)
}

/** The CSI driver behind a volume; empty where there is none. */
function driverOf({ metadata }: DeepReadonly<Pod>, volume: DeepReadonly<Volume>, sources: TokenSources): string {
  const { name, csi, ephemeral, persistentVolumeClaim } = volume
  const claim =
    ephemeral?.volumeClaimTemplate === undefined ? persistentVolumeClaim?.claimName : `${metadata.name ?? ''}-${name}`
  if (claim === undefined) return csi?.driver ?? ''
  const { spec } = need<PersistentVolumeClaim>(sources.claims, claim, metadata.namespace)
  return need<PersistentVolume>(sources.volumes, spec?.volumeName ?? '').spec?.csi?.driver ?? ''
}

/** An object that must be there. */
function need<T extends KubeObject>(cache: WatchCache, name: string, namespace = ''): DeepReadonly<T> {
  const found = cache.get(namespace, name)
  if (found === undefined) throw notFound({ group: cache.resource.group, resource: cache.resource.resource, name })
  return found.object as DeepReadonly<T>
}
