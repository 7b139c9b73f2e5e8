/** The container whose processes an ephemeral container asks to see (https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/). */

import { latestOf, type ObservedPod } from '../observed.ts'
import type { KindedContainer } from '../pod-view.ts'
import { StartFailure } from './start-failure.ts'

/** `undefined`: it asks for none. Throws `StartFailure` when there is no such container; whether it runs, the runtime says. */
export function targetOf({ spec, kind }: KindedContainer, observed: ObservedPod): { readonly id: string } | undefined {
  const target = spec.targetContainerName ?? ''
  if (kind !== 'ephemeral' || target === '') return undefined
  const found = latestOf(observed, target)
  if (found === undefined)
    throw new StartFailure('CreateContainerConfigError', `unable to find target container ${target}`)
  return { id: found.id }
}
