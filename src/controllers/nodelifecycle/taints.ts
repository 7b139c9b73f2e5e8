/** The taints that follow from a node's conditions (https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions). Pure. */

import type { Taint } from '../../api/generated/core-v1.ts'
import { toTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { nodeCondition, type ReadNode, readiness } from './conditions.ts'

export type ReadTaint = DeepReadonly<Taint>

export const NOT_READY = 'node.kubernetes.io/not-ready'
export const UNREACHABLE = 'node.kubernetes.io/unreachable'
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable'

const PRESSURES: readonly (readonly [condition: string, taint: string])[] = [
  ['MemoryPressure', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'node.kubernetes.io/disk-pressure'],
  ['NetworkUnavailable', 'node.kubernetes.io/network-unavailable'],
  ['PIDPressure', 'node.kubernetes.io/pid-pressure'],
]

const MANAGED = new Set([NOT_READY, UNREACHABLE, UNSCHEDULABLE, ...PRESSURES.map(([, taint]) => taint)])

/** The taint key of a node that is not ready; undefined for one that is. */
export function outageTaint(node: ReadNode): string | undefined {
  const ready = readiness(node)
  return ready === 'True' ? undefined : ready === 'False' ? NOT_READY : UNREACHABLE
}

/** Keys of the NoSchedule taints the node should have. */
function noScheduleKeys(node: ReadNode): readonly string[] {
  const outage = nodeCondition(node, 'Ready') === undefined ? undefined : outageTaint(node)
  return [
    ...(node.spec?.unschedulable === true ? [UNSCHEDULABLE] : []),
    ...(outage === undefined ? [] : [outage]),
    ...PRESSURES.filter(([condition]) => nodeCondition(node, condition)?.status === 'True').map(([, taint]) => taint),
  ]
}

/** All taints the node should have. Those of others stay; our own that stay keep the time they were added. */
export function wantedTaints(node: ReadNode, mayEvict: boolean, now: number): readonly ReadTaint[] {
  const before = node.spec?.taints ?? []
  const others = before.filter(({ key, effect }) => !MANAGED.has(key) || !isManagedEffect(key, effect))
  const outage = mayEvict ? outageTaint(node) : undefined
  const wanted: readonly ReadTaint[] = [
    ...noScheduleKeys(node).map((key): ReadTaint => ({ key, effect: 'NoSchedule' })),
    ...(outage === undefined ? [] : [{ key: outage, effect: 'NoExecute' } as const]),
  ]
  const own = wanted.map(
    (taint) =>
      before.find(({ key, effect }) => key === taint.key && effect === taint.effect) ?? {
        ...taint,
        timeAdded: toTime(now),
      },
  )
  return [...others, ...own]
}

const isManagedEffect = (key: string, effect: string) =>
  effect === 'NoSchedule' || (effect === 'NoExecute' && (key === NOT_READY || key === UNREACHABLE))
