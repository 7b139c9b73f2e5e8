/** The types of apps/v1, generated from tools/facts; never edited. */
import type { IntOrString, LabelSelector, ListMeta, ObjectMeta, Time } from '../../meta/types.ts'
import type { ConditionStatus, PersistentVolumeClaim, PodTemplateSpec } from './core-v1.ts'

export type PodManagementPolicyType = 'OrderedReady' | 'Parallel'

export type StatefulSetUpdateStrategyType = 'RollingUpdate' | 'OnDelete'

/** Known: `Retain`, `Delete`. */
export type PersistentVolumeClaimRetentionPolicyType = string

export type StatefulSetConditionType = string

export type DeploymentStrategyType = 'Recreate' | 'RollingUpdate'

/** Known: `Available`, `Progressing`, `ReplicaFailure`. */
export type DeploymentConditionType = string

export type DaemonSetUpdateStrategyType = 'RollingUpdate' | 'OnDelete'

export type DaemonSetConditionType = string

/** Known: `ReplicaFailure`. */
export type ReplicaSetConditionType = string

export interface StatefulSet {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec?: StatefulSetSpec
  status?: StatefulSetStatus
}

export interface StatefulSetUpdateStrategy {
  type?: StatefulSetUpdateStrategyType
  rollingUpdate?: RollingUpdateStatefulSetStrategy
}

export interface RollingUpdateStatefulSetStrategy {
  partition?: number
  maxUnavailable?: IntOrString
}

export interface StatefulSetPersistentVolumeClaimRetentionPolicy {
  whenDeleted?: PersistentVolumeClaimRetentionPolicyType
  whenScaled?: PersistentVolumeClaimRetentionPolicyType
}

export interface StatefulSetOrdinals {
  start?: number
}

export interface StatefulSetSpec {
  replicas?: number
  selector: LabelSelector
  template: PodTemplateSpec
  volumeClaimTemplates?: PersistentVolumeClaim[]
  serviceName?: string
  podManagementPolicy?: PodManagementPolicyType
  updateStrategy?: StatefulSetUpdateStrategy
  revisionHistoryLimit?: number
  minReadySeconds?: number
  persistentVolumeClaimRetentionPolicy?: StatefulSetPersistentVolumeClaimRetentionPolicy
  ordinals?: StatefulSetOrdinals
}

export interface StatefulSetStatus {
  observedGeneration?: number
  replicas: number
  readyReplicas?: number
  currentReplicas?: number
  updatedReplicas?: number
  currentRevision?: string
  updateRevision?: string
  collisionCount?: number
  conditions?: StatefulSetCondition[]
  availableReplicas?: number
}

export interface StatefulSetCondition {
  type: StatefulSetConditionType
  status: ConditionStatus
  lastTransitionTime?: Time
  reason?: string
  message?: string
}

export interface StatefulSetList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: StatefulSet[]
}

export interface Deployment {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec?: DeploymentSpec
  status?: DeploymentStatus
}

export interface DeploymentSpec {
  replicas?: number
  selector: LabelSelector
  template: PodTemplateSpec
  strategy?: DeploymentStrategy
  minReadySeconds?: number
  revisionHistoryLimit?: number
  paused?: boolean
  progressDeadlineSeconds?: number
}

export interface DeploymentStrategy {
  type?: DeploymentStrategyType
  rollingUpdate?: RollingUpdateDeployment
}

export interface RollingUpdateDeployment {
  maxUnavailable?: IntOrString
  maxSurge?: IntOrString
}

export interface DeploymentStatus {
  observedGeneration?: number
  replicas?: number
  updatedReplicas?: number
  readyReplicas?: number
  availableReplicas?: number
  unavailableReplicas?: number
  conditions?: DeploymentCondition[]
  collisionCount?: number
  terminatingReplicas?: number
}

export interface DeploymentCondition {
  type: DeploymentConditionType
  status: ConditionStatus
  lastUpdateTime?: Time
  lastTransitionTime?: Time
  reason?: string
  message?: string
}

export interface DeploymentList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: Deployment[]
}

export interface DaemonSetUpdateStrategy {
  type?: DaemonSetUpdateStrategyType
  rollingUpdate?: RollingUpdateDaemonSet
}

export interface RollingUpdateDaemonSet {
  maxUnavailable?: IntOrString
  maxSurge?: IntOrString
}

export interface DaemonSetSpec {
  selector: LabelSelector
  template: PodTemplateSpec
  updateStrategy?: DaemonSetUpdateStrategy
  minReadySeconds?: number
  revisionHistoryLimit?: number
}

export interface DaemonSetStatus {
  currentNumberScheduled: number
  numberMisscheduled: number
  desiredNumberScheduled: number
  numberReady: number
  observedGeneration?: number
  updatedNumberScheduled?: number
  numberAvailable?: number
  numberUnavailable?: number
  collisionCount?: number
  conditions?: DaemonSetCondition[]
}

export interface DaemonSetCondition {
  type: DaemonSetConditionType
  status: ConditionStatus
  lastTransitionTime?: Time
  reason?: string
  message?: string
}

export interface DaemonSet {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec?: DaemonSetSpec
  status?: DaemonSetStatus
}

export interface DaemonSetList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: DaemonSet[]
}

export interface ReplicaSet {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec?: ReplicaSetSpec
  status?: ReplicaSetStatus
}

export interface ReplicaSetList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: ReplicaSet[]
}

export interface ReplicaSetSpec {
  replicas?: number
  minReadySeconds?: number
  selector: LabelSelector
  template?: PodTemplateSpec
}

export interface ReplicaSetStatus {
  replicas: number
  fullyLabeledReplicas?: number
  readyReplicas?: number
  availableReplicas?: number
  observedGeneration?: number
  conditions?: ReplicaSetCondition[]
  terminatingReplicas?: number
}

export interface ReplicaSetCondition {
  type: ReplicaSetConditionType
  status: ConditionStatus
  lastTransitionTime?: Time
  reason?: string
  message?: string
}

export interface ControllerRevision {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  data?: unknown
  revision: number
}

export interface ControllerRevisionList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: ControllerRevision[]
}
