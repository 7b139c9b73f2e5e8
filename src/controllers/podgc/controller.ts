/** Pod garbage collection: Pods of nodes that are gone, Pods deleted before they had a node, too many finished ones (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection). */

import { again, createWorkQueue, type Outcome } from '../../base/work-queue.ts'
import { NODES, PODS } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { markDisrupted } from '../kit/disruption.ts'
import { indexByNode, indexOnce, onNode } from '../kit/indexes.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { isDeleting, nameOf, placeOf, uidOf } from '../kit/ownership.ts'
import { isFinished, type ReadPod } from '../kit/pods.ts'
import { planPodGc, type Removal } from './decide.ts'

const PERIOD_MS = 20_000
/** How long a node must be missing before its Pods are removed. */
const QUARANTINE_MS = 40_000
const FINISHED_LIMIT = 12_500
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service'
const CANDIDATES = 'podGcCandidates'
const OUT = 'outOfService'

/** Why a Pod may have to be collected, whatever becomes of its node. */
function candidacy(pod: ReadPod): readonly string[] {
  const isUnbound = (pod.spec?.nodeName ?? '') === ''
  return [...(isFinished(pod) ? ['finished'] : []), ...(isUnbound && isDeleting(pod) ? ['unbound'] : [])]
}

export function podGcController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const nodes = deps.informers.of(NODES)
  const pods = deps.informers.of(PODS)
  const queue = createWorkQueue(clock)
  const missingSince = new Map<string, number>()
  queue.add('pass')
  indexByNode(pods)
  indexOnce(pods, CANDIDATES, candidacy)
  indexOnce(nodes, OUT, ({ spec }) => (spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true ? [OUT] : []))

  /** Nodes that may be missing: deleted, or named by a Pod before they are known. */
  const suspects = new Set<string>()
  nodes.on({ deleted: (node) => suspects.add(nameOf(node)) })
  const suspectNodeOf = ({ spec: { nodeName = '' } = {} }: { readonly spec?: { readonly nodeName?: string } }) => {
    if (nodeName !== '' && nodes.get(nodeName) === undefined) suspects.add(nodeName)
  }
  pods.on({ added: suspectNodeOf, updated: suspectNodeOf })

  /** Nodes that Pods are bound to and that the cache does not have, with the time we first noticed. */
  const noteMissing = () => {
    const now = clock.monotonic()
    for (const name of suspects) {
      const isMissing = nodes.get(name) === undefined && onNode(pods, name).length > 0
      if (!isMissing) {
        suspects.delete(name)
        missingSince.delete(name)
      } else if (!missingSince.has(name)) missingSince.set(name, now)
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

  const outOfService = (): ReadonlySet<string> => {
    const isDown = ({ status }: (typeof tainted)[number]) =>
      status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') !== true
    const tainted = nodes.byIndex(OUT, OUT)
    return new Set(tainted.filter(isDown).map(nameOf))
  }

  const remove = async ({ pod, disruption }: Removal, signal: AbortSignal): Promise<void> => {
    if (!isFinished(pod)) {
      const cause = disruption === undefined ? {} : { cause: { reason: 'DeletionByPodGC', message: disruption } }
      await markDisrupted(client, pod, { ...cause, phase: 'Failed', now: clock.now() }, signal)
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
    const out = outOfService()
    const candidates = [
      ...[...gone, ...out].flatMap((name) => onNode(pods, name)),
      ...pods.indexValues(CANDIDATES).flatMap((why) => pods.byIndex(CANDIDATES, why)),
    ]
    const removals = planPodGc({
      pods: [...new Set(candidates)],
      isNodeGone: (name) => gone.has(name),
      isOutOfService: (name) => out.has(name),
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
