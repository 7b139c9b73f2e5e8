/** The admission plug-ins that are on, in Kubernetes's order. */

import type { Random } from '../../base/random.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import type { AdmissionPlugin } from './admission.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'

/** All built-in plug-ins. */
export interface AdmissionSources {
  /** The objects of a resource by its key. */
  readonly cacheOf: (key: string) => WatchCache
  readonly random: Random
}

export function builtinAdmission({ cacheOf }: AdmissionSources): readonly AdmissionPlugin[] {
  return [namespaceLifecycle(cacheOf('v1/namespaces'))]
}
