/**
 * The types that every object shares, field for field as the wire has them
 * (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/).
 */

/** RFC 3339 in UTC with whole seconds, e.g. `2026-01-02T03:04:05Z`. */
export type Time = string
/** RFC 3339 in UTC with six decimals, e.g. `2026-01-02T03:04:05.000006Z`. */
export type MicroTime = string
/** A Go duration as text, e.g. `1m30s`. */
export type Duration = string
/** A quantity as text, e.g. `500m` or `1Gi`; see `quantity.ts`. */
export type Quantity = string
export type IntOrString = number | string

export interface TypeMeta {
  apiVersion: string
  kind: string
}

export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

export interface ManagedFieldsEntry {
  manager?: string
  operation?: 'Apply' | 'Update'
  apiVersion?: string
  time?: Time
  fieldsType?: string
  fieldsV1?: unknown
  subresource?: string
}

export interface ObjectMeta {
  name?: string
  generateName?: string
  namespace?: string
  selfLink?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: Time
  deletionTimestamp?: Time
  deletionGracePeriodSeconds?: number
  labels?: Record<string, string>
  annotations?: Record<string, string>
  ownerReferences?: OwnerReference[]
  finalizers?: string[]
  managedFields?: ManagedFieldsEntry[]
}

export interface ListMeta {
  selfLink?: string
  resourceVersion?: string
  continue?: string
  remainingItemCount?: number
}

export interface LabelSelectorRequirement {
  key: string
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  values?: string[]
}

export interface LabelSelector {
  matchLabels?: Record<string, string>
  matchExpressions?: LabelSelectorRequirement[]
}

export interface Condition {
  type: string
  status: 'True' | 'False' | 'Unknown'
  observedGeneration?: number
  lastTransitionTime: Time
  reason: string
  message: string
}

export interface StatusCause {
  reason?: string
  message?: string
  field?: string
}

export interface StatusDetails {
  name?: string
  group?: string
  kind?: string
  uid?: string
  causes?: StatusCause[]
  retryAfterSeconds?: number
}

/** The answer to a call that has no object to answer with, and of every call that failed. */
export interface Status {
  apiVersion?: 'v1'
  kind?: 'Status'
  metadata?: ListMeta
  status?: 'Success' | 'Failure'
  message?: string
  reason?: StatusReason
  details?: StatusDetails
  code?: number
}

/** Why a call failed, in Kubernetes's words. The set is closed; each is documented in docs/errors.md. */
export const STATUS_REASONS = [
  'Unauthorized',
  'Forbidden',
  'NotFound',
  'AlreadyExists',
  'Conflict',
  'Gone',
  'Invalid',
  'ServerTimeout',
  'StorageReadError',
  'Timeout',
  'TooManyRequests',
  'BadRequest',
  'MethodNotAllowed',
  'NotAcceptable',
  'RequestEntityTooLarge',
  'UnsupportedMediaType',
  'InternalError',
  'Expired',
  'ServiceUnavailable',
] as const

export type StatusReason = (typeof STATUS_REASONS)[number]

export interface Preconditions {
  uid?: string
  resourceVersion?: string
}

export interface DeleteOptions {
  apiVersion?: string
  kind?: string
  gracePeriodSeconds?: number
  preconditions?: Preconditions
  orphanDependents?: boolean
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground'
  dryRun?: string[]
  ignoreStoreReadErrorWithClusterBreakingPotential?: boolean
}

/** Any API object. Kinds narrow this with their own fields. */
export interface KubeObject {
  apiVersion?: string
  kind?: string
  metadata: ObjectMeta
}

/** A list of objects of one kind. Items of a typed list carry no apiVersion and kind of their own on the wire. */
export interface KubeList<T extends KubeObject = KubeObject> {
  apiVersion?: string
  kind?: string
  metadata: ListMeta
  items: T[]
}

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'

/** Names an API resource. The core group is the empty text. */
export interface GroupVersionResource {
  readonly group: string
  readonly version: string
  readonly resource: string
}
