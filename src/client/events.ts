/**
 * Recording events: what `kubectl describe` shows at the end. Telling one never waits and never fails; they are
 * written behind, in order (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/).
 */

import type { Event, ObjectReference } from '../api/generated/core-v1.ts'
import type { Channel } from '../base/async/channel.ts'
import { type Clock, toTime } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import type { DeepReadonly } from '../meta/deep-readonly.ts'
import { hasReason } from '../meta/errors.ts'
import type { KubeObject } from '../meta/types.ts'
import type { Client } from './client.ts'
import { deliver, eventPlace, takeEach, waitingEvents } from './event-delivery.ts'
import { EventCorrelator, type KnownEvent, type Verdict } from './event-correlation.ts'
import { EVENTS } from './resources.ts'

export type EventType = 'Normal' | 'Warning'

/** Tells of things that happened to objects. */
export interface EventRecorder {
  /** `fieldPath` names a part of the object, e.g. `spec.containers{app}`. The object carries its kind. */
  event(object: DeepReadonly<KubeObject>, type: EventType, reason: string, message: string, fieldPath?: string): void
  /** The same, for programs that read more of it than its message. */
  annotated(object: DeepReadonly<KubeObject>, event: AnnotatedEvent): void
}

/** An event that carries its facts one by one. */
export interface AnnotatedEvent {
  readonly type: EventType
  readonly reason: string
  readonly message: string
  readonly annotations: Readonly<Record<string, string>>
}

/** Writes down what its recorders tell. */
export interface EventBroadcaster {
  /**
   * A recorder whose events say that they come from `component`, on the machine `host` where that matters. They are
   * written by `client`; by the broadcaster's own unless another is given.
   */
  recorder(component: string, host?: string, client?: Client): EventRecorder
  /** Writes events until `signal` aborts, then throws its reason. What is told before `run` waits for it. */
  run(signal: AbortSignal): Promise<void>
}

export interface EventDeps {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

export function createEvents(deps: EventDeps): EventBroadcaster {
  const { clock, random, log } = deps
  const waiting = waitingEvents<Waiting>()
  return {
    recorder(component, host = '', client = deps.client) {
      const tell = (told: Omit<Told, 'component' | 'host'>) => {
        const event = eventOf({ component, host, ...told }, clock.now(), random)
        if (!waiting.push({ event, client }))
          log.debug('event dropped: too many wait', { reason: told.reason, object: told.object.metadata.name })
      }
      return {
        event: (object, type, reason, message, fieldPath) => tell({ object, type, reason, message, fieldPath }),
        annotated: (object, event) => tell({ object, fieldPath: undefined, ...event }),
      }
    },
    run: (signal) => new EventWriter(deps).run(waiting, signal),
  }
}

interface Waiting {
  readonly event: Event
  readonly client: Client
}

interface Told {
  readonly component: string
  readonly host: string
  readonly object: DeepReadonly<KubeObject>
  readonly type: EventType
  readonly reason: string
  readonly message: string
  readonly fieldPath: string | undefined
  readonly annotations?: Readonly<Record<string, string>>
}

/** The event as it is created. */
function eventOf(told: Told, nowMs: number, random: Random): Event {
  const { component, host, object, type, reason, message, fieldPath, annotations } = told
  const time = toTime(nowMs)
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { ...eventPlace(object, nowMs, random), ...(annotations !== undefined && { annotations }) },
    involvedObject: { ...referenceTo(object), ...(fieldPath === undefined ? {} : { fieldPath }) },
    reason,
    message,
    source: { component, ...(host === '' ? {} : { host }) },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    type,
    reportingComponent: component,
    reportingInstance: host,
  }
}

/** A reference to an object that carries its kind. */
export function referenceTo({ apiVersion, kind, metadata }: DeepReadonly<KubeObject>): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(uid === undefined ? {} : { uid }),
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
  }
}

class EventWriter {
  readonly #deps: EventDeps
  readonly #correlator = new EventCorrelator()

  constructor(deps: EventDeps) {
    this.#deps = deps
  }

  run(waiting: Channel<Waiting>, signal: AbortSignal): Promise<void> {
    return takeEach(waiting, (next) => this.#take(next, signal), signal)
  }

  async #take({ event, client }: Waiting, signal: AbortSignal): Promise<void> {
    const verdict = this.#correlator.judge(event, this.#deps.clock.now())
    if (verdict.kind === 'drop') return
    const about = { reason: event.reason, object: event.involvedObject.name }
    const write = async () => this.#correlator.stored(verdict.key, await this.#write(verdict, client, signal))
    await deliver(this.#deps, about, write, signal)
  }

  async #write(verdict: Exclude<Verdict, { kind: 'drop' }>, client: Client, signal: AbortSignal): Promise<KnownEvent> {
    let { event } = verdict
    if (verdict.kind === 'count') {
      const { known } = verdict
      const { name, count, firstTimestamp } = known
      const patch = { count, lastTimestamp: event.lastTimestamp, message: event.message }
      try {
        await client.patch(EVENTS, known, 'merge', patch, {}, signal)
        return known
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error
        // It has expired, or never was written.
        event = { ...event, metadata: { ...event.metadata, name }, count, firstTimestamp }
      }
    }
    const { metadata, count = 1, firstTimestamp = '' } = await client.create(EVENTS, event, {}, signal)
    return { name: metadata.name ?? '', namespace: metadata.namespace ?? '', count, firstTimestamp }
  }
}
