/** The types of autoscaling/v1, generated from tools/facts; never edited. */
import type { LabelSelector, ListMeta, ObjectMeta, Quantity, Time } from '../../meta/types.ts'
import type { ConditionStatus, ResourceName } from './core-v1.ts'

export type MetricSourceType = 'Object' | 'Pods' | 'Resource' | 'ContainerResource' | 'External'

/** Known: `ScalingActive`, `AbleToScale`, `ScalingLimited`, `ScaledToZero`. */
export type HorizontalPodAutoscalerConditionType = string

export interface CrossVersionObjectReference {
  kind: string
  name: string
  apiVersion?: string
}

export interface HorizontalPodAutoscalerSpec {
  scaleTargetRef: CrossVersionObjectReference
  minReplicas?: number
  maxReplicas: number
  targetCPUUtilizationPercentage?: number
}

export interface HorizontalPodAutoscalerStatus {
  observedGeneration?: number
  lastScaleTime?: Time
  currentReplicas: number
  desiredReplicas: number
  currentCPUUtilizationPercentage?: number
}

export interface HorizontalPodAutoscaler {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec: HorizontalPodAutoscalerSpec
  status?: HorizontalPodAutoscalerStatus
}

export interface HorizontalPodAutoscalerList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: HorizontalPodAutoscaler[]
}

export interface Scale {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec?: ScaleSpec
  status?: ScaleStatus
}

export interface ScaleSpec {
  replicas?: number
}

export interface ScaleStatus {
  replicas: number
  selector?: string
}

export interface MetricSpec {
  type: MetricSourceType
  object?: ObjectMetricSource
  pods?: PodsMetricSource
  resource?: ResourceMetricSource
  containerResource?: ContainerResourceMetricSource
  external?: ExternalMetricSource
}

export interface ObjectMetricSource {
  target: CrossVersionObjectReference
  metricName: string
  targetValue: Quantity
  selector?: LabelSelector
  averageValue?: Quantity
}

export interface PodsMetricSource {
  metricName: string
  targetAverageValue: Quantity
  selector?: LabelSelector
}

export interface ResourceMetricSource {
  name: ResourceName
  targetAverageUtilization?: number
  targetAverageValue?: Quantity
}

export interface ContainerResourceMetricSource {
  name: ResourceName
  targetAverageUtilization?: number
  targetAverageValue?: Quantity
  container: string
}

export interface ExternalMetricSource {
  metricName: string
  metricSelector?: LabelSelector
  targetValue?: Quantity
  targetAverageValue?: Quantity
}

export interface MetricStatus {
  type: MetricSourceType
  object?: ObjectMetricStatus
  pods?: PodsMetricStatus
  resource?: ResourceMetricStatus
  containerResource?: ContainerResourceMetricStatus
  external?: ExternalMetricStatus
}

export interface HorizontalPodAutoscalerCondition {
  type: HorizontalPodAutoscalerConditionType
  status: ConditionStatus
  lastTransitionTime?: Time
  reason?: string
  message?: string
}

export interface ObjectMetricStatus {
  target: CrossVersionObjectReference
  metricName: string
  currentValue: Quantity
  selector?: LabelSelector
  averageValue?: Quantity
}

export interface PodsMetricStatus {
  metricName: string
  currentAverageValue: Quantity
  selector?: LabelSelector
}

export interface ResourceMetricStatus {
  name: ResourceName
  currentAverageUtilization?: number
  currentAverageValue: Quantity
}

export interface ContainerResourceMetricStatus {
  name: ResourceName
  currentAverageUtilization?: number
  currentAverageValue: Quantity
  container: string
}

export interface ExternalMetricStatus {
  metricName: string
  metricSelector?: LabelSelector
  currentValue: Quantity
  currentAverageValue?: Quantity
}
