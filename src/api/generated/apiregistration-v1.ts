/** The types of apiregistration.k8s.io/v1, generated from tools/facts; never edited. */
import type { ListMeta, ObjectMeta, Time } from '../../meta/types.ts'

/** Known: `True`, `False`, `Unknown`. */
export type ConditionStatus = string

/** Known: `Available`. */
export type APIServiceConditionType = string

export interface APIServiceList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: APIService[]
}

export interface ServiceReference {
  namespace?: string
  name?: string
  port?: number
}

export interface APIServiceSpec {
  service?: ServiceReference
  group?: string
  version?: string
  insecureSkipTLSVerify?: boolean
  caBundle?: string
  groupPriorityMinimum: number
  versionPriority: number
}

export interface APIServiceCondition {
  type: APIServiceConditionType
  status: ConditionStatus
  lastTransitionTime?: Time
  reason?: string
  message?: string
}

export interface APIServiceStatus {
  conditions?: APIServiceCondition[]
}

export interface APIService {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec?: APIServiceSpec
  status?: APIServiceStatus
}
