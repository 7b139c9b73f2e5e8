/** One request on its way through a priority level. */

import type { UserInfo } from '../../client/user.ts'
import type { RequestInfo } from '../http/request/request-info.ts'
import type { Queue } from './fair-queues.ts'
import type { FlowTraffic } from './flow-traffic.ts'
import type { WorkEstimate } from './work-estimate.ts'

export interface FlowRequest {
  readonly info: RequestInfo
  readonly user: UserInfo
  readonly work: WorkEstimate
  /** Held from its start to the end of all of its work. */
  readonly seats: number
  readonly traffic: FlowTraffic
  /** What tells its flow from the others of its schema. */
  readonly distinguisher: string
  /** By the clock's `monotonic`. */
  readonly arrivedMs: number
  /** The same in the virtual time of its level. */
  arrivedVirtual: number
  /** Absent: the level has no queues. */
  queue: Queue | undefined
  /** Absent: it waits. */
  startedMs: number | undefined
  /** Called when a request that waited is served. */
  onStart: (() => void) | undefined
}
