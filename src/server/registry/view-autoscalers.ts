/**
 * HorizontalPodAutoscalers of autoscaling/v1 as views of v2: the CPU target is a field, everything else that v1 has no
 * field for is kept in annotations
 * (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#api-object).
 */

import type { HorizontalPodAutoscaler as V1 } from '../../api/generated/autoscaling-v1.ts'
import type { HorizontalPodAutoscaler as V2, MetricSpec, MetricStatus } from '../../api/generated/autoscaling-v2.ts'
import type { KubeObject } from '../../meta/types.ts'
import { behaviorText, readBehavior } from './view-autoscaler-behavior.ts'
import { readCurrent, readJson, readMetrics, writeCurrent, writeMetrics } from './view-autoscaler-metrics.ts'
import type { StoredView } from './stored-views.ts'

const METRICS = 'autoscaling.alpha.kubernetes.io/metrics'
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior'
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions'
const CURRENT = 'autoscaling.alpha.kubernetes.io/current-metrics'

/** Annotations in which the old version has what it has no fields for. */
export const AUTOSCALER_FIELDS: ReadonlySet<string> = new Set([METRICS, BEHAVIOR, CONDITIONS, CURRENT])

export const autoscalersView: StoredView = {
  group: 'autoscaling',
  version: 'v2',
  resource: 'horizontalpodautoscalers',
  toStored: (object) => toV2(object as V1),
  fromStored: (object) => toV1(object as V2),
  setDefaults: (object) => defaultV1(object as V1),
}

const DEFAULT_CPU = 80

/** Whoever asks for nothing asks for the CPU. */
function defaultV1({ metadata, spec }: V1): void {
  if (spec === undefined) return
  spec.minReplicas ??= 1
  if ((readMetrics(metadata.annotations?.[METRICS]) ?? []).length === 0)
    spec.targetCPUUtilizationPercentage ??= DEFAULT_CPU
}

const cpuTarget = (averageUtilization: number) => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
})
const isCpuTarget = (metric: MetricSpec) =>
  metric.type === 'Resource' &&
  metric.resource?.name === 'cpu' &&
  metric.resource.target.averageUtilization !== undefined
const isCpuStatus = (metric: MetricStatus) => metric.type === 'Resource' && metric.resource?.name === 'cpu'

function toV1(object: V2): KubeObject {
  const { metrics = [], behavior, ...spec } = object.spec ?? {}
  const { currentMetrics = [], conditions = [], ...status } = object.status ?? {}
  const target = metrics.find(isCpuTarget)?.resource?.target.averageUtilization
  const current = currentMetrics?.find(isCpuStatus)?.resource?.current.averageUtilization
  const others = metrics.filter((metric) => !isCpuTarget(metric))
  const kept: Record<string, string> = {
    ...object.metadata?.annotations,
    ...(others.length === 0 ? {} : { [METRICS]: writeMetrics(others) }),
    ...(behavior === undefined ? {} : { [BEHAVIOR]: behaviorText(behavior) }),
    ...(conditions.length === 0 ? {} : { [CONDITIONS]: JSON.stringify(conditions) }),
    ...((currentMetrics ?? []).length === 0 ? {} : { [CURRENT]: writeCurrent(currentMetrics) }),
  }
  return {
    ...object,
    apiVersion: 'autoscaling/v1',
    metadata: { ...object.metadata, ...(Object.keys(kept).length === 0 ? {} : { annotations: kept }) },
    spec: { ...spec, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) },
    status: {
      currentReplicas: 0,
      ...status,
      ...(current === undefined ? {} : { currentCPUUtilizationPercentage: current }),
    },
  } as KubeObject
}

function toV2(object: V1): KubeObject {
  const { targetCPUUtilizationPercentage: target, ...spec } = object.spec ?? {}
  const { currentCPUUtilizationPercentage: current, ...status } = object.status ?? {}
  const annotations = object.metadata?.annotations ?? {}
  const asked = [...(readMetrics(annotations[METRICS]) ?? []), ...(target === undefined ? [] : [cpuTarget(target)])]
  // Whoever asks for nothing asks for the CPU.
  const metrics = asked.length === 0 ? [cpuTarget(DEFAULT_CPU)] : asked
  const behavior = readBehavior(annotations[BEHAVIOR])
  const conditions = conditionsIn(annotations[CONDITIONS])
  const currentMetrics = readCurrent(annotations[CURRENT]) ?? currentCpu(current)
  const left = Object.entries(annotations).filter(([name]) => !AUTOSCALER_FIELDS.has(name))
  const { annotations: __, ...metadata } = object.metadata ?? {}
  return {
    ...object,
    apiVersion: 'autoscaling/v2',
    metadata: { ...metadata, ...(left.length === 0 ? {} : { annotations: Object.fromEntries(left) }) },
    spec: { ...spec, metrics, ...(behavior === undefined ? {} : { behavior }) },
    status: {
      ...status,
      ...(conditions === undefined ? {} : { conditions }),
      ...(currentMetrics === undefined ? {} : { currentMetrics }),
    },
  } as KubeObject
}

function currentCpu(averageUtilization: number | undefined): object[] | undefined {
  if (averageUtilization === undefined) return undefined
  return [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization } } }]
}

function conditionsIn(text: string | undefined): unknown[] | undefined {
  const value = readJson(text)
  return Array.isArray(value) ? (value as unknown[]) : undefined
}
