/**
 * What a node's signals mean at this moment: which conditions it has, and for which thresholds something has to go
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/). Pure.
 */

import { meaningOf, type Observations, type PressureCondition } from './signals.ts'
import { crossed, type Threshold } from './thresholds.ts'

/** What is remembered from one look to the next. */
export interface Pressure {
  /** Since when each threshold has been crossed without a break. */
  readonly crossedSince: ReadonlyMap<Threshold, number>
  /** When each condition last had a reason. */
  readonly seenAt: ReadonlyMap<PressureCondition, number>
  /** The conditions that the node has, those included whose reason went away lately. */
  readonly conditions: readonly PressureCondition[]
  /** The thresholds for which something has to go now, the most urgent first. */
  readonly due: readonly Threshold[]
}

export const NO_PRESSURE: Pressure = { crossedSince: new Map(), seenAt: new Map(), conditions: [], due: [] }

export interface Look {
  readonly thresholds: readonly Threshold[]
  readonly observations: Observations
  readonly now: number
  /** How long a condition stays after its reason went away. */
  readonly transitionMs: number
}

export function nextPressure(last: Pressure, { thresholds, observations, now, transitionMs }: Look): Pressure {
  // A threshold that was acted on stays crossed until its minimum was won back.
  const open = new Set([...crossed(thresholds, observations, false), ...crossed(last.due, observations, true)])
  const all = thresholds.filter((threshold) => open.has(threshold))
  const crossedSince = new Map(all.map((threshold) => [threshold, last.crossedSince.get(threshold) ?? now]))
  const seenAt = new Map(last.seenAt)
  for (const { signal } of all) seenAt.set(meaningOf(signal).condition, now)
  const hasReason = new Set(all.map(({ signal }) => meaningOf(signal).condition))
  const conditions = [...seenAt]
    .filter(([condition, at]) => hasReason.has(condition) || now - at < transitionMs)
    .map(([condition]) => condition)
  const due = all.filter((threshold) => now - (crossedSince.get(threshold) ?? now) >= threshold.graceMs)
  return { crossedSince, seenAt, conditions, due: due.toSorted(byUrgency) }
}

const isMemory = ({ signal }: Threshold) => meaningOf(signal).resource === 'memory'

/** Memory first: without it the kernel chooses who goes. */
const byUrgency = (a: Threshold, b: Threshold) => Number(isMemory(b)) - Number(isMemory(a))
