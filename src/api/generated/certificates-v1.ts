/** The types of certificates.k8s.io/v1, generated from tools/facts; never edited. */
import type { ListMeta, ObjectMeta, Time } from '../../meta/types.ts'
import type { ConditionStatus } from './core-v1.ts'

export type ExtraValue = string[]

/** Known: `Approved`, `Denied`, `Failed`. */
export type RequestConditionType = string

export type KeyUsage = 'signing' | 'digital signature' | 'content commitment' | 'key encipherment' | 'key agreement' | 'data encipherment' | 'cert sign' | 'crl sign' | 'encipher only' | 'decipher only' | 'any' | 'server auth' | 'client auth' | 'code signing' | 'email protection' | 's/mime' | 'ipsec end system' | 'ipsec tunnel' | 'ipsec user' | 'timestamping' | 'ocsp signing' | 'microsoft sgc' | 'netscape sgc'

export interface CertificateSigningRequest {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec: CertificateSigningRequestSpec
  status?: CertificateSigningRequestStatus
}

export interface CertificateSigningRequestSpec {
  request: string
  signerName: string
  expirationSeconds?: number
  usages?: KeyUsage[]
  username?: string
  uid?: string
  groups?: string[]
  extra?: Record<string, ExtraValue>
}

export interface CertificateSigningRequestStatus {
  conditions?: CertificateSigningRequestCondition[]
  certificate?: string
}

export interface CertificateSigningRequestCondition {
  type: RequestConditionType
  status: ConditionStatus
  reason?: string
  message?: string
  lastUpdateTime?: Time
  lastTransitionTime?: Time
}

export interface CertificateSigningRequestList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: CertificateSigningRequest[]
}
