/**
 * Recording events of events.k8s.io: they say what was done (`action`) and with the help of whom (`related`). The same
 * happening again is a series: its second time is written, later ones are counted and written now and then
 * (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/).
 */

import type { Event } from '../api/generated/events-v1.ts'
import type { Channel } from '../base/async/channel.ts'
import { withGroup } from '../base/async/group.ts'
import { toMicroTime } from '../base/clock.ts'
import type { DeepReadonly } from '../meta/deep-readonly.ts'
import { hasReason } from '../meta/errors.ts'
import type { KubeObject } from '../meta/types.ts'
import { Remembering, REMEMBERED } from './event-correlation.ts'
import { cut, deliver, eventPlace, takeEach, waitingEvents } from './event-delivery.ts'
import { type EventDeps, type EventType, referenceTo } from './events.ts'
import { EVENTS_V1 } from './resources.ts'

/** One thing that happened. The objects carry their kinds. */
export interface Happening {
  readonly regarding: DeepReadonly<KubeObject>
  /** Another object that had to do with it. */
  readonly related?: DeepReadonly<KubeObject>
  readonly type: EventType
  readonly reason: string
  /** What the teller was doing, e.g. `Binding`. */
  readonly action: string
  readonly note: string
}

/** Tells of things that happened. Telling never waits and never fails. */
export interface SeriesRecorder {
  event(happening: Happening): void
}

/** Writes down what its recorders tell. */
export interface SeriesBroadcaster {
  /** A recorder for `controller`, one instance of which runs on `host`. */
  recorder(controller: string, host: string): SeriesRecorder
  /** Writes events until `signal` aborts, then throws its reason. What is told before `run` waits for it. */
  run(signal: AbortSignal): Promise<void>
}

/** A series of which nothing was heard for so long is over: its last count is written. */
const FINISH_MS = 360_000
/** Of a series that goes on the count is written every so many times that ended ones are looked for. */
const REFRESH_EVERY = 5

export function createSeriesEvents(deps: EventDeps): SeriesBroadcaster {
  const { clock, random, log } = deps
  const waiting = waitingEvents<Event>()
  return {
    recorder: (controller, host) => ({
      event({ regarding, related, type, reason, action, note }) {
        const event: Event = {
          metadata: { ...eventPlace(regarding, clock.now(), random) },
          eventTime: toMicroTime(clock.now()),
          reportingController: controller,
          reportingInstance: `${controller}-${host}`,
          action,
          reason,
          regarding: referenceTo(regarding),
          ...(related === undefined ? {} : { related: referenceTo(related) }),
          note: cut(note),
          type,
        }
        if (!waiting.push(event)) log.debug('event dropped: too many wait', { reason, object: regarding.metadata.name })
      },
    }),
    run: (signal) => new SeriesWriter(deps).run(waiting, signal),
  }
}

/** An event as it was told first, and how often since. */
interface Known {
  readonly event: Event
  readonly toldMs: number
  series?: { count: number; lastMs: number }
}

class SeriesWriter {
  readonly #deps: EventDeps
  readonly #known = new Remembering<Known>(REMEMBERED)

  constructor(deps: EventDeps) {
    this.#deps = deps
  }

  async run(waiting: Channel<Event>, signal: AbortSignal): Promise<void> {
    await withGroup(async (group) => {
      group.start((inner) => this.#lookAfter(inner))
      await takeEach(waiting, (event) => this.#take(event, group.signal), group.signal)
    }, signal)
  }

  async #take(event: Event, signal: AbortSignal): Promise<void> {
    const nowMs = this.#deps.clock.now()
    const key = keyOf(event)
    const known = this.#known.get(key)
    if (known?.series !== undefined) {
      known.series = { count: known.series.count + 1, lastMs: nowMs }
      return
    }
    const told = known ?? { event, toldMs: nowMs }
    if (known === undefined) this.#known.set(key, told)
    else known.series = { count: 2, lastMs: nowMs }
    await this.#deliver(told, signal)
  }

  /** Writes the counts of series that go on, and ends those that do not. */
  async #lookAfter(signal: AbortSignal): Promise<never> {
    const { clock } = this.#deps
    for (let round = 1; ; round++) {
      await clock.sleep(FINISH_MS, signal)
      const before = clock.now() - FINISH_MS
      for (const [key, known] of this.#known.entries()) {
        const isOver = (known.series?.lastMs ?? known.toldMs) <= before
        if (known.series !== undefined && (isOver || round % REFRESH_EVERY === 0)) await this.#deliver(known, signal)
        if (isOver) this.#known.delete(key)
      }
    }
  }

  #deliver(known: Known, signal: AbortSignal): Promise<void> {
    const { reason, regarding } = known.event
    return deliver(this.#deps, { reason, object: regarding?.name }, () => this.#write(known, signal), signal)
  }

  async #write({ event, series: counted }: Known, signal: AbortSignal): Promise<void> {
    const { client } = this.#deps
    if (counted === undefined) {
      await client.create(EVENTS_V1, event, {}, signal)
      return
    }
    const series = { count: counted.count, lastObservedTime: toMicroTime(counted.lastMs) }
    const { name = '', namespace = '' } = event.metadata
    try {
      await client.patch(EVENTS_V1, { name, namespace }, 'merge', { series }, {}, signal)
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error
      await client.create(EVENTS_V1, { ...event, series }, {}, signal) // it has expired
    }
  }
}

/** Events alike in these are one series; what they say may differ. */
function keyOf(event: Event): string {
  const { type, action, reason, reportingController, reportingInstance, regarding, related } = event
  return JSON.stringify([type, action, reason, reportingController, reportingInstance, regarding, related])
}
