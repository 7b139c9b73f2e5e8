/**
 * Quotas: how much of each thing a namespace may hold (https://kubernetes.io/docs/concepts/policy/resource-quotas/).
 * What a write uses is noted in the quota by the same transaction that writes the object, so that two writes at once
 * cannot both take what is left, and a write that fails takes nothing.
 */

import {
  type Counted,
  isTerminating,
  limitedUsage,
  missingForQuota,
  quotaPicks,
  type Usage,
  usageOf,
} from '../../api/core/v1/resourcequota/usage.ts'
import { type DeviceFacts, firstClaims } from '../../api/core/v1/resourcequota/device-usage.ts'
import type { Pod, ResourceQuota } from '../../api/generated/core-v1.ts'
import type { DeviceClass, ResourceClaim } from '../../api/generated/resource-v1.ts'
import type { Clock } from '../../base/clock.ts'
import { type DeepReadonly, draftOf } from '../../meta/deep-readonly.ts'
import { addQuantity, cmpQuantity, formatQuantity, isZeroQuantity, subQuantity } from '../../meta/quantity.ts'
import type { KubeObject } from '../../meta/types.ts'
import { storageKey } from '../registry/served-resource.ts'
import type { ExtraWrites } from '../registry/storage-hooks.ts'
import { storedAt, type StoredObject } from '../registry/stored-object.ts'
import { trackOwnStatus } from '../verbs/field-owner.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { refusal } from './refuse.ts'

type Amounts = Readonly<Record<string, string>>

export interface QuotaSources {
  readonly quotas: WatchCache
  readonly pods: WatchCache
  readonly claims: WatchCache
  readonly classes: WatchCache
  readonly clock: Clock
}

/** A quota and what it will have used once the write is done. */
interface Charge {
  readonly stored: StoredObject
  readonly used: Usage
}

export function resourceQuota({ quotas, pods, claims, classes, clock }: QuotaSources): AdmissionPlugin {
  const devices: DeviceFacts = {
    nameOf: (name) =>
      (classes.get('', name)?.object as DeepReadonly<DeviceClass> | undefined)?.spec.extendedResourceName,
    pod: (namespace, name) => pods.get(namespace, name)?.object as DeepReadonly<Pod> | undefined,
    firstClaim: (namespace, podUid) =>
      firstClaims(claims.all(namespace).map(({ object }) => object as DeepReadonly<ResourceClaim>)).get(podUid),
  }
  const usage = (counted: Counted) => usageOf(counted, clock.now(), devices)
  return {
    name: 'ResourceQuota',
    validate(request) {
      charges(request, quotas, usage)
    },
    claim(request) {
      if (request.isDryRun) return undefined
      const due = charges(request, quotas, usage)
      return due.length === 0 ? undefined : writesOf(due, quotas, clock.now())
    },
  }
}

/** Only these can come to use more than they did, besides Pods that come into another scope. */
const GROWS: ReadonlySet<string> = new Set([
  'services',
  'persistentvolumeclaims',
  'pods/resize',
  'resourceclaims.resource.k8s.io',
])

function isCounted(request: AdmissionRequest): boolean {
  const { operation, resource, subresource, namespace } = request
  if (namespace === '' || !resource.stored) return false
  if (operation === 'CREATE') return subresource === ''
  if (operation !== 'UPDATE') return false
  const name = resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`
  const what = subresource === '' ? name : `${name}/${subresource}`
  return GROWS.has(what) || (what === 'pods' && changesScope(request))
}

function changesScope({ object, old }: AdmissionRequest): boolean {
  if (old === undefined) return false
  return isTerminating(object as DeepReadonly<Pod>) !== isTerminating(old as DeepReadonly<Pod>)
}

/** What each quota of the namespace must note. Throws when one does not allow it. */
function charges(request: AdmissionRequest, quotas: WatchCache, usage: (counted: Counted) => Usage): Charge[] {
  const { object, old, namespace, resource } = request
  if (object === undefined || !isCounted(request)) return []
  const all = quotas.all(namespace)
  if (all.length === 0) return []
  const counted: Counted = { group: resource.group, resource: resource.resource, object }
  const total = usage(counted)
  const limiting = all.filter((stored) => limits(request, stored, counted, total))
  if (limiting.length === 0) return []
  if (old === undefined) return limiting.flatMap((stored) => charge(request, stored, total))
  const before = { ...counted, object: old }
  const delta = difference(total, usage(before))
  // To a quota whose scope it only comes into now, all of it is new.
  return limiting.flatMap((stored) => {
    const wasCounted = quotaPicks(stored.object as DeepReadonly<ResourceQuota>, before)
    return charge(request, stored, wasCounted ? delta : total)
  })
}

/** Whether the quota has a say; throws when the object does not state what the quota needs to know. */
function limits(request: AdmissionRequest, stored: StoredObject, counted: Counted, total: Usage): boolean {
  const quota = stored.object as DeepReadonly<ResourceQuota>
  const { hard = {}, used = {} } = quota.status ?? {}
  const names = Object.keys(limitedUsage(total, hard))
  const missing = isPod(counted) ? missingForQuota(counted.object as DeepReadonly<Pod>, hard) : ''
  if ((names.length === 0 && missing === '') || !quotaPicks(quota, counted)) return false
  const name = quota.metadata.name ?? ''
  if (missing !== '') throw refusal(request, `failed quota: ${name}: must specify ${missing}`)
  const unknown = names.filter((each) => used[each] === undefined)
  if (unknown.length > 0) {
    throw refusal(request, `status unknown for quota: ${name}, resources: ${unknown.sort().join(',')}`)
  }
  return true
}

const isPod = ({ group, resource }: Counted) => group === '' && resource === 'pods'

function difference(total: Usage, before: Usage): Usage {
  const names = new Set([...Object.keys(total), ...Object.keys(before)])
  return Object.fromEntries(
    [...names].map((name) => [name, formatQuantity(subQuantity(total[name] ?? '0', before[name] ?? '0'))]),
  )
}

function charge(request: AdmissionRequest, stored: StoredObject, delta: Usage): Charge[] {
  const quota = stored.object as DeepReadonly<ResourceQuota>
  const { hard = {}, used = {} } = quota.status ?? {}
  const asked = Object.entries(limitedUsage(delta, hard)).filter(([, amount]) => !isZeroQuantity(amount))
  if (asked.length === 0) return []
  const next: Usage = { ...used }
  for (const [name, amount] of asked) next[name] = formatQuantity(addQuantity(used[name] ?? '0', amount))
  const exceeded = asked.filter(
    ([name, amount]) => cmpQuantity(amount, '0') > 0 && cmpQuantity(next[name] ?? '0', hard[name] ?? '0') > 0,
  )
  if (exceeded.length > 0) {
    const names = exceeded.map(([name]) => name).sort()
    const why = [
      `exceeded quota: ${quota.metadata.name ?? ''}`,
      `requested: ${amountsText(Object.fromEntries(exceeded), names)}`,
      `used: ${amountsText(used, names)}`,
      `limited: ${amountsText(hard, names)}`,
    ]
    throw refusal(request, why.join(', '))
  }
  return [{ stored, used: next }]
}

const amountsText = (amounts: Amounts, names: readonly string[]) =>
  names.map((name) => `${name}=${amounts[name] ?? '0'}`).join(',')

/** The quotas' new states, each on condition that nobody wrote it since. A lost race is run again. */
function writesOf(due: readonly Charge[], { resource }: WatchCache, now: number): ExtraWrites {
  const keyOf = ({ namespace, name }: StoredObject) => storageKey(resource, namespace, name)
  return {
    compare: due.map(({ stored }) => ({ key: keyOf(stored), modRevision: stored.revision })),
    operations: due.map(({ stored, used }) => {
      const draft = draftOf<ResourceQuota>(stored.object as DeepReadonly<ResourceQuota>)
      draft.status ??= {}
      draft.status.used = used
      trackOwnStatus(resource, draft as KubeObject, stored.object, now)
      let made: StoredObject | undefined
      const value = (revision: number) =>
        made?.revision === revision ? made : (made = storedAt(draft as KubeObject, revision))
      return { put: keyOf(stored), value }
    }),
    onConflict: () => 'retry',
  }
}
