/**
 * Drives Pods away from nodes whose NoExecute taints they do not tolerate, or no longer
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions).
 */

import { again, createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { NODES, PODS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { markDisrupted } from '../kit/disruption.ts'
import { indexByNode, onNode } from '../kit/indexes.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { isDeleting, keyOf, nameOf, placeOf, uidOf } from '../kit/ownership.ts'
import { isFinished, type ReadPod } from '../kit/pods.ts'
import { evictionTime } from './decide.ts'

const REASON = 'DeletionByTaintManager'
const MESSAGE = 'Taint manager: deleting due to NoExecute taint'

export function taintEvictionController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const nodes = deps.informers.of(NODES)
  const pods = deps.informers.of(PODS)
  const queue = createWorkQueue(clock)
  const events = deps.events('taint-eviction-controller')
  const marked = new Set<string>()
  indexByNode(pods)

  const isTainted = (name: string | undefined) =>
    name !== undefined && nodes.get(name)?.spec?.taints?.some((taint) => taint.effect === 'NoExecute') === true
  const wake = (pod: ReadPod) => {
    if (isTainted(pod.spec?.nodeName) || marked.has(uidOf(pod))) queue.add(keyOf(pod))
  }
  pods.on({ added: wake, updated: wake, deleted: (pod) => marked.delete(uidOf(pod)) })
  const wakePods = (name: string) => {
    for (const pod of onNode(pods, name)) queue.add(keyOf(pod))
  }
  nodes.on({
    added: (node) => wakePods(nameOf(node)),
    updated(node, old) {
      if (node.spec?.taints !== old.spec?.taints) wakePods(nameOf(node))
    },
  })

  const reconcile = async (key: string, signal: AbortSignal): Promise<Outcome> => {
    const pod = pods.get(key)
    const node = pod?.spec?.nodeName === undefined ? undefined : nodes.get(pod.spec.nodeName)
    if (pod === undefined || node === undefined || isDeleting(pod)) return settled
    const now = clock.now()
    const due = evictionTime(node.spec?.taints ?? [], pod.spec?.tolerations ?? [], now)
    if (due === undefined) {
      if (marked.delete(uidOf(pod))) {
        events.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${keyOf(pod)}`)
      }
      return settled
    }
    if (due > now) {
      marked.add(uidOf(pod))
      return again(due - now)
    }
    await evict(pod, signal)
    return settled
  }

  const evict = async (pod: ReadPod, signal: AbortSignal): Promise<void> => {
    events.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${keyOf(pod)}`)
    if (!isFinished(pod)) {
      const cause = { reason: REASON, message: MESSAGE }
      await markDisrupted(client, pod, { cause, now: clock.now() }, signal)
    }
    try {
      await client.delete(PODS, placeOf(pod), { preconditions: { uid: uidOf(pod) } }, signal)
    } catch (error) {
      if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error
    }
  }

  return loopController({ name: 'taint-eviction', queue, reconcile, log: deps.log, waitFor: [nodes, pods] })
}
