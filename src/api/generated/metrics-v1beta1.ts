/** The types of metrics.k8s.io/v1beta1, generated from tools/facts; never edited. */
import type { Duration, ListMeta, ObjectMeta, Time } from '../../meta/types.ts'
import type { ResourceList } from './core-v1.ts'

export interface NodeMetrics {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  timestamp: Time
  window: Duration
  usage: ResourceList
}

export interface NodeMetricsList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: NodeMetrics[]
}

export interface PodMetrics {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  timestamp: Time
  window: Duration
  containers: ContainerMetrics[]
}

export interface PodMetricsList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: PodMetrics[]
}

export interface ContainerMetrics {
  name: string
  usage: ResourceList
}
