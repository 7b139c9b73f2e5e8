/** What the hooks of the plugin share: whom they ask, and what is known of claims. */

import type { DeviceClass, ResourceClaim, ResourceSlice } from '../../../api/generated/resource-v1.ts'
import type { Random } from '../../../base/random.ts'
import type { Lister } from '../../../client/informer.ts'
import type { PluginArgs } from '../../config/types.ts'
import type { ClassFor } from '../../framework/extended-resources.ts'
import { rejected } from '../../framework/verdict.ts'
import type { PodInfo } from '../../snapshot/pod-info.ts'
import type { BindDeps } from './binding.ts'
import type { KnownClaims } from './taken.ts'

export interface DynamicResourcesDeps extends BindDeps {
  readonly random: Random
  readonly claims: Lister<ResourceClaim>
  readonly classes: Lister<DeviceClass>
  readonly slices: Lister<ResourceSlice>
  /** The class of devices behind an extended resource. */
  readonly classFor: ClassFor
  /** Tells that a Pod waits for its devices. */
  readonly tell: (pod: PodInfo, note: string) => void
}

export interface Parts {
  readonly deps: DynamicResourcesDeps
  readonly args: PluginArgs['DynamicResources']
  readonly known: KnownClaims
}

/** A refusal that no eviction changes. */
export const refused = (why: string) => rejected(why, { evictionMayHelp: false })
