/** The kinds that do something besides being stored. */

import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import type { ApiServerOptions } from '../options.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import { adminAccessHook } from './admin-access-hook.ts'
import { namespaceHook } from './namespace-hook.ts'
import { serviceHook } from './service-ip.ts'
import type { StorageHook, StorageHooks } from './storage-hooks.ts'

export interface HookDeps {
  readonly cacheOf: (key: string) => WatchCache
  readonly options: ApiServerOptions
  readonly clock: Clock
  readonly random: Random
}

export function storageHooks({ cacheOf, options, clock, random }: HookDeps): StorageHooks {
  const services = cacheOf('v1/services')
  const addresses = cacheOf('networking.k8s.io/v1/ipaddresses')
  const ranges = cacheOf('networking.k8s.io/v1/servicecidrs')
  const adminAccess = adminAccessHook(cacheOf('v1/namespaces'))
  return new Map<string, StorageHook>([
    ['v1/namespaces', namespaceHook],
    ['resource.k8s.io/v1/resourceclaims', adminAccess],
    ['resource.k8s.io/v1/resourceclaimtemplates', adminAccess],
    ['v1/services', serviceHook({ services, addresses, ranges, clock, random, options })],
  ])
}
