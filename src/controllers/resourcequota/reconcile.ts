/** One look at one quota: counts what its namespace uses, and writes it down. */

import type { Counted, Usage } from '../../api/core/v1/resourcequota/usage.ts'
import type { Clock } from '../../base/clock.ts'
import { again, type Outcome, settled } from '../../base/work-queue.ts'
import type { Client } from '../../client/client.ts'
import { RESOURCE_QUOTAS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import type { AnyResource } from '../kit/all-resources.ts'
import type { PacedQueue } from '../kit/pace.ts'
import { writeStatus } from '../kit/write-status.ts'
import { cachedObjects, type Caches, concerned, customOf, devicesIn } from './caches.ts'
import { countable, type Hard } from './concerns.ts'
import { count, counted, lowers, type ReadQuota } from './count.ts'
import { GATHER_MS } from './wake.ts'

/** A write that was granted is there after so long, or was refused. */
const WRITTEN_WITHIN_MS = 50
/** Everything is counted anew now and then: usage may change by mere passing of time. */
const RECOUNT_MS = 300_000
/** Nothing tells when a custom resource goes: those are counted more often. */
const RECOUNT_CUSTOM_MS = 30_000

export interface QuotaDeps {
  readonly client: Client
  readonly clock: Clock
  readonly caches: Caches
  readonly paced: PacedQueue
}

export async function reconcileQuota(deps: QuotaDeps, key: string, signal: AbortSignal): Promise<Outcome> {
  const { caches, paced } = deps
  const quota = caches.quotas.get(key)
  const hard = quota?.spec?.hard
  if (quota === undefined || hard === undefined) return settled
  const { namespace } = quota.metadata
  const objects = cachedObjects(caches, hard, namespace)
  paced.begin(key, objects.length)
  const custom = customOf(caches, hard)
  objects.push(...(await listed(deps.client, custom, namespace ?? '', signal)))
  const used = usedOf(deps, quota, { hard, objects, custom })
  if (lowers(quota.status?.used ?? {}, used)) return release(deps, quota, hard, signal)
  await report(deps.client, quota, { hard, used }, signal)
  return nextCount(custom)
}

/**
 * What is counted is less than what was granted: something is gone, or something that was granted is still being
 * written. After a moment the server itself is asked; whoever was granted something meanwhile makes the write fail.
 */
async function release(deps: QuotaDeps, cached: ReadQuota, hard: Hard, signal: AbortSignal): Promise<Outcome> {
  const { client, caches } = deps
  const { namespace = '', name = '' } = cached.metadata
  const named = { namespace, fieldSelector: `metadata.name=${name}` }
  const [quota] = (await client.list(RESOURCE_QUOTAS, named, signal)).items
  if (quota === undefined) return settled
  await deps.clock.sleep(WRITTEN_WITHIN_MS, signal)
  const custom = customOf(caches, hard)
  const resources = concerned(caches, hard).map(({ resource }) => resource)
  const objects = await listed(client, [...resources, ...custom], namespace, signal)
  const used = usedOf(deps, quota, { hard, objects, custom })
  try {
    await report(client, quota, { hard, used }, signal)
  } catch (error) {
    if (!hasReason(error, 'Conflict')) throw error
    return again(GATHER_MS)
  }
  return nextCount(custom)
}

/** The server's own view of all objects of the resources. */
async function listed(
  client: Client,
  resources: readonly AnyResource[],
  namespace: string,
  signal: AbortSignal,
): Promise<readonly Counted[]> {
  const objects: Counted[] = []
  for (const resource of resources) {
    const { items } = await client.list(resource, { namespace }, signal)
    objects.push(...items.map((object) => counted(resource, object)))
  }
  return objects
}

interface Load {
  readonly hard: Hard
  readonly objects: readonly Counted[]
  /** The custom resources among them. */
  readonly custom: readonly AnyResource[]
}

function usedOf({ clock, caches }: QuotaDeps, quota: ReadQuota, { hard, objects, custom }: Load): Usage {
  const devices = devicesIn(caches, quota.metadata.namespace)
  const resources = [...caches.followed.map(({ resource }) => resource), ...custom]
  return count(quota, objects, { now: clock.now(), devices, names: countable(hard, resources) })
}

async function report(
  client: Client,
  quota: ReadQuota,
  status: NonNullable<ReadQuota['status']>,
  signal: AbortSignal,
): Promise<void> {
  await writeStatus<object>({ client, ref: RESOURCE_QUOTAS, object: quota, status, onConflict: 'throw' }, signal)
}

const nextCount = (custom: readonly AnyResource[]): Outcome =>
  again(custom.length === 0 ? RECOUNT_MS : RECOUNT_CUSTOM_MS)
