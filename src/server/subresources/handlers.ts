/** All subresources, and the resources that are answered and not stored. */

import type { SubresourceHandler, SubresourceHandlers } from './handler.ts'

export function subresourceHandlers(): SubresourceHandlers {
  return new Map<string, SubresourceHandler>([])
}
