/** `gorae/testing`: a whole cluster inside a test. */

export type { Cluster, ClusterOptions } from './cluster.ts'
export type { ClusterNode, NodeWish } from './nodes.ts'
export type {
  Behaviour,
  BehaviourOf,
  SimulatedContainer,
  SimulatedLoad,
  SimulatedRequest,
} from '../kubelet/simulated-node.ts'
export type { ServedCluster } from './serve.ts'
export type { Usage, UsageOf } from './usage.ts'
export { createCluster } from './cluster.ts'
export { ApiError, hasReason, isApiError } from '../meta/errors.ts'
export * from '../client/resources.ts'
