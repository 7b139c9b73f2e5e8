/** What is counted of the requests of one flow schema in one priority level. */

import type { Labels } from '../../base/metrics/text.ts'

/** Why a request was refused, as metrics name it. */
export type Refusal = 'queue-full' | 'concurrency-limit' | 'time-out'

export class FlowTraffic {
  readonly level: string
  readonly schema: string
  readonly labels: Labels
  readonly executedLabels: Labels
  readonly refusedLabels: Labels
  readonly regularLabels: Labels
  readonly watchLabels: Labels
  dispatched = 0
  executing = 0
  executingSeats = 0
  waiting = 0
  waitingSeats = 0
  /** How often there was no room for the request whose turn it was. */
  unaccommodated = 0
  readonly refused = new Map<Refusal, number>()

  constructor(level: string, schema: string) {
    this.level = level
    this.schema = schema
    this.labels = { flow_schema: schema, priority_level: level }
    this.executedLabels = { execute: 'true', ...this.labels }
    this.refusedLabels = { execute: 'false', ...this.labels }
    this.regularLabels = { ...this.labels, type: 'regular' }
    this.watchLabels = { ...this.labels, type: 'watch' }
  }

  refuse(why: Refusal): void {
    this.refused.set(why, (this.refused.get(why) ?? 0) + 1)
  }
}
