/** What priority and fairness are doing now, in tables for people (https://kubernetes.io/docs/reference/debug-cluster/flow-control/). */

import type { Clock } from '../../base/clock.ts'
import { formatMilliseconds } from '../../wire/decode/duration.ts'
import type { FlowControl } from './flow-control.ts'
import type { FlowRequest } from './flow-request.ts'
import { workOf } from './fair-queues.ts'
import type { PriorityLevel } from './priority-level.ts'

const AT = '/debug/api_priority_and_fairness/'
const CELL_WIDTH = 8
/** Queues beyond these are not told one by one. */
const MAX_QUEUES = 10_000
/** The start of what has not begun. */
const NEVER = '0001-01-01T00:00:00Z'

/** The table at a path; undefined: there is none. */
export function dumpAt(path: string, query: URLSearchParams, flows: FlowControl, clock: Clock): string | undefined {
  const levels = flows.levels.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  switch (path) {
    case `${AT}dump_priority_levels`:
      return table([LEVEL_COLUMNS, ...levels.map(levelRow)])
    case `${AT}dump_queues`:
      return table([QUEUE_COLUMNS, ...levels.flatMap(queueRows)])
    case `${AT}dump_requests`: {
      const hasDetails = (query.get('includeRequestDetails') ?? '') !== ''
      const head = hasDetails ? [...REQUEST_COLUMNS, ...DETAIL_COLUMNS] : REQUEST_COLUMNS
      const rows = levels.flatMap((level) =>
        placesIn(level).map((place) => [...requestRow(place, clock), ...(hasDetails ? detailsOf(place.request) : [])]),
      )
      return table([head, ...rows])
    }
    default:
      return undefined
  }
}

const LEVEL_COLUMNS = [
  'PriorityLevelName',
  'ActiveQueues',
  'IsIdle',
  'IsQuiescing',
  'WaitingRequests',
  'ExecutingRequests',
  'DispatchedRequests',
  'RejectedRequests',
  'TimedoutRequests',
  'CancelledRequests',
]

function levelRow({ name, queues, isQuiescing, dispatched, rejected, cancelled }: PriorityLevel): readonly string[] {
  const active = queues.used().filter(({ waiting }) => waiting.length > 0).length
  const counts = [queues.waiting, queues.executing.size, dispatched, rejected, 0, cancelled]
  return [name, String(active), String(queues.isIdle), String(isQuiescing), ...counts.map(String)]
}

const QUEUE_COLUMNS = [
  'PriorityLevelName',
  'Index',
  'PendingRequests',
  'ExecutingRequests',
  'SeatsInUse',
  'NextDispatchR',
  'InitialSeatsSum',
  'MaxSeatsSum',
  'TotalWorkSum',
]

function queueRows({ name, queues }: PriorityLevel): readonly (readonly string[])[] {
  return Array.from({ length: Math.min(queues.queueCount, MAX_QUEUES) }, (_, index) => {
    const { waiting = [], executing = 0, seatsInUse = 0, nextDispatch = 0 } = queues.queue(index) ?? {}
    const sum = (of: (request: FlowRequest) => number) => waiting.reduce((all, one) => all + of(one), 0)
    return [
      name,
      String(index),
      String(waiting.length),
      String(executing),
      String(seatsInUse),
      seatSeconds(nextDispatch),
      String(sum(({ work }) => work.initialSeats)),
      String(sum(({ seats }) => seats)),
      seatSeconds(sum(workOf)),
    ]
  })
}

const seatSeconds = (seatMs: number) => `${(seatMs / 1_000).toFixed(8)}ss`

const REQUEST_COLUMNS = [
  'PriorityLevelName',
  'FlowSchemaName',
  'QueueIndex',
  'RequestIndexInQueue',
  'FlowDistingsher',
  'ArriveTime',
  'InitialSeats',
  'FinalSeats',
  'AdditionalLatency',
  'StartTime',
]
const DETAIL_COLUMNS = ['UserName', 'Verb', 'APIPath', 'Namespace', 'Name', 'APIVersion', 'Resource', 'SubResource']

/** A request and its place in line; -1: it does not wait, or there is no queue. */
interface Place {
  readonly request: FlowRequest
  readonly level: string
  readonly place: number
}

function placesIn({ name: level, queues }: PriorityLevel): readonly Place[] {
  const waiting = queues
    .used()
    .flatMap((queue) => queue.waiting.map((request, place): Place => ({ request, level, place })))
  return [...waiting, ...[...queues.executing].map((request): Place => ({ request, level, place: -1 }))]
}

function requestRow({ request, level, place }: Place, clock: Clock): readonly string[] {
  const { traffic, queue, distinguisher, arrivedMs, startedMs, work } = request
  return [
    level,
    traffic.schema,
    String(queue?.index ?? -1),
    String(place),
    distinguisher,
    timeOf(arrivedMs, clock),
    String(work.initialSeats),
    String(work.finalSeats),
    formatMilliseconds(work.additionalMs),
    startedMs === undefined ? NEVER : timeOf(startedMs, clock),
  ]
}

function detailsOf({ info, user }: FlowRequest): readonly string[] {
  if (!info.isResource) return [user.name, info.verb, info.path, '', '', '', '', '']
  const { verb, path, namespace, name, group, version, resource, subresource } = info
  const apiVersion = group === '' ? version : `${group}/${version}`
  return [user.name, verb, path, namespace, name, apiVersion, resource, subresource]
}

/** A moment of the monotonic clock, on the wall's. */
function timeOf(ms: number, clock: Clock): string {
  const text = new Date(clock.now() - (clock.monotonic() - ms)).toISOString()
  return text.replace(/\.?0*Z$/, 'Z')
}

/** Cells as wide as the widest of their column. */
function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? CELL_WIDTH, cell.length + 2)))
  }
  const line = (row: readonly string[]) =>
    row.map((cell, at) => (at === row.length - 1 ? cell : `${cell},`.padEnd(widths[at] ?? 0))).join('')
  return rows.map((row) => `${line(row)}\n`).join('')
}
