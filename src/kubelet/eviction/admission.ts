/**
 * Whom a node that is short of something still lets in
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#node-conditions). Pure.
 */

import { tolerates } from '../../api/core/v1/pod/tolerations.ts'
import { EVICTED, qosClassOf } from '../../api/core/v1/pod/facts.ts'
import { type PodView, specOf } from '../pods/pod-view.ts'
import type { PodFailure } from '../pods/work.ts'
import { isCritical } from './critical.ts'
import type { PressureCondition } from './signals.ts'

const MEMORY_TAINT = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' } as const

/** Why the Pod is refused; `undefined` when it may run. */
export function pressureRejection(pod: PodView, conditions: readonly PressureCondition[]): PodFailure | undefined {
  if (conditions.length === 0 || isCritical(pod)) return undefined
  if (conditions.every((condition) => condition === 'MemoryPressure')) {
    if (qosClassOf(pod) !== 'BestEffort' || tolerates(specOf(pod).tolerations, MEMORY_TAINT)) return undefined
  }
  return { reason: EVICTED, message: `The node had condition: [${conditions.join(' ')}]. ` }
}
