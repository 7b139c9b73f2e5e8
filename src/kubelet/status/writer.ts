/** Tells the API what became of Pods: one write at a time for each Pod, the newest status only. */

import type { PodStatus } from '../../api/generated/core-v1.ts'
import type { TaskGroup } from '../../base/async/group.ts'
import { createBackoff } from '../../base/backoff.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Client } from '../../client/client.ts'
import { PODS } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { hasReason } from '../../meta/errors.ts'
import type { KubeletMetrics } from '../metrics/kubelet-metrics.ts'
import { namesOf, type PodView } from '../pods/pod-view.ts'
import { OWN_CONDITIONS } from './conditions.ts'
import { isStatic } from '../static-pods/manifest.ts'

export interface StatusWriterDeps {
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
  readonly group: TaskGroup
  readonly metrics: Pick<KubeletMetrics, 'statusSync'>
}

type StatusView = DeepReadonly<PodStatus>

interface Entry {
  /** The uid by which the kubelet knows the Pod. */
  readonly key: string
  /** The Pod as the API has it; a static Pod's mirror. `undefined`: it has none yet. */
  pod: PodView | undefined
  /** What the API is known to have. */
  written: StatusView
  wanted: StatusView
  /** Since when there is something to tell. */
  since: number | undefined
  writing: Promise<void> | undefined
  gone: boolean
}

const RETRY = { baseMs: 100, maxMs: 10_000 }

export class StatusWriter {
  readonly #deps: StatusWriterDeps
  readonly #entries = new Map<string, Entry>()
  readonly #mirrors = new Map<string, PodView>()

  constructor(deps: StatusWriterDeps) {
    this.#deps = deps
  }

  /** Wants `status` told. Returns at once; what is equal to what was told is not told again. */
  set(pod: PodView, status: StatusView): void {
    const { uid } = namesOf(pod)
    let entry = this.#entries.get(uid)
    if (entry === undefined) {
      const target = isStatic(pod) ? this.#mirrors.get(uid) : pod
      entry = {
        key: uid,
        pod: target,
        written: target?.status ?? {},
        wanted: status,
        since: undefined,
        writing: undefined,
        gone: false,
      }
      this.#entries.set(uid, entry)
    }
    entry.wanted = status
    this.#tell(entry)
  }

  /** The mirror that shows the static Pod `uid` from now on; `undefined`: none does. */
  mirrored(uid: string, mirror: PodView | undefined): void {
    const entry = this.#entries.get(uid)
    const old = this.#mirrors.get(uid)
    if (mirror === undefined) this.#mirrors.delete(uid)
    else this.#mirrors.set(uid, mirror)
    if (entry === undefined) return
    const isNew = mirror === undefined || old === undefined || namesOf(old).uid !== namesOf(mirror).uid
    entry.pod = mirror
    if (isNew) entry.written = mirror?.status ?? {}
    this.#tell(entry)
  }

  #tell(entry: Entry): void {
    if (entry.gone || entry.pod === undefined || entry.writing !== undefined) return
    if (statusPatch(entry.written, entry.wanted) === undefined) return
    entry.since = this.#deps.clock.monotonic()
    this.#begin(entry)
  }

  /** What was last asked to be told; `undefined` before anything was. */
  last(uid: string): StatusView | undefined {
    return this.#entries.get(uid)?.wanted
  }

  /** Settles when all that was asked for has been told, or the Pod is gone from the API. */
  async flush(uid: string): Promise<void> {
    for (let entry = this.#entries.get(uid); entry?.writing !== undefined; entry = this.#entries.get(uid)) {
      await entry.writing
    }
  }

  /** The Pod is gone from the API: nothing more is told of it. */
  drop(pod: PodView): void {
    const { uid } = namesOf(pod)
    const entry = this.#entries.get(uid)
    if (entry !== undefined) entry.gone = true
    else
      this.#entries.set(uid, {
        key: uid,
        pod,
        written: {},
        wanted: pod.status ?? {},
        since: undefined,
        writing: undefined,
        gone: true,
      })
  }

  forget(uid: string): void {
    this.#entries.delete(uid)
    this.#mirrors.delete(uid)
  }

  #begin(entry: Entry): void {
    let done = () => {}
    entry.writing = new Promise((resolve) => (done = resolve))
    this.#deps.group.start(async (signal) => {
      try {
        await this.#write(entry, signal)
      } finally {
        entry.writing = undefined
        done()
      }
    })
  }

  #told(entry: Entry): void {
    const { clock, metrics } = this.#deps
    if (entry.since !== undefined) metrics.statusSync.observe((clock.monotonic() - entry.since) / 1000)
    entry.since = undefined
  }

  async #write(entry: Entry, signal: AbortSignal): Promise<void> {
    const { client, clock, log } = this.#deps
    const backoff = createBackoff(RETRY)
    while (!entry.gone && entry.pod !== undefined) {
      const target = entry.pod
      const { namespace, name, uid } = namesOf(target)
      const status = entry.wanted
      const patch = statusPatch(entry.written, status)
      if (patch === undefined) return this.#told(entry)
      try {
        const body = { metadata: { uid }, status: patch }
        await client.patch(PODS, { namespace, name }, 'strategic', body, { subresource: 'status' }, signal)
        if (namesOf(entry.pod ?? target).uid === uid) entry.written = status
        backoff.reset()
      } catch (error) {
        signal.throwIfAborted()
        // Another Pod of that name, or none: nobody is left to be told.
        if (hasReason(error, 'NotFound') || hasReason(error, 'Conflict') || hasReason(error, 'Invalid')) {
          if (!hasReason(error, 'NotFound'))
            log.warn('the Pod status was refused', { pod: `${namespace}/${name}`, error })
          const isCurrent = namesOf(entry.pod ?? target).uid === uid
          if (!hasReason(error, 'Invalid')) {
            // A mirror that is gone comes back; a Pod does not.
            if (!this.#mirrors.has(entry.key)) entry.gone = true
            else if (isCurrent) entry.pod = undefined
          }
          if (isCurrent) entry.written = status
          continue
        }
        log.warn('could not write the Pod status', { pod: `${namespace}/${name}`, error })
        await clock.sleep(backoff.next(), signal)
      }
    }
  }
}

/** Fields whose parts the API merges by address or name; ours take the place of what is there. */
const REPLACED = new Set(['podIPs', 'hostIPs', 'allocatedResources', 'resources'])

type Members = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What merges to `after`: objects say what is gone from them, for one that says `$patch` must not be new. */
function replacing(before: unknown, after: unknown): unknown {
  if (Array.isArray(after)) return [...after, { $patch: 'replace' }]
  if (!isObject(after)) return after
  const old = isObject(before) ? before : {}
  const gone = Object.keys(old).filter((key) => after[key] === undefined)
  return Object.fromEntries([
    ...gone.map((key) => [key, null]),
    ...Object.entries(after).map(([key, value]) => [key, isObject(value) ? replacing(old[key], value) : value]),
  ])
}

/** What to send so that `old` becomes `wanted`: the top-level fields that differ. Nothing: they are equal. */
export function statusPatch(old: StatusView, wanted: StatusView): Readonly<Record<string, unknown>> | undefined {
  const patch: Record<string, unknown> = {}
  const before = old as Readonly<Record<string, unknown>>
  const after = wanted as Readonly<Record<string, unknown>>
  for (const key of OWN_FIELDS) {
    const value = after[key]
    if (key === 'conditions') {
      const changed = changedConditions(old, wanted)
      if (changed.length === 0) continue
      patch[key] = changed
      patch['$setElementOrder/conditions'] = (wanted.conditions ?? []).map(({ type }) => ({ type }))
    } else if (!equal(before[key], value)) {
      if (value === undefined) patch[key] = null
      else patch[key] = REPLACED.has(key) ? replacing(before[key], value) : value
    }
  }
  return Object.keys(patch).length === 0 ? undefined : patch
}

/** What the kubelet tells; other fields belong to others. */
const OWN_FIELDS = [
  'observedGeneration',
  'phase',
  'conditions',
  'message',
  'reason',
  'hostIP',
  'hostIPs',
  'podIP',
  'podIPs',
  'startTime',
  'initContainerStatuses',
  'containerStatuses',
  'ephemeralContainerStatuses',
  'qosClass',
  'allocatedResources',
  'resources',
] as const satisfies readonly (keyof PodStatus)[]

function changedConditions(old: StatusView, wanted: StatusView) {
  const over = (old.conditions ?? [])
    .filter(({ type }) => OWN_CONDITIONS.includes(type) && !wanted.conditions?.some((other) => other.type === type))
    .map(({ type }) => ({ type, $patch: 'delete' }))
  const changed = (wanted.conditions ?? []).flatMap((condition) => {
    const before = old.conditions?.find(({ type }) => type === condition.type)
    if (before !== undefined && equal({ ...condition, lastProbeTime: null }, { ...before, lastProbeTime: null }))
      return []
    // A merge keeps what is not mentioned; what has gone is taken away by name.
    const cleared = Object.keys(before ?? {}).filter((key) => !(key in condition) && key !== 'lastProbeTime')
    return [{ ...condition, ...Object.fromEntries(cleared.map((key) => [key, null])) }]
  })
  return [...changed, ...over]
}

/** Equality of JSON values, whatever the order of keys; an absent field and `undefined` are the same. */
function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
  const keys = new Set([...Object.keys(left), ...Object.keys(right)])
  for (const key of keys) if (!equal(left[key], right[key])) return false
  return true
}
