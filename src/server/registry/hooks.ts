/** The kinds that do something besides being stored. */

import type { ApiServerOptions } from '../options.ts'
import type { WatchCache } from '../watchcache/watch-cache.ts'
import { namespaceHook } from './namespace-hook.ts'
import type { StorageHook, StorageHooks } from './storage-hooks.ts'

export function storageHooks(_cacheOf: (key: string) => WatchCache, _options: ApiServerOptions): StorageHooks {
  return new Map<string, StorageHook>([['v1/namespaces', namespaceHook]])
}
