/** The admission plug-ins that are on, in Kubernetes's order. */

import type { WatchCache } from '../watchcache/watch-cache.ts'
import type { AdmissionPlugin } from './admission.ts'
import { namespaceLifecycle } from './namespace-lifecycle.ts'

/** All built-in plug-ins. `cacheOf` gives the objects of a resource by its key. */
export function builtinAdmission(cacheOf: (key: string) => WatchCache): readonly AdmissionPlugin[] {
  return [namespaceLifecycle(cacheOf('v1/namespaces'))]
}
