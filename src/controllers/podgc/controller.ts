/** Pod garbage collection: Pods of nodes that are gone, Pods deleted before they had a node, too many finished ones (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection). */

import { again, createWorkQueue } from '../../base/work-queue.ts'
import { NODES, PODS } from '../../client/resources.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { collectPods, indexCandidates } from './collect.ts'
import { MissingNodes } from './missing-nodes.ts'

const PERIOD_MS = 20_000

export function podGcController(deps: ControllerDeps): Controller {
  const { client, clock, log } = deps
  const nodes = deps.informers.of(NODES)
  const pods = deps.informers.of(PODS)
  const queue = createWorkQueue(clock)
  queue.add('pass')
  indexCandidates({ nodes, pods })
  const missing = new MissingNodes({ client, clock, nodes, pods })
  missing.follow()
  return loopController({
    name: 'podgc',
    queue,
    async reconcile(_pass, signal) {
      await collectPods({ client, clock, log, nodes, pods, missing }, signal)
      return again(PERIOD_MS)
    },
    log,
    waitFor: [nodes, pods],
    workers: 1,
  })
}
