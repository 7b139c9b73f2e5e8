/** One pass over the Pods that may have to be removed. */

import { isTerminal } from '../../api/core/v1/pod/facts.ts'
import type { Node, Pod } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Client } from '../../client/client.ts'
import type { Informer } from '../../client/informer.ts'
import { PODS } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import { markDisrupted } from '../kit/disruption.ts'
import { indexByNode, indexOnce, onNode } from '../kit/indexes.ts'
import { isDeleting, nameOf, placeOf, uidOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'
import { planPodGc, type Removal } from './decide.ts'
import type { MissingNodes } from './missing-nodes.ts'

const FINISHED_LIMIT = 12_500
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service'
const CANDIDATES = 'podGcCandidates'
const OUT = 'outOfService'

export interface CollectDeps {
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
  readonly nodes: Informer<Node>
  readonly pods: Informer<Pod>
  readonly missing: MissingNodes
}

/** Lets a pass find what it looks for. */
export function indexCandidates({ nodes, pods }: Pick<CollectDeps, 'nodes' | 'pods'>): void {
  indexByNode(pods)
  indexOnce(pods, CANDIDATES, candidacy)
  indexOnce(nodes, OUT, ({ spec }) => (spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true ? [OUT] : []))
}

/** Why a Pod may have to be collected, whatever becomes of its node. */
function candidacy(pod: ReadPod): readonly string[] {
  const isUnbound = (pod.spec?.nodeName ?? '') === ''
  return [...(isTerminal(pod) ? ['finished'] : []), ...(isUnbound && isDeleting(pod) ? ['unbound'] : [])]
}

/** Removes every Pod that has to go; one that cannot be removed keeps none of the others. */
export async function collectPods(deps: CollectDeps, signal: AbortSignal): Promise<void> {
  const { pods, log } = deps
  const gone = await deps.missing.gone(signal)
  const out = outOfService(deps)
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
      await remove(deps, removal, signal)
    } catch (error) {
      signal.throwIfAborted()
      log.warn('Pod garbage collection failed', { pod: removal.pod.metadata.name, error })
    }
  }
}

/** The nodes that an operator declared out of service, and that are not ready. */
function outOfService({ nodes }: CollectDeps): ReadonlySet<string> {
  const isDown = ({ status }: DeepReadonly<Node>) =>
    status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') !== true
  return new Set(nodes.byIndex(OUT, OUT).filter(isDown).map(nameOf))
}

async function remove(
  { client, clock }: CollectDeps,
  { pod, disruption }: Removal,
  signal: AbortSignal,
): Promise<void> {
  if (!isTerminal(pod)) {
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
