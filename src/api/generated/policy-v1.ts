/** The types of policy/v1, generated from tools/facts; never edited. */
import type { Condition, DeleteOptions, IntOrString, LabelSelector, ListMeta, ObjectMeta, Time } from '../../meta/types.ts'

export type UnhealthyPodEvictionPolicyType = 'IfHealthyBudget' | 'AlwaysAllow'

export interface PodDisruptionBudgetSpec {
  minAvailable?: IntOrString
  selector?: LabelSelector
  maxUnavailable?: IntOrString
  unhealthyPodEvictionPolicy?: UnhealthyPodEvictionPolicyType
}

export interface PodDisruptionBudgetStatus {
  observedGeneration?: number
  disruptedPods?: Record<string, Time>
  disruptionsAllowed?: number
  currentHealthy?: number
  desiredHealthy?: number
  expectedPods?: number
  conditions?: Condition[]
}

export interface PodDisruptionBudget {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec?: PodDisruptionBudgetSpec
  status?: PodDisruptionBudgetStatus
}

export interface PodDisruptionBudgetList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: PodDisruptionBudget[]
}

export interface Eviction {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  deleteOptions?: DeleteOptions
}
