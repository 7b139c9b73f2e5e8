/**
 * The audit log: who asked for what, when, and what came of it
 * (https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/). One line of JSON, an audit.k8s.io/v1 Event, for each
 * stage of each request that the policy wants recorded.
 */

import { type Clock, toMicroTime } from '../../base/clock.ts'
import { Counter } from '../../base/metrics/instruments.ts'
import type { Family, Labels } from '../../base/metrics/text.ts'
import type { UserInfo } from '../../client/user.ts'
import type { Status } from '../../meta/types.ts'
import { toJson } from '../../wire/json/stringify.ts'
import type { Decision } from '../authz/authorizer.ts'
import type { RequestInfo } from '../http/request/request-info.ts'
import { LEVELS, type Level, type Policy, policyRuling, type Ruling, type Stage } from './policy.ts'

/** Adds an annotation to a request's record. The first of a key stays. */
export type Annotate = (key: string, value: string) => void

/** Where the lines go, each with its line end. A promise is one to wait for: it settles when the event is taken. */
export type AuditSink = (line: string) => void | Promise<void>

export interface AuditOptions {
  readonly policy: Policy
  readonly sink: AuditSink
}

/** A request as it comes in. */
export interface AuditedRequest {
  readonly auditId: string
  readonly uri: string
  /** A list of one object has that one's name. */
  readonly info: RequestInfo
  /** Absent: nobody knows. */
  readonly user: UserInfo | undefined
  readonly sourceIps: readonly string[]
  readonly userAgent: string
}

/** What is known of the object that a request sends. */
export interface SentObject {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly uid?: string | undefined
  readonly resourceVersion?: string | undefined
}

const LEVEL_LABELS: Readonly<Record<Level, Labels>> = {
  None: { level: 'None' },
  Metadata: { level: 'Metadata' },
  Request: { level: 'Request' },
  RequestResponse: { level: 'RequestResponse' },
}
const MAX_USER_AGENT = 1024

const EVENTS = [
  'apiserver_audit_event_total',
  'Counter of audit events generated and sent to the audit backend.',
] as const
const REJECTED = [
  'apiserver_audit_requests_rejected_total',
  'Counter of apiserver requests rejected due to an error in audit logging backend.',
] as const

/** What is told of a server that records nothing. */
export const noRecords: readonly Family[] = [EVENTS, REJECTED].map(([name, help]) => ({
  name,
  help,
  type: 'counter',
  samples: [{ value: 0 }],
}))

/** Begins the records of requests. */
export class Auditor {
  readonly #clock: Clock
  readonly #sink: AuditSink
  readonly #rulingOf: ReturnType<typeof policyRuling>
  readonly #events = new Counter(...EVENTS)
  readonly #rejected = new Counter(...REJECTED)
  readonly #levels = new Counter(
    'apiserver_audit_level_total',
    'Counter of policy levels for audit events (1 per request).',
  )

  constructor({ policy, sink }: AuditOptions, clock: Clock) {
    this.#clock = clock
    this.#rejected.add(undefined, 0) // told before there is one
    this.#sink = (line) => {
      this.#events.add()
      return sink(line)
    }
    this.#rulingOf = policyRuling(policy)
  }

  /** How much was recorded. */
  get families(): readonly Family[] {
    return [this.#events.family, this.#levels.family, this.#rejected.family]
  }

  /** A request is not carried out, because nobody took the event of its beginning. */
  rejects(): void {
    this.#rejected.add()
  }

  /** The record of a request; undefined where the policy wants none. */
  begin(request: AuditedRequest): RequestAudit | undefined {
    const audit = this.beginRefused(request)
    audit?.received()
    return audit
  }

  /** The same for one that is refused before it counts as received. */
  beginRefused(request: AuditedRequest): RequestAudit | undefined {
    const ruling = this.#rulingOf(request.info, request.user)
    this.#levels.add(LEVEL_LABELS[ruling.level])
    return ruling.level === 'None' ? undefined : new RequestAudit(request, ruling, this.#clock, this.#sink)
  }
}

/** The record of one request. */
export class RequestAudit {
  readonly #request: AuditedRequest
  readonly #ruling: Ruling
  readonly #clock: Clock
  readonly #sink: AuditSink
  readonly #received: string
  readonly #annotations = new Map<string, string>()
  #user: UserInfo | undefined
  #constraint: string | undefined
  #sent: SentObject = {}
  #status: Omit<Status, 'kind' | 'apiVersion' | 'metadata'> | undefined
  #requestObject: string | undefined
  #responseObject: string | undefined
  #isStarted = false
  #accepted: Promise<void> | undefined
  #isCompleted = false

  constructor(request: AuditedRequest, ruling: Ruling, clock: Clock, sink: AuditSink) {
    this.#request = request
    this.#ruling = ruling
    this.#clock = clock
    this.#sink = sink
    this.#received = toMicroTime(clock.now())
  }

  received(): void {
    this.#accepted = this.#write('RequestReceived', this.#received)
  }

  /** Settles when the request may be carried out; absent: at once. */
  get accepted(): Promise<void> | undefined {
    return this.#accepted
  }

  /** Whether so much is recorded of the request. */
  wants(level: Level): boolean {
    return LEVELS.indexOf(this.#ruling.level) >= LEVELS.indexOf(level)
  }

  /** Whether objects are recorded without what is known of their fields' owners. */
  get omitsManagedFields(): boolean {
    return this.#ruling.omitManagedFields
  }

  /** The caller acts as somebody else; `constraint` is the right to do so in this very request. */
  actsAs(user: UserInfo, constraint?: string): void {
    this.#user = user
    this.#constraint = constraint
  }

  decided({ isAllowed, reason = '' }: Decision): void {
    this.annotate('authorization.k8s.io/decision', isAllowed ? 'allow' : 'forbid')
    this.annotate('authorization.k8s.io/reason', reason)
  }

  readonly annotate: Annotate = (key, value) => {
    if (!this.#annotations.has(key)) this.#annotations.set(key, value)
  }

  /** What the request sends: `json` is kept where bodies are recorded. */
  sends(sent: SentObject, json: () => string | undefined): void {
    this.#sent = sent
    if (this.wants('Request')) this.#requestObject = json()
  }

  /** What is answered, as far as it is an object. */
  answers(json: () => string): void {
    if (this.wants('RequestResponse')) this.#responseObject = json()
  }

  /** What is answered is a Status; of a failure all of it is told. */
  answersStatus({ kind, apiVersion, metadata, ...status }: Status): void {
    this.#status = status
    this.answers(() =>
      toJson({ kind: kind ?? 'Status', apiVersion: apiVersion ?? 'v1', metadata: metadata ?? {}, ...status }),
    )
  }

  /** The answer's head is sent, and there is more to come. */
  started(code: number): void {
    if (this.#isStarted) return
    this.#isStarted = true
    this.#status = { ...this.#status, code }
    void this.#write('ResponseStarted')
  }

  /** All is sent; without a code, the connection ended before there was an answer. */
  completed(code: number | undefined): Promise<void> | undefined {
    if (this.#isCompleted) return undefined
    this.#isCompleted = true
    this.#status =
      code === undefined
        ? { status: 'Success', message: 'Connection closed early', code: 200 }
        : { ...this.#status, code }
    return this.#write('ResponseComplete')
  }

  /** Settles when the event is taken; absent: nobody is to wait for it. */
  #write(stage: Stage, at = toMicroTime(this.#clock.now())): Promise<void> | undefined {
    if (this.#ruling.omitStages.has(stage)) return undefined
    const { auditId, uri, info, user, sourceIps, userAgent } = this.#request
    const annotations = Object.fromEntries([...this.#annotations].sort(([a], [b]) => (a < b ? -1 : 1)))
    const head = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: this.#ruling.level,
      auditID: auditId,
      stage,
      requestURI: uri,
      verb: verbOf(info),
      user: user === undefined ? {} : told(user),
      ...(this.#user === undefined ? {} : { impersonatedUser: told(this.#user) }),
      ...(this.#constraint === undefined
        ? {}
        : { authenticationMetadata: { impersonationConstraint: this.#constraint } }),
      sourceIPs: sourceIps,
      ...(userAgent === '' ? {} : { userAgent: shortened(userAgent) }),
      ...(info.isResource ? { objectRef: this.#reference() } : {}),
      ...(this.#status === undefined ? {} : { responseStatus: { metadata: {}, ...ordered(this.#status) } }),
    }
    const tail = {
      requestReceivedTimestamp: this.#received,
      stageTimestamp: at,
      ...(this.#annotations.size === 0 ? {} : { annotations }),
    }
    const bodies = [
      ['requestObject', this.#requestObject],
      ['responseObject', this.#responseObject],
    ].flatMap(([name, json]) => (json === undefined ? [] : [`"${name}":${json},`]))
    const taken = this.#sink(`${toJson(head).slice(0, -1)},${bodies.join('')}${toJson(tail).slice(1)}\n`)
    if (!(taken instanceof Promise)) return undefined
    taken.catch(() => {}) // who waits hears of it
    return taken
  }

  #reference(): object {
    const { info } = this.#request
    if (!info.isResource) return {}
    const { resource, namespace, name, group, version, subresource } = info
    const sent = this.#sent
    const texts = {
      resource,
      namespace: namespace || sent.namespace,
      name: name || sent.name,
      uid: sent.uid,
      apiGroup: group,
      apiVersion: version,
      resourceVersion: sent.resourceVersion,
      subresource,
    }
    return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined && text !== ''))
  }
}

/** Methods that are no verb of resources have no name there. */
const verbOf = (info: RequestInfo) => (info.isResource && NO_VERBS.has(info.verb) ? '' : info.verb)
const NO_VERBS: ReadonlySet<string> = new Set(['options', 'trace', 'connect'])

const told = ({ name, uid, groups, extra }: UserInfo) => ({
  username: name,
  ...(uid === undefined ? {} : { uid }),
  groups,
  ...(extra === undefined || Object.keys(extra).length === 0 ? {} : { extra }),
})

const ordered = ({ status, message, reason, details, code }: Omit<Status, 'kind' | 'apiVersion' | 'metadata'>) => ({
  ...(status === undefined ? {} : { status }),
  ...(message === undefined ? {} : { message }),
  ...(reason === undefined ? {} : { reason }),
  ...(details === undefined ? {} : { details }),
  code,
})

const shortened = (userAgent: string) =>
  userAgent.length > MAX_USER_AGENT ? `${userAgent.slice(0, MAX_USER_AGENT)}...TRUNCATED` : userAgent
