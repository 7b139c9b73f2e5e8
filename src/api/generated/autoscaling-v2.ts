/** The types of autoscaling/v2, generated from tools/facts; never edited. */
import type { LabelSelector, ListMeta, ObjectMeta, Quantity, Time } from '../../meta/types.ts'
import type { ConditionStatus, ResourceName } from './core-v1.ts'

/** Known: `Max`, `Min`, `Disabled`. */
export type ScalingPolicySelect = string

/** Known: `Pods`, `Percent`. */
export type HPAScalingPolicyType = string

/** Known: `Object`, `Pods`, `Resource`, `ContainerResource`, `External`. */
export type MetricSourceType = string

/** Known: `Utilization`, `Value`, `AverageValue`. */
export type MetricTargetType = string

/** Known: `ScalingActive`, `AbleToScale`, `ScalingLimited`, `ScaledToZero`. */
export type HorizontalPodAutoscalerConditionType = string

export interface HorizontalPodAutoscaler {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec: HorizontalPodAutoscalerSpec
  status?: HorizontalPodAutoscalerStatus
}

export interface HorizontalPodAutoscalerSpec {
  scaleTargetRef: CrossVersionObjectReference
  minReplicas?: number
  maxReplicas: number
  metrics?: MetricSpec[]
  behavior?: HorizontalPodAutoscalerBehavior
}

export interface CrossVersionObjectReference {
  kind: string
  name: string
  apiVersion?: string
}

export interface MetricSpec {
  type: MetricSourceType
  object?: ObjectMetricSource
  pods?: PodsMetricSource
  resource?: ResourceMetricSource
  containerResource?: ContainerResourceMetricSource
  external?: ExternalMetricSource
}

export interface HorizontalPodAutoscalerBehavior {
  scaleUp?: HPAScalingRules
  scaleDown?: HPAScalingRules
}

export interface HPAScalingRules {
  stabilizationWindowSeconds?: number
  selectPolicy?: ScalingPolicySelect
  policies?: HPAScalingPolicy[]
  tolerance?: Quantity
}

export interface HPAScalingPolicy {
  type: HPAScalingPolicyType
  value: number
  periodSeconds: number
}

export interface ObjectMetricSource {
  describedObject: CrossVersionObjectReference
  target: MetricTarget
  metric: MetricIdentifier
}

export interface PodsMetricSource {
  metric: MetricIdentifier
  target: MetricTarget
}

export interface ResourceMetricSource {
  name: ResourceName
  target: MetricTarget
}

export interface ContainerResourceMetricSource {
  name: ResourceName
  target: MetricTarget
  container: string
}

export interface ExternalMetricSource {
  metric: MetricIdentifier
  target: MetricTarget
}

export interface MetricIdentifier {
  name: string
  selector?: LabelSelector
}

export interface MetricTarget {
  type: MetricTargetType
  value?: Quantity
  averageValue?: Quantity
  averageUtilization?: number
}

export interface HorizontalPodAutoscalerStatus {
  observedGeneration?: number
  lastScaleTime?: Time
  currentReplicas?: number
  desiredReplicas: number
  currentMetrics?: MetricStatus[]
  conditions?: HorizontalPodAutoscalerCondition[]
}

export interface HorizontalPodAutoscalerCondition {
  type: HorizontalPodAutoscalerConditionType
  status: ConditionStatus
  lastTransitionTime?: Time
  reason?: string
  message?: string
}

export interface MetricStatus {
  type: MetricSourceType
  object?: ObjectMetricStatus
  pods?: PodsMetricStatus
  resource?: ResourceMetricStatus
  containerResource?: ContainerResourceMetricStatus
  external?: ExternalMetricStatus
}

export interface ObjectMetricStatus {
  metric: MetricIdentifier
  current: MetricValueStatus
  describedObject: CrossVersionObjectReference
}

export interface PodsMetricStatus {
  metric: MetricIdentifier
  current: MetricValueStatus
}

export interface ResourceMetricStatus {
  name: ResourceName
  current: MetricValueStatus
}

export interface ContainerResourceMetricStatus {
  name: ResourceName
  current: MetricValueStatus
  container: string
}

export interface ExternalMetricStatus {
  metric: MetricIdentifier
  current: MetricValueStatus
}

export interface MetricValueStatus {
  value?: Quantity
  averageValue?: Quantity
  averageUtilization?: number
}

export interface HorizontalPodAutoscalerList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: HorizontalPodAutoscaler[]
}
