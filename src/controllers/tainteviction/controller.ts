/**
 * Drives Pods away from nodes whose NoExecute taints they do not tolerate, or no longer
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions).
 */

import { isTerminal } from '../../api/core/v1/pod/facts.ts'
import { createWorkQueue, type Outcome, settled } from '../../base/work-queue.ts'
import { NODES, PODS } from '../../client/resources.ts'
import { indexByNode, onNode } from '../kit/indexes.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { isDeleting, keyOf, nameOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import { type EvictionTexts, TimedEvictions } from '../kit/timed-eviction.ts'
import { verdictOn } from './decide.ts'

const CAUSE = { reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' }

const TEXTS: EvictionTexts = {
  reason: 'TaintManagerEviction',
  marking: (pod) => `Marking for deletion Pod ${keyOf(pod)}`,
  cancelling: (pod) => `Cancelling deletion of Pod ${keyOf(pod)}`,
  cause: (pod) => (isTerminal(pod) ? undefined : CAUSE),
}

export function taintEvictionController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const nodes = deps.informers.of(NODES)
  const pods = deps.informers.of(PODS)
  const queue = createWorkQueue(clock)
  const events = deps.events('taint-eviction-controller')
  const evictions = new TimedEvictions({ client, clock, events }, TEXTS)
  indexByNode(pods)

  const isTainted = (name: string | undefined) =>
    name !== undefined && nodes.get(name)?.spec?.taints?.some((taint) => taint.effect === 'NoExecute') === true
  const wake = (pod: ReadPod) => {
    if (isTainted(pod.spec?.nodeName) || evictions.isWaiting(pod)) queue.add(keyOf(pod))
  }
  pods.on({ added: wake, updated: wake, deleted: (pod) => evictions.forget(pod) })
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
    const verdict = verdictOn(node.spec?.taints ?? [], pod.spec?.tolerations ?? [])
    if (verdict === 'stays') return evictions.settle(pod, undefined, signal)
    const now = clock.now()
    // Counted from when the taint was first seen: a taint need not tell its time, and the Pod may have come after it.
    const due = verdict === 'goes' ? now : (evictions.dueOf(pod) ?? now + verdict.afterMs)
    return evictions.settle(pod, due, signal)
  }

  return loopController({ name: 'taint-eviction', queue, reconcile, log: deps.log, waitFor: [nodes, pods] })
}
