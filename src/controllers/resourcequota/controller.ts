/** Counts what a namespace uses against its ResourceQuotas (https://kubernetes.io/docs/concepts/policy/resource-quotas/). */

import type { ResourceQuota } from '../../api/generated/core-v1.ts'
import { limitedUsage, quotaPicks, totalUsage, type Usage, usageOf } from '../../api/core/v1/resourcequota/usage.ts'
import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { RESOURCE_QUOTAS } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { type AnyResource, builtInResources } from '../kit/all-resources.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { keyOf, type ReadObject } from '../kit/ownership.ts'
import { writeStatus } from '../kit/write-status.ts'

/** Changes come in bursts; counting once for all of them is enough. */
const GATHER_MS = 100
/** Everything is counted anew now and then: usage may change by mere passing of time. */
const RECOUNT_MS = 300_000

/** Objects whose updates may change what they count. */
const CHANGING = new Set(['pods', 'services', 'persistentvolumeclaims'])

/** Whether a quota with these names needs the objects of a resource. */
export function concerns(hard: Readonly<Record<string, string>>, { group, resource }: AnyResource): boolean {
  const names = Object.keys(hard)
  const counted = `count/${group === '' ? resource : `${resource}.${group}`}`
  if (names.includes(counted)) return true
  if (group !== '') return false
  switch (resource) {
    case 'pods':
      return names.some((name) => !name.startsWith('count/') && !OTHERS.has(name) && !name.includes('storageclass'))
    case 'services':
      return names.some((name) => name === 'services' || name.startsWith('services.'))
    case 'persistentvolumeclaims':
      return names.some((name) => name === 'requests.storage' || name.includes('persistentvolumeclaims'))
    default:
      return names.includes(resource)
  }
}

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
  const queue = createWorkQueue(clock)
  const enqueue = (quota: DeepReadonly<ResourceQuota>) => queue.add(keyOf(quota))
  quotas.on({ added: enqueue, updated: enqueue })
  const counted = builtInResources().filter(({ namespaced, resource }) => namespaced && resource !== 'events')
  const caches = counted.map((resource) => {
    const cache = deps.informers.of(resource)
    const wake = (object: ReadObject) => {
      for (const quota of quotas.list(object.metadata.namespace)) {
        if (concerns(quota.spec?.hard ?? {}, resource)) queue.addAfter(keyOf(quota), GATHER_MS)
      }
    }
    cache.on({ added: wake, deleted: wake, ...(CHANGING.has(resource.resource) ? { updated: wake } : {}) })
    return { resource, cache }
  })

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const quota = quotas.get(key)
    const hard = quota?.spec?.hard
    if (quota === undefined || hard === undefined) return settled
    const now = clock.now()
    const usages: Usage[] = []
    for (const { resource, cache } of caches) {
      if (!concerns(hard, resource)) continue
      for (const object of cache.list(quota.metadata.namespace)) {
        const one = { group: resource.group, resource: resource.resource, object }
        if (quotaPicks(quota, one)) usages.push(limitedUsage(usageOf(one, now), hard))
      }
    }
    const status = { hard, used: totalUsage(usages, hard) }
    await writeStatus<object>({ client, ref: RESOURCE_QUOTAS, object: quota, status, onConflict: 'throw' }, signal)
    return again(RECOUNT_MS)
  }
  const waitFor = [quotas, ...caches.map(({ cache }) => cache)]
  return loopController({ name: 'resourcequota', queue, reconcile, log: deps.log, waitFor })
}
