/**
 * How fast to scale, as autoscaling/v1 keeps it in an annotation: with the names that Kubernetes's own program has for
 * the fields, each of them there.
 */

import type { HorizontalPodAutoscalerBehavior, HPAScalingRules } from '../../api/generated/autoscaling-v2.ts'
import { readJson } from './view-autoscaler-metrics.ts'

/** The behaviour as the annotation has it. */
export function behaviorText({ scaleUp, scaleDown }: HorizontalPodAutoscalerBehavior): string {
  return JSON.stringify({ ScaleUp: rulesOf(scaleUp), ScaleDown: rulesOf(scaleDown) })
}

function rulesOf(rules: HPAScalingRules | undefined): object | null {
  if (rules === undefined) return null
  const { stabilizationWindowSeconds = null, selectPolicy = null, policies, tolerance = null } = rules
  return {
    StabilizationWindowSeconds: stabilizationWindowSeconds,
    SelectPolicy: selectPolicy,
    Policies:
      policies?.map(({ type, value, periodSeconds }) => ({ Type: type, Value: value, PeriodSeconds: periodSeconds })) ??
      null,
    Tolerance: tolerance,
  }
}

/** What an annotation says of the behaviour; names may be written with a small letter, too. */
export function readBehavior(text: string | undefined): object | undefined {
  const value = withSmallLetters(readJson(text))
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
    ? value
    : undefined
}

function withSmallLetters(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSmallLetters)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value)
    .filter(([, field]) => field !== null)
    .map(([name, field]): [string, unknown] => [name.charAt(0).toLowerCase() + name.slice(1), withSmallLetters(field)])
  return Object.fromEntries(fields)
}
