/** Pod garbage collection: Pods of nodes that are gone, Pods deleted before they had a node, too many finished ones (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection). */

import { again, createWorkQueue, type Outcome } from '../../base/work-queue.ts'
import { NODES, PODS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { disrupted } from '../kit/disruption.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { placeOf, uidOf } from '../kit/ownership.ts'
import { isFinished } from '../kit/pods.ts'
import { writeStatus } from '../kit/write-status.ts'
import { planPodGc, type Removal } from './decide.ts'

const PERIOD_MS = 20_000
/** How long a node must be missing before its Pods are removed. */
const QUARANTINE_MS = 40_000
const FINISHED_LIMIT = 12_500
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service'

export function podGcController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const nodes = deps.informers.of(NODES)
  const pods = deps.informers.of(PODS)
  const queue = createWorkQueue(clock)
  const missingSince = new Map<string, number>()
  queue.add('pass')

  /** Nodes that Pods are bound to and that the cache does not have, with the time we first noticed. */
  const noteMissing = () => {
    const now = clock.monotonic()
    const named = new Set(pods.list().map((pod) => pod.spec?.nodeName ?? ''))
    for (const name of missingSince.keys()) {
      if (!named.has(name) || nodes.get(name) !== undefined) missingSince.delete(name)
    }
    for (const name of named) {
      if (name !== '' && nodes.get(name) === undefined && !missingSince.has(name)) missingSince.set(name, now)
    }
  }

  /** The nodes whose quarantine is over and which the server does not have either. */
  const goneNodes = async (signal: AbortSignal): Promise<ReadonlySet<string>> => {
    const gone = new Set<string>()
    for (const [name, since] of missingSince) {
      if (clock.monotonic() - since < QUARANTINE_MS) continue
      try {
        await client.get(NODES, { name }, signal)
        missingSince.delete(name)
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error
        gone.add(name)
      }
    }
    return gone
  }

  const isOutOfService = (name: string) => {
    const node = nodes.get(name)
    const isReady = node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
    return (
      node !== undefined && isReady !== true && node.spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true
    )
  }

  const remove = async ({ pod, disruption }: Removal, signal: AbortSignal): Promise<void> => {
    if (!isFinished(pod)) {
      const marked = disruption === undefined ? pod.status : disrupted(pod, 'DeletionByPodGC', disruption, clock.now())
      const status = { ...marked, phase: 'Failed' as const }
      await writeStatus({ client, ref: PODS, object: pod, status }, signal)
    }
    try {
      const options = { gracePeriodSeconds: 0, preconditions: { uid: uidOf(pod) } }
      await client.delete(PODS, placeOf(pod), options, signal)
    } catch (error) {
      if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error
    }
  }

  const reconcile = async (_key: string, signal: AbortSignal): Promise<Outcome> => {
    noteMissing()
    const gone = await goneNodes(signal)
    const removals = planPodGc({
      pods: pods.list(),
      isNodeGone: (name) => gone.has(name),
      isOutOfService,
      finishedLimit: FINISHED_LIMIT,
    })
    for (const removal of removals) {
      try {
        await remove(removal, signal)
      } catch (error) {
        signal.throwIfAborted()
        deps.log.warn('Pod garbage collection failed', { pod: removal.pod.metadata.name, error })
      }
    }
    return again(PERIOD_MS)
  }

  return loopController({ name: 'podgc', queue, reconcile, log: deps.log, waitFor: [nodes, pods], workers: 1 })
}
