/** The types of meta.k8s.io/v1, generated from tools/facts; never edited. */
import type { ListMeta, ObjectMeta } from '../../meta/types.ts'

/** Known: `NotOlderThan`, `Exact`. */
export type ResourceVersionMatch = string

/** Known: `Orphan`, `Background`, `Foreground`. */
export type DeletionPropagation = string

/** Known: ``, `Unauthorized`, `Forbidden`, `NotFound`, `AlreadyExists`, `Conflict`, `Gone`, `Invalid`, `ServerTimeout`, `StorageReadError`, `Timeout`, `TooManyRequests`, `BadRequest`, `MethodNotAllowed`, `NotAcceptable`, `RequestEntityTooLarge`, `UnsupportedMediaType`, `InternalError`, `Expired`, `ServiceUnavailable`. */
export type StatusReason = string

/** Known: `FieldValueNotFound`, `FieldValueRequired`, `FieldValueDuplicate`, `FieldValueInvalid`, `FieldValueNotSupported`, `FieldValueForbidden`, `FieldValueTooLong`, `FieldValueTooMany`, `InternalError`, `FieldValueTypeInvalid`, `UnexpectedServerResponse`, `FieldManagerConflict`, `ResourceVersionTooLarge`. */
export type CauseType = string

export type Verbs = string[]

/** Known: `In`, `NotIn`, `Exists`, `DoesNotExist`. */
export type LabelSelectorOperator = string

/** Known: `In`, `NotIn`, `Exists`, `DoesNotExist`. */
export type FieldSelectorOperator = string

/** Known: `Apply`, `Update`. */
export type ManagedFieldsOperationType = string

/** Known: `Completed`. */
export type RowConditionType = string

/** Known: `True`, `False`, `Unknown`. */
export type ConditionStatus = string

/** Known: `None`, `Metadata`, `Object`. */
export type IncludeObjectPolicy = string

export interface GroupResource {
  group: string
  resource: string
}

export interface GroupKind {
  group: string
  kind: string
}

export interface GroupVersionKind {
  group: string
  version: string
  kind: string
}

export interface GroupVersion {
  group: string
  version: string
}

export interface Timestamp {
  seconds: number
  nanos: number
}

export interface ListOptions {
  kind?: string
  apiVersion?: string
  labelSelector?: string
  fieldSelector?: string
  watch?: boolean
  allowWatchBookmarks?: boolean
  resourceVersion?: string
  resourceVersionMatch?: ResourceVersionMatch
  timeoutSeconds?: number
  limit?: number
  continue?: string
  sendInitialEvents?: boolean
  shardSelector?: string
}

export interface GetOptions {
  kind?: string
  apiVersion?: string
  resourceVersion?: string
}

export interface CreateOptions {
  kind?: string
  apiVersion?: string
  dryRun?: string[]
  fieldManager?: string
  fieldValidation?: string
}

export interface PatchOptions {
  kind?: string
  apiVersion?: string
  dryRun?: string[]
  force?: boolean
  fieldManager?: string
  fieldValidation?: string
}

export interface ApplyOptions {
  kind?: string
  apiVersion?: string
  dryRun?: string[]
  force: boolean
  fieldManager: string
}

export interface UpdateOptions {
  kind?: string
  apiVersion?: string
  dryRun?: string[]
  fieldManager?: string
  fieldValidation?: string
}

export interface List {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: unknown[]
}

export interface APIVersions {
  kind?: string
  apiVersion?: string
  versions: string[]
  serverAddressByClientCIDRs: ServerAddressByClientCIDR[]
}

export interface APIGroupList {
  kind?: string
  apiVersion?: string
  groups: APIGroup[]
}

export interface APIGroup {
  kind?: string
  apiVersion?: string
  name: string
  versions: GroupVersionForDiscovery[]
  preferredVersion?: GroupVersionForDiscovery
  serverAddressByClientCIDRs?: ServerAddressByClientCIDR[]
}

export interface ServerAddressByClientCIDR {
  clientCIDR: string
  serverAddress: string
}

export interface GroupVersionForDiscovery {
  groupVersion: string
  version: string
}

export interface APIResource {
  name: string
  singularName: string
  namespaced: boolean
  group?: string
  version?: string
  kind: string
  verbs: Verbs
  shortNames?: string[]
  categories?: string[]
  storageVersionHash?: string
}

export interface APIResourceList {
  kind?: string
  apiVersion?: string
  groupVersion: string
  resources: APIResource[]
}

export interface RootPaths {
  paths: string[]
}

export interface Patch {

}

export interface FieldSelectorRequirement {
  key: string
  operator: FieldSelectorOperator
  values?: string[]
}

export interface Table {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  columnDefinitions: TableColumnDefinition[]
  rows: TableRow[]
}

export interface TableColumnDefinition {
  name: string
  type: string
  format: string
  description: string
  priority: number
}

export interface TableRow {
  cells: unknown[]
  conditions?: TableRowCondition[]
  object?: unknown
}

export interface TableRowCondition {
  type: RowConditionType
  status: ConditionStatus
  reason?: string
  message?: string
}

export interface TableOptions {
  kind?: string
  apiVersion?: string
  includeObject?: IncludeObjectPolicy
}

export interface PartialObjectMetadata {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
}

export interface PartialObjectMetadataList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: PartialObjectMetadata[]
}

export interface WatchEvent {
  type: string
  object: unknown
}

export interface ShardInfo {
  selector: string
}
