/**
 * API priority and fairness: which requests are worked now, which wait, and which are refused
 * (https://kubernetes.io/docs/concepts/cluster-administration/flow-control/). What a seat means in a server of one
 * thread: docs/decisions/priority-and-fairness.md.
 */

import { nextTurn } from '../../base/async/turn.ts'
import type { Clock } from '../../base/clock.ts'
import type { UserInfo } from '../../client/user.ts'
import type { RequestInfo } from '../http/request/request-info.ts'
import { Classifier, inOrder, type ReadFlowSchema } from './classify.ts'
import { divideSeats, seatLimits, sharesOf } from './concurrency.ts'
import { defaultFlowSchemas, defaultPriorityLevels, MANDATORY } from './defaults.ts'
import { FlowMetrics } from './flow-metrics.ts'
import type { FlowRequest } from './flow-request.ts'
import type { FlowTraffic } from './flow-traffic.ts'
import { PriorityLevel, type ReadLevel } from './priority-level.ts'
import { dealHand, flowHash } from './shuffle-sharding.ts'
import { WatchTracker } from './watch-tracker.ts'
import { estimateWork, type ResourceStats } from './work-estimate.ts'

/** So often levels lend each other what they do not use. */
export const DIVIDE_MS = 10_000
/** So many hands are remembered for a schema. */
const HANDS = 4_096
const UNSAID = { type: 'Limited' }
const NO_HAND: readonly number[] = []
const READ_VERBS: ReadonlySet<string> = new Set(['get', 'list', 'watch', 'proxy'])

export interface FlowControlDeps {
  readonly clock: Clock
  /** How many seats there are. */
  readonly seats: number
  readonly statsOf: (info: RequestInfo) => ResourceStats | undefined
}

/** A schema with the level it leads to: what a request is counted as. */
export interface Flow {
  readonly schema: ReadFlowSchema
  readonly level: PriorityLevel
  /** Absent: the server has not made the objects yet. */
  readonly schemaUid: string | undefined
  readonly levelUid: string | undefined
  readonly traffic: FlowTraffic
  /** The queues that flows of this schema may use, by what tells them apart. */
  readonly hands: Map<string, readonly number[]>
}

export interface Arrival {
  readonly info: RequestInfo
  readonly user: UserInfo
  readonly query: URLSearchParams
  /** It waits no longer. */
  readonly waitMs: number
  /** Calls back when its client goes away; asked only when it has to wait. */
  readonly onGone: (run: () => void) => void
}

/** Gives seats back; called again, it does nothing. */
export type Leave = () => void

export class FlowControl {
  readonly #deps: FlowControlDeps
  readonly metrics = new FlowMetrics()
  readonly watches = new WatchTracker()
  readonly #levels = new Map<string, PriorityLevel>()
  #schemas: readonly ReadFlowSchema[] = []
  #objects: readonly ReadLevel[] = []
  #classifier = new Classifier<Flow>([])
  #catchAll!: Flow
  /** What held-back levels get of what they aim at. */
  fairFraction = 0

  constructor(deps: FlowControlDeps) {
    this.#deps = deps
    this.configure([], [])
  }

  get levels(): readonly PriorityLevel[] {
    return [...this.#levels.values()]
  }

  /** Follows the objects as they are now; without those that no cluster can do without, these are imagined. */
  configure(schemas: readonly ReadFlowSchema[], objects: readonly ReadLevel[]): void {
    this.#schemas = schemas
    this.#objects = objects
    const wanted = new Map(
      withMandatory(objects, defaultPriorityLevels()).map((each) => [each.metadata.name ?? '', each]),
    )
    for (const [name, level] of this.#levels) {
      level.isQuiescing = !wanted.has(name)
      if (!level.isQuiescing) continue
      if (level.queues.isIdle) this.#levels.delete(name)
      else wanted.set(name, level.object)
    }
    const shareSum = [...wanted.values()].reduce((sum, { spec = UNSAID }) => sum + sharesOf(spec), 0)
    for (const [name, object] of wanted) {
      let level = this.#levels.get(name)
      if (level === undefined) this.#levels.set(name, (level = new PriorityLevel(object, this.#deps.clock)))
      level.configure(object, seatLimits(object.spec ?? UNSAID, this.#deps.seats, shareSum))
    }
    this.#learnFlows(inOrder(withMandatory(schemas, defaultFlowSchemas())))
    this.divide()
  }

  /** Gives each level seats by what it asked for. Called every `DIVIDE_MS`. */
  divide(): void {
    const { levels } = this
    const demands = levels.map(({ demand, isExempt, limits }) => {
      demand.settle()
      return { isExempt, limits, highWatermark: demand.highWatermark, smoothed: demand.smoothed }
    })
    const { seats, targets, fairFraction } = divideSeats(demands)
    this.fairFraction = fairFraction
    levels.forEach((level, at) => {
      level.target = targets[at] ?? 0
      level.grant(seats[at] ?? 0)
    })
  }

  /** What a request is counted as. */
  flowOf(info: RequestInfo, user: UserInfo): Flow {
    return this.#classifier.find(info, user) ?? this.#catchAll
  }

  /** Seats, at once or after a while: what is answered gives them back. Undefined: the request is refused. */
  enter(flow: Flow, arrival: Arrival): Leave | undefined | Promise<Leave | undefined> {
    const { level, traffic } = flow
    const request = this.#requestOf(flow, arrival)
    this.metrics.estimated(request)
    const verdict = level.queues.arrive(request, this.#handOf(flow, request))
    this.metrics.queued(request)
    if (verdict === 'executing') {
      return this.#started(flow, request)
    }
    if (verdict === 'waiting') return this.#wait(flow, request, arrival)
    level.rejected++
    traffic.refuse(verdict)
    if (!level.isExempt) this.metrics.waited(request, this.#deps.clock.monotonic() - request.arrivedMs, false)
    return undefined
  }

  /** Seconds after which a client that was refused may come again. */
  retryAfter({ level }: Flow): number {
    return level.retryAfter.refuse()
  }

  /** How many requests are worked and how many wait, by whether they change anything. */
  get now(): { readonly executing: ReadsAndWrites; readonly waiting: ReadsAndWrites } {
    const executing = { reads: 0, writes: 0 }
    const waiting = { reads: 0, writes: 0 }
    const count = (into: { reads: number; writes: number }, { info }: FlowRequest) => {
      if (READ_VERBS.has(info.verb)) into.reads++
      else into.writes++
    }
    for (const { queues } of this.#levels.values()) {
      for (const request of queues.executing) count(executing, request)
      for (const request of queues.allWaiting()) count(waiting, request)
    }
    return { executing, waiting }
  }

  #learnFlows(ordered: readonly ReadFlowSchema[]): void {
    const flows = ordered.flatMap((schema): Flow[] => {
      const level = this.#levels.get(schema.spec?.priorityLevelConfiguration?.name ?? '')
      if (level === undefined || level.isQuiescing) return []
      const { name = '', uid: schemaUid } = schema.metadata
      const { uid: levelUid } = level.object.metadata
      return [{ schema, level, schemaUid, levelUid, traffic: level.trafficOf(name), hands: new Map() }]
    })
    this.#classifier = new Classifier(flows)
    this.#catchAll = flows.find(({ schema }) => schema.metadata.name === 'catch-all') ?? flows.at(-1)!
  }

  #requestOf(flow: Flow, { info, user, query }: Arrival): FlowRequest {
    const { level, traffic, schema } = flow
    const { statsOf } = this.#deps
    const watchersOf = (about: RequestInfo) => {
      const watchers = this.watches.watchersOf(about)
      this.metrics.watched(watchers, traffic)
      return watchers
    }
    const work = estimateWork(info, query, { mostSeats: level.mostSeats, statsOf, watchersOf })
    const method = level.queuing === undefined ? undefined : schema.spec?.distinguisherMethod?.type
    return {
      info,
      user,
      work,
      seats: Math.max(work.initialSeats, work.finalSeats),
      traffic,
      distinguisher:
        method === 'ByUser' ? user.name : method === 'ByNamespace' && info.isResource ? info.namespace : '',
      arrivedMs: this.#deps.clock.monotonic(),
      arrivedVirtual: 0,
      queue: undefined,
      startedMs: undefined,
      onStart: undefined,
    }
  }

  #handOf({ schema, level, hands }: Flow, { distinguisher }: FlowRequest): readonly number[] {
    const { queuing } = level
    if (queuing === undefined) return NO_HAND
    let hand = hands.get(distinguisher)
    if (hand === undefined) {
      if (hands.size >= HANDS) hands.clear()
      const hash = flowHash(schema.metadata.name ?? '', distinguisher)
      hands.set(distinguisher, (hand = dealHand(hash, queuing.queues, queuing.handSize)))
    }
    return hand
  }

  #wait(flow: Flow, request: FlowRequest, { waitMs, onGone }: Arrival): Promise<Leave | undefined> {
    const { level } = flow
    const { traffic, seats } = request
    traffic.waiting++
    traffic.waitingSeats += seats
    return new Promise((resolve) => {
      const gaveUp = () => {
        if (!level.queues.abandon(request)) return
        stop()
        over()
        level.rejected++
        level.cancelled++
        traffic.refuse('time-out')
        this.metrics.waited(request, this.#deps.clock.monotonic() - request.arrivedMs, false)
        resolve(undefined)
      }
      const over = () => {
        traffic.waiting--
        traffic.waitingSeats -= seats
      }
      const stop = this.#deps.clock.after(waitMs, gaveUp)
      onGone(gaveUp)
      request.onStart = () => {
        stop()
        over()
        const leave = this.#started(flow, request)
        // What others ask for meanwhile is read first: it may come before those who wait.
        void nextTurn().then(() => resolve(leave))
      }
    })
  }

  #started({ level }: Flow, request: FlowRequest): Leave {
    const { traffic, seats } = request
    level.dispatched++
    traffic.dispatched++
    traffic.executing++
    traffic.executingSeats += seats
    if (!level.isExempt) this.metrics.waited(request, (request.startedMs ?? 0) - request.arrivedMs, true)
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      traffic.executing--
      traffic.executingSeats -= seats
      this.metrics.executed(request, this.#deps.clock.monotonic() - (request.startedMs ?? 0))
      level.queues.finish(request)
      if (level.isQuiescing && level.queues.isIdle) this.configure(this.#schemas, this.#objects)
    }
  }
}

export interface ReadsAndWrites {
  readonly reads: number
  readonly writes: number
}

/** The objects, and those of the defaults that have to be there and are not. */
function withMandatory<T extends { readonly metadata: { readonly name?: string } }>(
  objects: readonly T[],
  defaults: readonly T[],
): readonly T[] {
  const names = new Set(objects.map(({ metadata }) => metadata.name))
  const isMissing = (name = '') => MANDATORY.has(name) && !names.has(name)
  return [...objects, ...defaults.filter(({ metadata }) => isMissing(metadata.name))]
}
