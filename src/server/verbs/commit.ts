/** The one way anything is written: a transaction on the object's key, and whatever must happen along with it. */

import { serverTimeout } from '../../meta/errors.ts'
import type { KubeObject } from '../../meta/types.ts'
import type { Compare, Operation } from '../../storage/storage.ts'
import type { ApiCore } from '../core.ts'
import { storageKey, type ServedResource } from '../registry/served-resource.ts'
import type { ExtraWrites } from '../registry/storage-hooks.ts'
import { storedAt, type StoredObject } from '../registry/stored-object.ts'
import { storable } from './stored-size.ts'

interface Target {
  readonly resource: ServedResource
  readonly namespace: string
  readonly name: string
  /** The revision of the object that the write is based on; 0: there is none. */
  readonly basedOn: number
  readonly extra?: ExtraWrites | undefined
  /** It is known that the object is not too large. */
  readonly isJudged?: boolean | undefined
}

/** Why a write did not happen: somebody else wrote the object, or the extra conditions on these keys do not hold. */
export type CommitFailure = 'changed' | ReadonlySet<string>

/** Writes `draft`, which nobody may change afterwards. Throws where it is too large. */
export async function commitPut(
  core: ApiCore,
  target: Target,
  draft: KubeObject,
): Promise<StoredObject | CommitFailure> {
  const key = etcdKey(target)
  let made: StoredObject | undefined
  const value = (revision: number): StoredObject =>
    made?.revision === revision
      ? made
      : (made = target.isJudged === true ? storedAt(draft, revision) : storable(storedAt(draft, revision), key))
  const failure = await commit(core, target, { put: keyOf(target), value })
  return failure ?? made!
}

/**
 * As `commitPut`, along with what `claim` says now must hold and be written too, such as the use of a quota: claimed anew
 * where others were faster. Throws what a claim says of those who cannot have it any more.
 */
export async function commitClaimed(
  core: ApiCore,
  target: Omit<Target, 'extra'>,
  draft: KubeObject,
  claim: () => ExtraWrites | undefined,
): Promise<StoredObject | 'changed'> {
  const { resource, namespace, name, basedOn, isJudged } = target
  let over = ''
  const attempt = async () => {
    const extra = claim()
    const made = await commitPut(core, { resource, namespace, name, basedOn, extra, isJudged }, draft)
    if (!(made instanceof Set)) return made as StoredObject | 'changed'
    const verdict = extra?.onConflict?.(made) ?? 'retry'
    if (verdict !== 'retry') throw verdict
    over = String(made.values().next().value)
    return undefined
  }
  return core.races.run(
    () => over,
    attempt,
    () => serverTimeout(resource, basedOn === 0 ? 'create' : 'update', 1),
  )
}

/** Removes the object. */
export async function commitDelete(core: ApiCore, target: Target): Promise<CommitFailure | undefined> {
  return commit(core, target, { delete: keyOf(target) })
}

/** The key that etcd would know the object by, which counts for its size. */
export const etcdKey = ({ resource, namespace, name }: Pick<Target, 'resource' | 'namespace' | 'name'>): string =>
  `/registry/${resource.resource}/${namespace}/${name}`

const keyOf = ({ resource, namespace, name }: Target) => storageKey(resource, namespace, name)

async function commit(core: ApiCore, target: Target, operation: Operation): Promise<CommitFailure | undefined> {
  const { basedOn, extra } = target
  const own: Compare = { key: keyOf(target), modRevision: basedOn }
  const compare = extra === undefined ? [own] : [own, ...extra.compare]
  const operations = extra === undefined ? [operation] : [operation, ...extra.operations]
  const result = await core.storage.transact(compare, operations)
  if (result.succeeded) return undefined
  const [current] = result.entries
  if ((current?.modRevision ?? 0) !== basedOn) return 'changed'
  const failed = compare.filter(({ modRevision }, at) => (result.entries[at]?.modRevision ?? 0) !== modRevision)
  return new Set(failed.map(({ key }) => key))
}
