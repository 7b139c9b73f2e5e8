/** The types of events.k8s.io/v1, generated from tools/facts; never edited. */
import type { ListMeta, MicroTime, ObjectMeta, Time } from '../../meta/types.ts'
import type { EventSource, ObjectReference } from './core-v1.ts'

export interface Event {
  kind?: string
  apiVersion?: string
  metadata: ObjectMeta
  eventTime: MicroTime
  series?: EventSeries
  reportingController?: string
  reportingInstance?: string
  action?: string
  reason?: string
  regarding?: ObjectReference
  related?: ObjectReference
  note?: string
  type?: string
  deprecatedSource?: EventSource
  deprecatedFirstTimestamp?: Time
  deprecatedLastTimestamp?: Time
  deprecatedCount?: number
}

export interface EventSeries {
  count: number
  lastObservedTime: MicroTime
}

export interface EventList {
  kind?: string
  apiVersion?: string
  metadata: ListMeta
  items: Event[]
}
