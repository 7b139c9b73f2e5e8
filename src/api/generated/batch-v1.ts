/** The types of batch/v1, generated from tools/facts; never edited. */
import type { LabelSelector, ListMeta, ObjectMeta, Time } from '../../meta/types.ts'
import type { ConditionStatus, ObjectReference, PodConditionType, PodTemplateSpec } from './core-v1.ts'

export type CompletionMode = 'NonIndexed' | 'Indexed'

export type PodFailurePolicyAction = 'FailJob' | 'FailIndex' | 'Ignore' | 'Count'

export type PodFailurePolicyOnExitCodesOperator = 'In' | 'NotIn'

export type PodReplacementPolicy = 'TerminatingOrFailed' | 'Failed'

/** Known: `Suspended`, `Complete`, `Failed`, `FailureTarget`, `SuccessCriteriaMet`. */
export type JobConditionType = string

export type ConcurrencyPolicy = 'Allow' | 'Forbid' | 'Replace'

export interface Job {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec?: JobSpec
  status?: JobStatus
}

export interface JobList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: Job[]
}

export interface PodFailurePolicyOnExitCodesRequirement {
  containerName?: string
  operator: PodFailurePolicyOnExitCodesOperator
  values: number[]
}

export interface PodFailurePolicyOnPodConditionsPattern {
  type: PodConditionType
  status?: ConditionStatus
}

export interface PodFailurePolicyRule {
  action: PodFailurePolicyAction
  onExitCodes?: PodFailurePolicyOnExitCodesRequirement
  onPodConditions?: PodFailurePolicyOnPodConditionsPattern[]
}

export interface PodFailurePolicy {
  rules: PodFailurePolicyRule[]
}

export interface SuccessPolicy {
  rules: SuccessPolicyRule[]
}

export interface SuccessPolicyRule {
  succeededIndexes?: string
  succeededCount?: number
}

export interface JobSpec {
  parallelism?: number
  completions?: number
  activeDeadlineSeconds?: number
  podFailurePolicy?: PodFailurePolicy
  successPolicy?: SuccessPolicy
  backoffLimit?: number
  backoffLimitPerIndex?: number
  maxFailedIndexes?: number
  selector?: LabelSelector
  manualSelector?: boolean
  template: PodTemplateSpec
  ttlSecondsAfterFinished?: number
  completionMode?: CompletionMode
  suspend?: boolean
  podReplacementPolicy?: PodReplacementPolicy
  managedBy?: string
}

export interface JobStatus {
  conditions?: JobCondition[]
  startTime?: Time
  completionTime?: Time
  active?: number
  succeeded?: number
  failed?: number
  terminating?: number
  completedIndexes?: string
  failedIndexes?: string
  uncountedTerminatedPods?: UncountedTerminatedPods
  ready?: number
}

export interface UncountedTerminatedPods {
  succeeded?: string[]
  failed?: string[]
}

export interface JobCondition {
  type: JobConditionType
  status: ConditionStatus
  lastProbeTime?: Time
  lastTransitionTime?: Time
  reason?: string
  message?: string
}

export interface JobTemplateSpec {
  metadata?: ObjectMeta
  spec?: JobSpec
}

export interface CronJob {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec: CronJobSpec
  status?: CronJobStatus
}

export interface CronJobList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: CronJob[]
}

export interface CronJobSpec {
  schedule: string
  timeZone?: string
  startingDeadlineSeconds?: number
  concurrencyPolicy?: ConcurrencyPolicy
  suspend?: boolean
  jobTemplate: JobTemplateSpec
  successfulJobsHistoryLimit?: number
  failedJobsHistoryLimit?: number
}

export interface CronJobStatus {
  active?: ObjectReference[]
  lastScheduleTime?: Time
  lastSuccessfulTime?: Time
}
