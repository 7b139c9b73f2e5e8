/** The types of flowcontrol.apiserver.k8s.io/v1, generated from tools/facts; never edited. */
import type { ListMeta, ObjectMeta, Time } from '../../meta/types.ts'

/** Known: `ByUser`, `ByNamespace`. */
export type FlowDistinguisherMethodType = string

/** Known: `User`, `Group`, `ServiceAccount`. */
export type SubjectKind = string

export type FlowSchemaConditionType = string

/** Known: `Exempt`, `Limited`. */
export type PriorityLevelEnablement = string

/** Known: `Queue`, `Reject`. */
export type LimitResponseType = string

export type PriorityLevelConfigurationConditionType = string

/** Known: `True`, `False`, `Unknown`. */
export type ConditionStatus = string

export interface FlowSchema {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec?: FlowSchemaSpec
  status?: FlowSchemaStatus
}

export interface FlowSchemaList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: FlowSchema[]
}

export interface FlowSchemaSpec {
  priorityLevelConfiguration: PriorityLevelConfigurationReference
  matchingPrecedence?: number
  distinguisherMethod?: FlowDistinguisherMethod
  rules?: PolicyRulesWithSubjects[]
}

export interface FlowDistinguisherMethod {
  type: FlowDistinguisherMethodType
}

export interface PriorityLevelConfigurationReference {
  name: string
}

export interface PolicyRulesWithSubjects {
  subjects: Subject[]
  resourceRules?: ResourcePolicyRule[]
  nonResourceRules?: NonResourcePolicyRule[]
}

export interface Subject {
  kind: SubjectKind
  user?: UserSubject
  group?: GroupSubject
  serviceAccount?: ServiceAccountSubject
}

export interface UserSubject {
  name: string
}

export interface GroupSubject {
  name: string
}

export interface ServiceAccountSubject {
  namespace: string
  name: string
}

export interface ResourcePolicyRule {
  verbs: string[]
  apiGroups: string[]
  resources: string[]
  clusterScope?: boolean
  namespaces?: string[]
}

export interface NonResourcePolicyRule {
  verbs: string[]
  nonResourceURLs: string[]
}

export interface FlowSchemaStatus {
  conditions?: FlowSchemaCondition[]
}

export interface FlowSchemaCondition {
  type?: FlowSchemaConditionType
  status?: ConditionStatus
  lastTransitionTime?: Time
  reason?: string
  message?: string
}

export interface PriorityLevelConfiguration {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec?: PriorityLevelConfigurationSpec
  status?: PriorityLevelConfigurationStatus
}

export interface PriorityLevelConfigurationList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: PriorityLevelConfiguration[]
}

export interface PriorityLevelConfigurationSpec {
  type: PriorityLevelEnablement
  limited?: LimitedPriorityLevelConfiguration
  exempt?: ExemptPriorityLevelConfiguration
}

export interface LimitedPriorityLevelConfiguration {
  nominalConcurrencyShares?: number
  limitResponse?: LimitResponse
  lendablePercent?: number
  borrowingLimitPercent?: number
}

export interface ExemptPriorityLevelConfiguration {
  nominalConcurrencyShares?: number
  lendablePercent?: number
}

export interface LimitResponse {
  type: LimitResponseType
  queuing?: QueuingConfiguration
}

export interface QueuingConfiguration {
  queues?: number
  handSize?: number
  queueLengthLimit?: number
}

export interface PriorityLevelConfigurationStatus {
  conditions?: PriorityLevelConfigurationCondition[]
}

export interface PriorityLevelConfigurationCondition {
  type?: PriorityLevelConfigurationConditionType
  status?: ConditionStatus
  lastTransitionTime?: Time
  reason?: string
  message?: string
}
