/** The types of coordination.k8s.io/v1, generated from tools/facts; never edited. */
import type { ListMeta, MicroTime, ObjectMeta } from '../../meta/types.ts'

/** Known: `OldestEmulationVersion`. */
export type CoordinatedLeaseStrategy = string

export interface Lease {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  spec?: LeaseSpec
}

export interface LeaseSpec {
  holderIdentity?: string
  leaseDurationSeconds?: number
  acquireTime?: MicroTime
  renewTime?: MicroTime
  leaseTransitions?: number
  strategy?: CoordinatedLeaseStrategy
  preferredHolder?: string
}

export interface LeaseList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: Lease[]
}
