/** What the verbs share: the storage, the caches in front of it, and the rules that every write passes. */

import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import type { UserInfo } from '../client/user.ts'
import type { Storage } from '../storage/storage.ts'
import type { AdmissionChain } from './admission/admission.ts'
import type { Annotate } from './audit/audit.ts'
import type { ResourceTable, ServedResource } from './registry/served-resource.ts'
import type { StorageHooks } from './registry/storage-hooks.ts'
import type { LostRaces } from './verbs/lost-races.ts'
import type { WatchCaches } from './watchcache/watch-caches.ts'

export interface ApiCore {
  readonly storage: Storage
  readonly caches: WatchCaches
  readonly resources: ResourceTable
  readonly admission: AdmissionChain
  readonly hooks: StorageHooks
  readonly races: LostRaces
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** One request after it has been read and authorized. */
export interface RequestContext {
  readonly user: UserInfo
  readonly resource: ServedResource
  /** Empty: none. */
  readonly namespace: string
  /** Empty: none. */
  readonly name: string
  /** Empty: none. */
  readonly subresource: string
  /** Who the caller says it is; the field manager unless another is named. */
  readonly userAgent: string
  /** Adds a Warning header. */
  readonly warn: (text: string) => void
  /** Adds to the request's record in the audit log; absent: there is none. */
  readonly annotate?: Annotate | undefined
  readonly signal?: AbortSignal
  /** The body takes time: others have their turn between the steps of the work on it. */
  readonly isLarge?: boolean
}
