/** PodDisruptionBudget: says how many Pods an eviction may take (https://kubernetes.io/docs/concepts/workloads/pods/disruptions/). */

import { createWorkQueue } from '../../base/work-queue.ts'
import {
  CUSTOM_RESOURCE_DEFINITIONS,
  DEPLOYMENTS,
  POD_DISRUPTION_BUDGETS,
  PODS,
  REPLICA_SETS,
  REPLICATION_CONTROLLERS,
  STATEFUL_SETS,
} from '../../client/resources.ts'
import { type Controller, type ControllerDeps, loopController } from '../kit/loop.ts'
import { PacedQueue } from '../kit/pace.ts'
import { reconcileBudget } from './reconcile.ts'
import { wakeOnChanges } from './wake.ts'

export function podDisruptionBudgetController(deps: ControllerDeps): Controller {
  const { client, clock } = deps
  const budgets = deps.informers.of(POD_DISRUPTION_BUDGETS)
  const pods = deps.informers.of(PODS)
  const owners = {
    deployments: deps.informers.of(DEPLOYMENTS),
    replicaSets: deps.informers.of(REPLICA_SETS),
    statefulSets: deps.informers.of(STATEFUL_SETS),
    replicationControllers: deps.informers.of(REPLICATION_CONTROLLERS),
  }
  const definitions = deps.informers.of(CUSTOM_RESOURCE_DEFINITIONS)
  const queue = createWorkQueue(clock)
  const events = deps.events('controllermanager')
  const paced = new PacedQueue(queue, clock)
  wakeOnChanges({ budgets, pods, owners, queue, paced, events })
  const sources = { ...owners, client, definitions: () => definitions.list() }
  const parts = { client, clock, events, budgets, pods, paced, sources }
  return loopController({
    name: 'disruption',
    queue,
    reconcile: (key, signal) => reconcileBudget(parts, key, signal),
    log: deps.log,
    waitFor: [budgets, pods, ...Object.values(owners), definitions],
  })
}
