/**
 * Who of a priority level is served next. Requests wait in queues, and the queues get equal shares of the level's
 * seats: fair queuing, in a virtual time that advances by the work each queue could have done
 * (https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/1040-priority-and-fairness#fair-queuing-for-server-requests).
 */

import type { Clock } from '../../base/clock.ts'
import type { FlowRequest } from './flow-request.ts'

/** A request is taken to last so long until it has ended. */
const GUESSED_MS = 3

export interface Queuing {
  readonly queues: number
  /** So many may wait in one queue. */
  readonly lengthLimit: number
}

export interface Queue {
  readonly index: number
  /** First come first. */
  readonly waiting: FlowRequest[]
  /** The work of all who wait, in seat-milliseconds. */
  waitingWork: number
  executing: number
  seatsInUse: number
  /** The virtual time at which the work of who is first in line begins. */
  nextDispatch: number
}

export type Verdict = 'executing' | 'waiting' | 'queue-full' | 'concurrency-limit'

export class FairQueues {
  readonly #clock: Clock
  /** Told after each change of what the level could use. */
  readonly #changed: () => void
  #limit = 0
  #queuing: Queuing | undefined
  /** Made when they are first used. */
  readonly #queues = new Map<number, Queue>()
  /** Queues in which somebody waits, in the order of their turns where nothing else decides. */
  readonly #backlog = new Set<Queue>()
  readonly executing = new Set<FlowRequest>()
  #waiting = 0
  #waitingSeats = 0
  #seatsInUse = 0
  #enqueued = 0
  /** The virtual time: seat-milliseconds that each queue could have had. */
  #virtualMs = 0
  #virtualAt: number
  /** Queues with somebody in them, and the seats that queues use or wait for. */
  #activeQueues = 0
  #queueSeats = 0

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock
    this.#changed = changed
    this.#virtualAt = clock.monotonic()
  }

  /** How many queues flows are spread over. */
  get queueCount(): number {
    return this.#queuing?.queues ?? 0
  }

  /** Absent: nobody was ever in it. */
  queue(index: number): Queue | undefined {
    return this.#queues.get(index)
  }

  /** The queues that somebody was in, by their index. */
  used(): readonly Queue[] {
    return [...this.#queues.values()].toSorted((a, b) => a.index - b.index)
  }

  /** Everybody who waits. */
  *allWaiting(): Iterable<FlowRequest> {
    for (const { waiting } of this.#backlog) yield* waiting
  }

  get waiting(): number {
    return this.#waiting
  }

  get waitingSeats(): number {
    return this.#waitingSeats
  }

  get seatsInUse(): number {
    return this.#seatsInUse
  }

  get isIdle(): boolean {
    return this.#waiting === 0 && this.executing.size === 0
  }

  /** The virtual time in seat-seconds. */
  get progress(): number {
    this.#advance(this.#clock.monotonic())
    return this.#virtualMs / 1_000
  }

  /** So many seats, `Infinity` for no limit; without queues who finds no seat is refused. */
  configure(limit: number, queuing: Queuing | undefined): void {
    this.#advance(this.#clock.monotonic())
    this.#limit = limit
    this.#queuing = queuing
    for (const queue of this.#queues.values()) this.#dropIfSpare(queue)
    this.#dispatch()
  }

  /** Serves a request, has it wait in a queue of its hand, or refuses it. */
  arrive(request: FlowRequest, hand: readonly number[]): Verdict {
    if (this.#queuing === undefined) {
      if (!this.#hasRoomFor(request.seats)) return 'concurrency-limit'
      request.startedMs = this.#clock.monotonic()
      this.#start(request)
      this.#changed()
      return 'executing'
    }
    this.#advance(this.#clock.monotonic())
    const queue = this.#leastBusy(hand)
    if (this.#seatsInUse >= this.#limit && queue.waiting.length >= this.#queuing.lengthLimit) return 'queue-full'
    this.#enqueue(request, queue)
    this.#dispatch()
    this.#changed()
    return request.startedMs === undefined ? 'waiting' : 'executing'
  }

  /** Takes a waiting request out of its queue; false: it does not wait any more. */
  abandon(request: FlowRequest): boolean {
    const { queue } = request
    const place = queue?.waiting.indexOf(request) ?? -1
    if (queue === undefined || place < 0) return false
    this.#advance(this.#clock.monotonic())
    this.#dequeue(request, queue, place)
    this.#queueSeats -= request.seats
    if (isQuiet(queue)) this.#activeQueues--
    notBeforeArrival(queue)
    this.#dispatch()
    this.#changed()
    return true
  }

  /** A request was answered. Its seats are kept for as long as its work goes on behind the answer. */
  finish(request: FlowRequest): void {
    const now = this.#clock.monotonic()
    this.#advance(now)
    this.executing.delete(request)
    const { queue, work } = request
    if (queue !== undefined) {
      queue.executing--
      if (isQuiet(queue)) this.#activeQueues--
      const lastedMs = now - (request.startedMs ?? now)
      queue.nextDispatch -= (GUESSED_MS - lastedMs) * work.initialSeats
      notBeforeArrival(queue)
    }
    if (work.additionalMs > 0) this.#clock.after(work.additionalMs, () => this.#release(request))
    else this.#release(request)
  }

  #release({ queue, seats }: FlowRequest): void {
    this.#advance(this.#clock.monotonic())
    this.#seatsInUse -= seats
    if (queue !== undefined) {
      queue.seatsInUse -= seats
      this.#queueSeats -= seats
      this.#dropIfSpare(queue)
    }
    this.#dispatch()
    this.#changed()
  }

  #advance(now: number): void {
    const elapsed = now - this.#virtualAt
    this.#virtualAt = now
    if (this.#activeQueues === 0) return
    this.#virtualMs += (elapsed * Math.min(this.#queueSeats, this.#limit)) / this.#activeQueues
  }

  /** Of the queues a flow may use, the one with the least work in it. */
  #leastBusy(hand: readonly number[]): Queue {
    // Flows that share queues do not begin with the same one.
    const offset = this.#enqueued++
    let best: Queue | undefined
    for (let card = 0; card < hand.length; card++) {
      const queue = this.#queueAt(hand[(offset + card) % hand.length]!)
      if (best === undefined || queue.waitingWork < best.waitingWork) best = queue
    }
    return best!
  }

  #enqueue(request: FlowRequest, queue: Queue): void {
    if (isQuiet(queue)) {
      queue.nextDispatch = this.#virtualMs
      this.#activeQueues++
    }
    request.queue = queue
    request.arrivedVirtual = this.#virtualMs
    queue.waiting.push(request)
    queue.waitingWork += workOf(request)
    this.#backlog.add(queue)
    this.#waiting++
    this.#waitingSeats += request.seats
    this.#queueSeats += request.seats
    notBeforeArrival(queue)
  }

  #dequeue(request: FlowRequest, queue: Queue, place: number): void {
    queue.waiting.splice(place, 1)
    queue.waitingWork -= workOf(request)
    if (queue.waiting.length === 0) this.#backlog.delete(queue)
    this.#waiting--
    this.#waitingSeats -= request.seats
  }

  /** Serves as many as there are seats for. */
  #dispatch(): void {
    while (this.#waiting > 0 && this.#seatsInUse < this.#limit) {
      const queue = this.#nextQueue()
      const request = queue?.waiting[0]
      if (queue === undefined || request === undefined) return
      // Who needs many seats is waited for, lest it never gets them.
      if (!this.#hasRoomFor(request.seats)) {
        request.traffic.unaccommodated++
        return
      }
      this.#dequeue(request, queue, 0)
      // Among equals it is the others' turn now.
      if (this.#backlog.delete(queue)) this.#backlog.add(queue)
      queue.executing++
      queue.seatsInUse += request.seats
      queue.nextDispatch += workOf(request)
      notBeforeArrival(queue)
      request.startedMs = this.#clock.monotonic()
      this.#start(request)
      request.onStart?.()
    }
  }

  #start(request: FlowRequest): void {
    this.executing.add(request)
    this.#seatsInUse += request.seats
  }

  /** The queue whose first request would be done first in virtual time. */
  #nextQueue(): Queue | undefined {
    let next: Queue | undefined
    let soonest = Number.POSITIVE_INFINITY
    for (const queue of this.#backlog) {
      const done = queue.nextDispatch + workOf(queue.waiting[0]!)
      if (done < soonest) [next, soonest] = [queue, done]
    }
    return next
  }

  #hasRoomFor(seats: number): boolean {
    // What is wider than the whole level has it to itself.
    return seats > this.#limit ? this.executing.size === 0 : this.#seatsInUse + seats <= this.#limit
  }

  #queueAt(index: number): Queue {
    let queue = this.#queues.get(index)
    if (queue === undefined) this.#queues.set(index, (queue = emptyQueue(index)))
    return queue
  }

  /** A queue that is no longer wanted goes when nobody is in it. */
  #dropIfSpare(queue: Queue): void {
    if (queue.index >= this.queueCount && isQuiet(queue) && queue.seatsInUse === 0) this.#queues.delete(queue.index)
  }
}

const emptyQueue = (index: number): Queue => ({
  index,
  waiting: [],
  waitingWork: 0,
  executing: 0,
  seatsInUse: 0,
  nextDispatch: 0,
})

const isQuiet = ({ waiting, executing }: Queue) => waiting.length === 0 && executing === 0

/** In seat-milliseconds. */
export const workOf = ({ work }: FlowRequest): number =>
  work.initialSeats * GUESSED_MS + work.finalSeats * work.additionalMs

/** A queue that used less than its share has nothing saved up: work does not begin before it was asked for. */
function notBeforeArrival(queue: Queue): void {
  const first = queue.waiting[0]
  if (first !== undefined) queue.nextDispatch = Math.max(queue.nextDispatch, first.arrivedVirtual)
}
