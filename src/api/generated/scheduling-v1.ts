/** The types of scheduling.k8s.io/v1, generated from tools/facts; never edited. */
import type { ListMeta, ObjectMeta } from '../../meta/types.ts'
import type { PreemptionPolicy } from './core-v1.ts'

export interface PriorityClass {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  value?: number
  globalDefault?: boolean
  description?: string
  preemptionPolicy?: PreemptionPolicy
}

export interface PriorityClassList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: PriorityClass[]
}
