/** Lets the Pods of Jobs go (https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-tracking-with-finalizers). */

import type { Client } from '../../client/client.ts'
import { PODS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { placeOf, uidOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import { allAtOnce } from '../kit/replicas/slow-start.ts'
import { isTracked, TRACKING } from './facts.ts'

/** Takes the finalizer from Pods whose end is counted, or does not count. */
export async function release(client: Client, counted: readonly ReadPod[], signal: AbortSignal): Promise<void> {
  await allAtOnce(counted.filter(isTracked), async (pod) => {
    const body = { metadata: { uid: uidOf(pod), '$deleteFromPrimitiveList/finalizers': [TRACKING] } }
    try {
      await client.patch(PODS, placeOf(pod), 'strategic', body, undefined, signal)
    } catch (error) {
      if (hasReason(error, 'NotFound')) return
      if (!hasReason(error, 'Conflict') || (await isStillThere(client, pod, signal))) throw error
    }
  })
}

/** A conflict is the end of it when the name belongs to another Pod now; else the write is to be tried again. */
async function isStillThere(client: Client, pod: ReadPod, signal: AbortSignal): Promise<boolean> {
  const { namespace = '', name } = placeOf(pod)
  const { items } = await client.list(PODS, { namespace, fieldSelector: `metadata.name=${name}` }, signal)
  return items.some((live) => uidOf(live) === uidOf(pod))
}
