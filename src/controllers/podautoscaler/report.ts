/** What one look at an autoscaler tells: its conditions, metrics and counts (https://kubernetes.io/docs/reference/kubernetes-api/autoscaling/horizontal-pod-autoscaler-v2/). */

import type {
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerStatus,
  MetricStatus,
} from '../../api/generated/autoscaling-v2.ts'
import { setCondition } from '../../meta/conditions.ts'
import { type DeepReadonly, draftOf } from '../../meta/deep-readonly.ts'
import type { ReadAutoscaler } from './measure.ts'

/** Gathers what is found during one look. */
export class Report {
  readonly #now: string
  conditions: readonly HorizontalPodAutoscalerCondition[]
  /** Absent where the scale could not be looked at: then what was known stays. */
  metrics: readonly MetricStatus[] | undefined

  constructor(autoscaler: ReadAutoscaler, now: string) {
    this.#now = now
    this.conditions = (autoscaler.status?.conditions ?? []).map((condition) => ({ ...condition }))
  }

  say(type: string, status: 'True' | 'False', reason: string, message: string): void {
    this.conditions = setCondition(this.conditions, { type, status, reason, message }, this.#now)
  }
}

/** How a look ended: what the scale counts, what is wanted; what is absent is not known and stays as it was. */
export interface Counts {
  readonly current?: number
  readonly desired?: number
  /** When the scale was changed. */
  readonly scaledAt?: string
}

/** The status that follows from a look. Pure. */
export function statusAfter(
  { status: before, metadata }: ReadAutoscaler,
  report: { readonly conditions: Report['conditions']; readonly metrics: DeepReadonly<Report['metrics']> },
  counts: Counts,
): HorizontalPodAutoscalerStatus {
  const lastScaleTime = counts.scaledAt ?? before?.lastScaleTime
  const currentMetrics = report.metrics ?? before?.currentMetrics
  const currentReplicas = counts.current ?? before?.currentReplicas ?? 0
  return {
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
    ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
    ...(currentReplicas === 0 ? {} : { currentReplicas }),
    desiredReplicas: counts.desired ?? before?.desiredReplicas ?? 0,
    ...(currentMetrics === undefined ? {} : { currentMetrics: draftOf<MetricStatus[]>(currentMetrics) }),
    conditions: [...report.conditions],
  }
}
