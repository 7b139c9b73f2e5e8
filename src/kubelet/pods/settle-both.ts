/** Waits for a sandbox and its volumes, which are made side by side. */

import { MountFailure } from '../volumes/pod-volumes.ts'

/** The volumes' failure is an answer; the sandbox's, or another, is thrown when both have settled. */
export async function settleBoth<S, V>(
  sandbox: Promise<S>,
  volumes: Promise<V>,
): Promise<readonly [S, V | MountFailure]> {
  const [first, second] = await Promise.allSettled([sandbox, volumes])
  if (first.status === 'rejected') throw first.reason
  if (second.status === 'fulfilled') return [first.value, second.value]
  if (second.reason instanceof MountFailure) return [first.value, second.reason]
  throw second.reason
}
