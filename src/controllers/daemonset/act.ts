/** Carries out a plan: daemons started and stopped, and what is told of those that ended. */

import type { Events } from '../kit/events.ts'
import { keyOf } from '../kit/ownership.ts'
import type { PodControl } from '../kit/pod-control.ts'
import { daemonPod, type ReadDaemonSet, targetNode } from './nodes.ts'
import type { DaemonPlan, DaemonView } from './plan.ts'

export interface ActDeps {
  readonly events: Events
  readonly control: PodControl
}

export async function act(deps: ActDeps, { set, hash }: DaemonView, plan: DaemonPlan, signal: AbortSignal) {
  tellEnded(deps.events, set, plan)
  const made = (index: number) => daemonPod(set, plan.start[index] ?? '', hash)
  await deps.control.createMany(set, plan.start.length, made, signal)
  await deps.control.deleteMany(set, plan.stop, signal)
}

function tellEnded(events: Events, set: ReadDaemonSet, { ended }: DaemonPlan): void {
  for (const pod of ended) {
    const where = `daemon pod ${keyOf(pod)} on node ${targetNode(pod)}`
    if (pod.status?.phase === 'Failed') {
      events.event(set, 'Warning', 'FailedDaemonPod', `Found failed ${where}, will try to kill it`)
    } else {
      events.event(set, 'Normal', 'SucceededDaemonPod', `Found succeeded ${where}, will try to delete it`)
    }
  }
}
