/** Counts what a namespace uses against its ResourceQuotas (https://kubernetes.io/docs/concepts/policy/resource-quotas/). */

import type { ResourceQuota } from '../../api/generated/core-v1.ts'
import { isExtendedResource } from '../../api/core/v1/resource-names.ts'
import {
  AS_RESOURCE,
  type DeviceFacts,
  firstClaims,
  OF_DEVICE_CLASS,
} from '../../api/core/v1/resourcequota/device-usage.ts'
import { type Counted, quotaPicks, totalUsage, type Usage, usageOf } from '../../api/core/v1/resourcequota/usage.ts'
import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  DEVICE_CLASSES,
  PODS,
  RESOURCE_CLAIMS,
  RESOURCE_QUOTAS,
} from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import { cmpQuantity } from '../../meta/quantity.ts'
import { type AnyResource, builtInResources, customResource } from '../kit/all-resources.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { PacedQueue } from '../kit/pace.ts'
import { sameJson } from '../kit/equal.ts'
import { isDeleting, keyOf, type ReadObject } from '../kit/ownership.ts'
import { writeStatus } from '../kit/write-status.ts'

/** Changes come in bursts; counting once for all of them is enough. */
const GATHER_MS = 100
/** What was granted and never made is noticed after so long. */
const GRANTED_MS = 1_000
/** A write that was granted is there after so long, or was refused. */
const WRITTEN_WITHIN_MS = 50
/** Everything is counted anew now and then: usage may change by mere passing of time. */
const RECOUNT_MS = 300_000
/** Nothing tells when a custom resource goes: those are counted more often. */
const RECOUNT_CUSTOM_MS = 30_000

type ReadQuota = DeepReadonly<ResourceQuota>
type Hard = Readonly<Record<string, string>>

/** Objects whose updates may change what they count. */
const CHANGING = new Set(['pods', 'services', 'persistentvolumeclaims', 'resourceclaims'])

/** Whether a quota with these names needs the objects of a resource. */
export function concerns(hard: Hard, { group, resource }: AnyResource): boolean {
  const names = Object.keys(hard)
  const counted = `count/${group === '' ? resource : `${resource}.${group}`}`
  if (names.includes(counted)) return true
  if (group === 'resource.k8s.io' && resource === 'resourceclaims') return names.some(isOfDeviceClass)
  if (group !== '') return false
  switch (resource) {
    case 'pods':
      return names.some((name) => !isOfOthers(name))
    case 'services':
      return names.some((name) => name === 'services' || name.startsWith('services.'))
    case 'persistentvolumeclaims':
      return names.some((name) => name.endsWith('requests.storage') || name.includes('persistentvolumeclaims'))
    default:
      return names.includes(resource)
  }
}

/** Names that classes of devices may have for Pods to ask by are among them, whether one has. */
const isOfDeviceClass = (name: string) =>
  name.endsWith(OF_DEVICE_CLASS) ||
  name.startsWith(`requests.${AS_RESOURCE}`) ||
  (name.startsWith(REQUESTS) && isExtendedResource(name.slice(REQUESTS.length)))

const REQUESTS = 'requests.'

/** Whether no Pod counts under a name. */
const isOfOthers = (name: string) =>
  name.startsWith('count/') || OTHERS.has(name) || name.includes('storageclass') || name.endsWith(OF_DEVICE_CLASS)

const OTHERS = new Set([
  'services',
  'services.nodeports',
  'services.loadbalancers',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'requests.storage',
])

export function resourceQuotaController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const quotas = deps.informers.of(RESOURCE_QUOTAS)
  const definitions = deps.informers.of(CUSTOM_RESOURCE_DEFINITIONS)
  const queue = createWorkQueue(clock)
  const paced = new PacedQueue(queue, clock)
  const enqueue = (quota: ReadQuota) => queue.add(keyOf(quota))
  quotas.on({
    added: enqueue,
    updated(quota, old) {
      // What is granted raises the status; it is counted with the rest, after a while.
      if (sameJson(quota.spec, old.spec)) paced.add(keyOf(quota), GRANTED_MS)
      else enqueue(quota)
    },
  })
  const namespaced = builtInResources().filter(({ namespaced, resource }) => namespaced && resource !== 'events')
  const caches = namespaced.map((resource) => {
    const cache = deps.informers.of(resource)
    const wake = (object: ReadObject) => {
      for (const quota of quotas.list(object.metadata.namespace)) {
        if (concerns(quota.spec?.hard ?? {}, resource)) paced.add(keyOf(quota), GATHER_MS)
      }
    }
    cache.on({ added: wake, deleted: wake, ...(CHANGING.has(resource.resource) ? { updated: wake } : {}) })
    return { resource, cache }
  })

  const classes = deps.informers.of(DEVICE_CLASSES)
  const wakeAll = () => {
    for (const quota of quotas.list()) {
      if (concerns(quota.spec?.hard ?? {}, RESOURCE_CLAIMS)) paced.add(keyOf(quota), GATHER_MS)
    }
  }
  classes.on({
    added: wakeAll,
    deleted: wakeAll,
    updated({ spec }, old) {
      if (spec.extendedResourceName !== old.spec.extendedResourceName) wakeAll()
    },
  })
  const pods = deps.informers.of(PODS)
  const claims = deps.informers.of(RESOURCE_CLAIMS)
  /** For one count of one namespace. */
  const devicesIn = (namespace: string | undefined): DeviceFacts => {
    let first: ReturnType<typeof firstClaims> | undefined
    return {
      nameOf: (name) => classes.get(name)?.spec.extendedResourceName,
      pod: (_, name) => pods.get(`${namespace}/${name}`),
      firstClaim: (_, podUid) => (first ??= firstClaims(claims.list(namespace))).get(podUid),
    }
  }

  const concerned = (hard: Hard) => caches.filter(({ resource }) => concerns(hard, resource))

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const quota = quotas.get(key)
    const hard = quota?.spec?.hard
    if (quota === undefined || hard === undefined) return settled
    const objects = concerned(hard).flatMap(({ resource, cache }) =>
      cache.list(quota.metadata.namespace).map((object) => counted(resource, object)),
    )
    paced.begin(key, objects.length)
    const custom = customOf(hard)
    objects.push(...(await listed(custom, quota.metadata.namespace ?? '', signal)))
    const devices = devicesIn(quota.metadata.namespace)
    const used = count(quota, objects, { now: clock.now(), devices, names: countable(hard, custom) })
    if (lowers(quota.status?.used ?? {}, used)) return release(quota, hard, signal)
    await report(quota, { hard, used }, signal)
    return again(custom.length === 0 ? RECOUNT_MS : RECOUNT_CUSTOM_MS)
  }

  /** Custom resources that the quota counts: nobody follows them here, the server is asked. */
  const customOf = (hard: Hard) =>
    definitions
      .list()
      .flatMap((definition) => customResource(definition) ?? [])
      .filter((resource) => resource.namespaced && concerns(hard, resource))

  /** Names that nothing here uses are not counted at all. */
  const countable = (hard: Hard, custom: readonly AnyResource[]): Hard => {
    const resources = [...namespaced, ...custom]
    return Object.fromEntries(
      Object.entries(hard).filter(([name]) => resources.some((resource) => concerns({ [name]: '' }, resource))),
    )
  }

  const listed = async (resources: readonly AnyResource[], namespace: string, signal: AbortSignal) => {
    const objects: Counted[] = []
    for (const resource of resources) {
      const { items } = await client.list(resource, { namespace }, signal)
      objects.push(...items.map((object) => counted(resource, object)))
    }
    return objects
  }

  const report = (quota: ReadQuota, status: NonNullable<ReadQuota['status']>, signal: AbortSignal) =>
    writeStatus<object>({ client, ref: RESOURCE_QUOTAS, object: quota, status, onConflict: 'throw' }, signal)

  /**
   * What is counted is less than what was granted: something is gone, or something that was granted is still being
   * written. After a moment the server itself is asked; whoever was granted something meanwhile makes the write fail.
   */
  const release = async (cached: ReadQuota, hard: Hard, signal: AbortSignal): Promise<Outcome> => {
    const { namespace = '', name = '' } = cached.metadata
    const named = { namespace, fieldSelector: `metadata.name=${name}` }
    const [quota] = (await client.list(RESOURCE_QUOTAS, named, signal)).items
    if (quota === undefined) return settled
    await clock.sleep(WRITTEN_WITHIN_MS, signal)
    const custom = customOf(hard)
    const objects = await listed([...concerned(hard).map(({ resource }) => resource), ...custom], namespace, signal)
    const devices = devicesIn(namespace)
    const used = count(quota, objects, { now: clock.now(), devices, names: countable(hard, custom) })
    try {
      await report(quota, { hard, used }, signal)
    } catch (error) {
      if (!hasReason(error, 'Conflict')) throw error
      return again(GATHER_MS)
    }
    return again(custom.length === 0 ? RECOUNT_MS : RECOUNT_CUSTOM_MS)
  }
  const waitFor = [quotas, definitions, classes, ...caches.map(({ cache }) => cache)]
  return loopController({ name: 'resourcequota', queue, reconcile, log: deps.log, waitFor })
}

const counted = ({ group, resource }: AnyResource, object: ReadObject): Counted => ({ group, resource, object })

/** What the quota's objects use together, of each name that can be counted. */
function count(
  quota: ReadQuota,
  objects: readonly Counted[],
  { now, devices, names }: { readonly now: number; readonly devices: DeviceFacts; readonly names: Hard },
): Usage {
  const usages = objects.filter((one) => quotaPicks(quota, one)).map((one) => rememberedUsage(one, now, devices))
  return totalUsage(usages, names)
}

/**
 * Objects are never changed, so what one uses is worked out once; but for one being deleted, whose time runs out, and
 * claims, which depend on others.
 */
const known = new WeakMap<ReadObject, Usage>()

function rememberedUsage(one: Counted, now: number, devices: DeviceFacts): Usage {
  const usage = known.get(one.object) ?? usageOf(one, now, devices)
  if (one.resource !== RESOURCE_CLAIMS.resource && !isDeleting(one.object)) known.set(one.object, usage)
  return usage
}

/** Whether less of anything is used than before. */
function lowers(before: Hard, after: Hard): boolean {
  return Object.entries(after).some(([name, amount]) => {
    const known = before[name]
    return known !== undefined && cmpQuantity(amount, known) < 0
  })
}
