/** For tests of admission: answers as texts, and a Pod. */

import type { Pod, PodSpec } from '../../api/generated/core-v1.ts'
import { isApiError } from '../../meta/errors.ts'

/** What the server refused a request with; `allowed` when it did not. */
export async function answerOf(request: Promise<unknown>): Promise<string> {
  try {
    await request
    return 'allowed'
  } catch (error) {
    if (!isApiError(error)) throw error
    return error.message
  }
}

/** A Pod of one container. */
export function aPod(name: string, spec: Partial<PodSpec> = {}): Pod {
  const own = { containers: [{ name: 'c', image: 'i' }], automountServiceAccountToken: false, ...spec }
  return { metadata: { name, namespace: 'default' }, spec: own }
}
