/** The kinds that do something besides being stored. */

import { namespaceHook } from './namespace-hook.ts'
import type { StorageHook, StorageHooks } from './storage-hooks.ts'

export function storageHooks(): StorageHooks {
  return new Map<string, StorageHook>([['v1/namespaces', namespaceHook]])
}
