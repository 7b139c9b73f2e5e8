/** The types of admission.k8s.io/v1, generated from tools/facts; never edited. */
import type { GroupVersionResource, Status } from '../../meta/types.ts'
import type { UserInfo } from './authentication-v1.ts'
import type { GroupVersionKind } from './meta-v1.ts'

/** Known: `JSONPatch`. */
export type PatchType = string

/** Known: `CREATE`, `UPDATE`, `DELETE`, `CONNECT`. */
export type Operation = string

export interface AdmissionReview {
  kind?: string
  apiVersion?: string
  request?: AdmissionRequest
  response?: AdmissionResponse
}

export interface AdmissionRequest {
  uid?: string
  kind?: GroupVersionKind
  resource?: GroupVersionResource
  subResource?: string
  requestKind?: GroupVersionKind
  requestResource?: GroupVersionResource
  requestSubResource?: string
  name?: string
  namespace?: string
  operation?: Operation
  userInfo?: UserInfo
  object?: unknown
  oldObject?: unknown
  dryRun?: boolean
  options?: unknown
}

export interface AdmissionResponse {
  uid?: string
  allowed?: boolean
  status?: Status
  patch?: string
  patchType?: PatchType
  auditAnnotations?: Record<string, string>
  warnings?: string[]
}
