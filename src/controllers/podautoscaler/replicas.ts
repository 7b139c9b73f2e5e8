/**
 * How many replicas a metric asks for, and what is made of Pods that are not ready or not measured
 * (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details). Pure.
 */

import { podCondition } from '../../api/core/v1/pod/facts.ts'
import { fromTime } from '../../base/clock.ts'
import type { ReadPod } from '../kit/pods.ts'
import { isDeleting, nameOf } from '../kit/ownership.ts'

/** CPU of a Pod younger than this counts only once it is ready. */
const CPU_INITIALIZATION_MS = 5 * 60_000
/** A Pod that has not become ready until so long after its start never was. */
const INITIAL_READINESS_MS = 30_000

/** What one Pod uses, in thousandths. */
export interface PodMetric {
  readonly value: number
  readonly atMs: number
  readonly windowMs: number
}

export type PodMetrics = ReadonlyMap<string, PodMetric>

/** How far from 1 a ratio may be without anything being done. */
export interface Tolerances {
  readonly up: number
  readonly down: number
}

export const isWithin = ({ up, down }: Tolerances, ratio: number): boolean => 1 - down <= ratio && ratio <= 1 + up

export interface PodGroups {
  readonly ready: number
  readonly unready: readonly string[]
  readonly missing: readonly string[]
  readonly ignored: readonly string[]
}

/** Which Pods count, and how. */
function groupPods(pods: readonly ReadPod[], metrics: PodMetrics, isCpu: boolean, nowMs: number): PodGroups {
  let ready = 0
  const unready: string[] = []
  const missing: string[] = []
  const ignored: string[] = []
  for (const pod of pods) {
    const name = nameOf(pod)
    const metric = metrics.get(name)
    if (isDeleting(pod) || pod.status?.phase === 'Failed') ignored.push(name)
    else if (pod.status?.phase === 'Pending') unready.push(name)
    else if (metric === undefined) missing.push(name)
    else if (isCpu && isCpuUnready(pod, metric, nowMs)) unready.push(name)
    else ready++
  }
  return { ready, unready, missing, ignored }
}

function isCpuUnready(pod: ReadPod, metric: PodMetric, nowMs: number): boolean {
  const condition = podCondition(pod, 'Ready')
  const started = fromTime(pod.status?.startTime)
  if (condition === undefined || started === undefined) return true
  const since = fromTime(condition.lastTransitionTime) ?? 0
  if (started + CPU_INITIALIZATION_MS > nowMs) {
    return condition.status === 'False' || metric.atMs < since + metric.windowMs
  }
  return condition.status === 'False' && started + INITIAL_READINESS_MS > since
}

/** What a metric says: how many, and the figures it says it by. */
export interface Proposal {
  readonly replicas: number
  /** Percent of what is requested; absent for plain values. */
  readonly utilization?: number
  /** Of one Pod, in thousandths. */
  readonly average: number
}

export interface Measured {
  readonly current: number
  readonly pods: readonly ReadPod[]
  readonly metrics: PodMetrics
  readonly isCpu: boolean
  readonly tolerances: Tolerances
  readonly nowMs: number
}

/** A target in percent of what Pods request. `requests` are by Pod, in thousandths. */
export function utilizationProposal(
  measured: Measured,
  target: number,
  requests: ReadonlyMap<string, number>,
): Proposal {
  const ratioOf = (metrics: ReadonlyMap<string, number>): Ratio => {
    let used = 0
    let requested = 0
    for (const [pod, value] of metrics) {
      const request = requests.get(pod)
      if (request === undefined) continue
      used += value
      requested += request
    }
    if (requested === 0) throw new Error('no metrics returned matched known pods')
    const utilization = Math.trunc((used * 100) / requested)
    return { ratio: utilization / target, utilization, average: Math.trunc(used / metrics.size) }
  }
  const whole = Math.max(100, target) / 100
  return propose(measured, ratioOf, (pod) => (requests.get(pod) ?? 0) * whole)
}

/** A target in units of the metric, in thousandths, for the average Pod. */
export function averageProposal(measured: Measured, target: number): Proposal {
  const ratioOf = (metrics: ReadonlyMap<string, number>): Ratio => {
    const average = Math.trunc([...metrics.values()].reduce((sum, value) => sum + value, 0) / metrics.size)
    return { ratio: average / target, average }
  }
  return propose(measured, ratioOf, () => target)
}

interface Ratio {
  readonly ratio: number
  readonly utilization?: number
  readonly average: number
}

/**
 * Pods without a figure are taken to use nothing where more are wanted, and all they may where fewer are: whatever is
 * not known never makes a change larger.
 */
function propose(
  measured: Measured,
  ratioOf: (metrics: ReadonlyMap<string, number>) => Ratio,
  fallback: (pod: string) => number,
): Proposal {
  const { current, pods, metrics, isCpu, tolerances, nowMs } = measured
  if (pods.length === 0) throw new Error('no pods returned by selector while calculating replica count')
  const { ready, unready, missing, ignored } = groupPods(pods, metrics, isCpu, nowMs)
  const left = new Set([...ignored, ...unready])
  const values = new Map([...metrics].filter(([pod]) => !left.has(pod)).map(([pod, { value }]) => [pod, value]))
  if (values.size === 0) throw new Error('did not receive metrics for targeted pods (pods might be unready)')
  const { ratio, ...figures } = ratioOf(values)
  const answer = (replicas: number): Proposal => ({ replicas, ...figures })
  const isRising = ratio > 1
  if (missing.length === 0 && !(isRising && unready.length > 0)) {
    return answer(isWithin(tolerances, ratio) ? current : Math.ceil(ratio * ready))
  }
  for (const pod of missing) {
    if (ratio < 1) values.set(pod, fallback(pod))
    else if (isRising) values.set(pod, 0)
  }
  if (isRising) for (const pod of unready) values.set(pod, 0)
  const { ratio: careful } = ratioOf(values)
  const hasTurned = (ratio < 1 && careful > 1) || (isRising && careful < 1)
  if (isWithin(tolerances, careful) || hasTurned) return answer(current)
  const replicas = Math.ceil(careful * values.size)
  const isAgainst = (careful < 1 && replicas > current) || (careful > 1 && replicas < current)
  return answer(isAgainst ? current : replicas)
}

/** One figure for all Pods together, against a target for all of them; both in thousandths. */
export function valueProposal(
  { current, ready, tolerances }: { readonly current: number; readonly ready: number; readonly tolerances: Tolerances },
  value: number,
  target: number,
): number {
  const ratio = value / target
  if (current === 0) return Math.ceil(ratio)
  return isWithin(tolerances, ratio) ? current : Math.ceil(ratio * ready)
}

/** One figure for all Pods together, against a target for each of them; both in thousandths. */
export function sharedProposal(
  { current, tolerances }: { readonly current: number; readonly tolerances: Tolerances },
  value: number,
  target: number,
): number {
  const ratio = current === 0 ? Number.POSITIVE_INFINITY : value / (target * current)
  return isWithin(tolerances, ratio) ? current : Math.ceil(value / target)
}
