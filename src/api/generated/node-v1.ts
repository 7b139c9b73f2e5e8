/** The types of node.k8s.io/v1, generated from tools/facts; never edited. */
import type { ListMeta, ObjectMeta } from '../../meta/types.ts'
import type { ResourceList, Toleration } from './core-v1.ts'

export interface RuntimeClass {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  handler: string
  overhead?: Overhead
  scheduling?: Scheduling
}

export interface Overhead {
  podFixed?: ResourceList
}

export interface Scheduling {
  nodeSelector?: Record<string, string>
  tolerations?: Toleration[]
}

export interface RuntimeClassList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: RuntimeClass[]
}
