/**
 * Acting as somebody else (https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/). A caller may be
 * allowed it for single requests (verbs `impersonate-on:<mode>:<verb>` and `impersonate:<mode>`), or for all (`impersonate`).
 */

import type { Clock } from '../../base/clock.ts'
import {
  AUTHENTICATED_GROUP,
  ANONYMOUS,
  MASTERS_GROUP,
  serviceAccountGroups,
  UNAUTHENTICATED_GROUP,
  type UserInfo,
} from '../../client/user.ts'
import { type ApiError, isApiError } from '../../meta/errors.ts'
import { goQuote } from '../../meta/go-quote.ts'
import { dnsLabel, dnsSubdomain, patternFault } from '../../meta/names.ts'
import {
  type AskedAttributes,
  type Authorizer,
  demandAllowed,
  refused,
  type ResourceAttributes,
} from '../authz/authorizer.ts'
import type { ImpersonationMetrics } from '../http/metrics/impersonation-metrics.ts'
import type { WantedUser } from './impersonation-headers.ts'

/** Who a caller acts as. */
export interface ActingUser {
  readonly user: UserInfo
  /** The right that allowed it, where it is one for single requests. */
  readonly constraint?: string
}

type Mode = 'associated-node' | 'arbitrary-node' | 'serviceaccount' | 'user-info' | 'legacy'

const MODES: readonly Mode[] = ['associated-node', 'arbitrary-node', 'serviceaccount', 'user-info', 'legacy']
const AUTHENTICATION = 'authentication.k8s.io'
const NODES_GROUP = 'system:nodes'
const NODE_NAME = 'authentication.kubernetes.io/node-name'
/** Of so many callers it is known by which right they acted last. */
const MAX_CALLERS = 10_000
/** From so many groups, or values of extra keys, on a right to all of them is asked for first. */
const MANY = 4

/** Is told of every question, and what came of it. */
export interface ImpersonationNotes {
  readonly clock: Clock
  readonly metrics: ImpersonationMetrics
}

/** Judges who may act as whom. */
export class Impersonation {
  readonly #authorizer: Authorizer
  readonly #notes: ImpersonationNotes | undefined
  /** By the caller's name: the right that served last is tried first, and what is wrong with it told first. */
  readonly #last = new Map<string, Mode>()

  constructor(authorizer: Authorizer, notes?: ImpersonationNotes) {
    this.#authorizer = authorizer
    this.#notes = notes
  }

  /** Whom `caller` acts as in a request. Throws `Forbidden` where no right allows it. */
  actingAs(caller: UserInfo, wanted: WantedUser, request: AskedAttributes): ActingUser {
    const took = this.#timer()
    try {
      const { user, mode } = this.#judge(caller, wanted, request)
      this.#notes?.metrics.attempted(mode, took())
      return mode === 'legacy' ? { user } : { user, constraint: verbOf(mode) }
    } catch (error) {
      this.#notes?.metrics.attempted(undefined, took())
      throw error
    }
  }

  #judge(caller: UserInfo, wanted: WantedUser, request: AskedAttributes): { user: UserInfo; mode: Mode } {
    const last = this.#last.get(caller.name)
    const modes = last === undefined ? MODES : [last, ...MODES.filter((mode) => mode !== last)]
    let first: ApiError | undefined
    for (const mode of modes) {
      if (!isFor(mode, wanted, caller)) continue
      try {
        const user = this.#actAs(mode, caller, wanted, request)
        this.#remember(caller.name, mode)
        return { user, mode }
      } catch (error) {
        if (!isApiError(error)) throw error
        first ??= error
      }
    }
    throw first ?? new Error('no mode of impersonation was tried')
  }

  #remember(caller: string, mode: Mode): void {
    this.#last.delete(caller)
    this.#last.set(caller, mode)
    for (const oldest of this.#last.keys()) {
      if (this.#last.size <= MAX_CALLERS) break
      this.#last.delete(oldest)
    }
  }

  #actAs(mode: Mode, caller: UserInfo, wanted: WantedUser, request: AskedAttributes): UserInfo {
    const demand = (asked: AskedAttributes) => {
      const took = this.#timer()
      demandAllowed(this.#authorizer, caller, asked, ({ isAllowed }) => {
        this.#notes?.metrics.checked(mode, isAllowed, took())
      })
    }
    if (mode !== 'legacy') demand({ ...request, verb: `impersonate-on:${mode}:${request.verb}` })
    const named = { group: mode === 'legacy' ? '' : AUTHENTICATION, version: 'v1' }
    const attributes = (resource: string, name: string): ResourceAttributes => ({
      ...named,
      verb: verbOf(mode),
      resource,
      subresource: '',
      namespace: '',
      name,
    })
    const { groups, uid, extra } = wanted
    demand(nameAttributes(mode, wanted, attributes))
    if (uid !== '') demand({ ...attributes('uids', uid), group: AUTHENTICATION })
    const isConstrained = mode !== 'legacy'
    if (groups.length > 0) {
      if (isConstrained) judgeGroups(caller, groups, attributes('groups', ''))
      const isAll = isConstrained && groups.length >= MANY && this.#may(mode, caller, attributes('groups', '*'))
      if (!isAll) for (const group of groups) demand(attributes('groups', group))
    }
    if (extra.size > 0) {
      const about = { ...attributes('userextras', ''), group: AUTHENTICATION }
      if (isConstrained) judgeExtra(caller, extra, about)
      const count = [...extra.values()].reduce((sum, values) => sum + values.length, 0)
      const isAll = isConstrained && count >= MANY && this.#may(mode, caller, { ...about, subresource: '*', name: '*' })
      for (const [subresource, values] of isAll ? [] : extra)
        for (const name of values) demand({ ...about, subresource, name })
    }
    return userOf(mode, wanted)
  }

  #may(mode: Mode, caller: UserInfo, asked: ResourceAttributes): boolean {
    const took = this.#timer()
    const { isAllowed } = this.#authorizer.onResource(caller, asked)
    this.#notes?.metrics.checked(mode, isAllowed, took())
    return isAllowed
  }

  /** Begins to measure; what it gives tells the seconds since. */
  #timer(): () => number {
    const clock = this.#notes?.clock
    if (clock === undefined) return () => 0
    const began = clock.monotonic()
    return () => (clock.monotonic() - began) / 1_000
  }
}

const verbOf = (mode: Mode) => (mode === 'legacy' ? 'impersonate' : `impersonate:${mode}`)

/** Whether a right is of use to `caller` for acting as `wanted`. */
function isFor(mode: Mode, { name, uid, groups, extra }: WantedUser, caller: UserInfo): boolean {
  const isBare = uid === '' && groups.length === 0 && extra.size === 0
  const node = nodeNameOf(name)
  switch (mode) {
    case 'associated-node': {
      const own = caller.extra?.[NODE_NAME] ?? []
      return isBare && node !== undefined && isOwnNode(caller, own, node)
    }
    case 'arbitrary-node':
      return isBare && node !== undefined
    case 'serviceaccount':
      return isBare && accountOf(name) !== undefined
    case 'user-info':
      return node === undefined && accountOf(name) === undefined
    case 'legacy':
      return true
  }
}

const isOwnNode = ({ name }: UserInfo, own: readonly string[], node: string) =>
  accountOf(name) !== undefined && own.length === 1 && own[0] === node

/** What is asked about the name. */
function nameAttributes(
  mode: Mode,
  { name }: WantedUser,
  attributes: (resource: string, name: string) => ResourceAttributes,
): ResourceAttributes {
  const account = accountOf(name)
  if (account !== undefined) return { ...attributes('serviceaccounts', account.name), namespace: account.namespace }
  const node = mode === 'legacy' ? undefined : nodeNameOf(name)
  if (node === undefined) return attributes('users', name)
  // Whoever may act as its own node may do so on all of them.
  return attributes('nodes', mode === 'associated-node' ? '*' : node)
}

/** The user as others see it: some groups go without saying. */
function userOf(mode: Mode, { name, uid, groups, extra }: WantedUser): UserInfo {
  const account = accountOf(name)
  const isNode = mode !== 'legacy' && nodeNameOf(name) !== undefined
  let all = groups
  if (isNode) all = [NODES_GROUP]
  else if (account !== undefined && groups.length === 0)
    all = serviceAccountGroups(account.namespace).filter((group) => group !== AUTHENTICATED_GROUP)
  const isAnonymous = name === ANONYMOUS.name
  const lacks = isAnonymous ? UNAUTHENTICATED_GROUP : AUTHENTICATED_GROUP
  const isComplete = all.includes(lacks) || (!isAnonymous && all.includes(UNAUTHENTICATED_GROUP))
  return {
    name,
    ...(uid === '' ? {} : { uid }),
    groups: isComplete ? all : [...all, lacks],
    ...(extra.size === 0 ? {} : { extra: Object.fromEntries(extra) }),
  }
}

function judgeGroups(caller: UserInfo, groups: readonly string[], asked: ResourceAttributes): void {
  if (groups.includes('')) throw refused(caller, asked, 'impersonating the empty string group is not allowed')
  if (!groups.includes(MASTERS_GROUP)) return
  throw refused(caller, { ...asked, name: MASTERS_GROUP }, `impersonating the ${MASTERS_GROUP} group is not allowed`)
}

function judgeExtra(caller: UserInfo, extra: WantedUser['extra'], asked: ResourceAttributes): void {
  for (const [key, values] of extra) {
    const fault = extraFault(key, values)
    if (fault !== undefined) throw refused(caller, asked, `impersonating ${fault}`)
  }
}

function extraFault(key: string, values: readonly string[]): string | undefined {
  if (key === '') return 'the empty string key in extra is not allowed'
  const faults = keyFaults(key)
  const all = faults.length > 1 ? `[${faults.join(', ')}]` : faults[0]
  if (all !== undefined) return `an invalid key in extra is not allowed: ${all}`
  if (key !== key.toLowerCase()) return `a non-lowercase key in extra is not allowed: ${goQuote(key)}`
  return values.includes('') ? 'the empty string value in extra is not allowed' : undefined
}

const PATH_FORMAT = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"
const PATH = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/

/** What keeps a key from being a domain and a path, `acme.io/foo`. */
function keyFaults(key: string): string[] {
  const fault = (value: string, why: string) => `extra.key: Invalid value: ${goQuote(value)}: ${why}`
  const slash = key.indexOf('/')
  if (slash <= 0 || slash === key.length - 1)
    return [fault(key, 'must be a domain-prefixed path (such as "acme.io/foo")')]
  const [domain, path] = [key.slice(0, slash), key.slice(slash + 1)]
  const faults = dnsSubdomain(domain).map((why) => fault(domain, why))
  return PATH.test(path) ? faults : [...faults, fault(path, patternFault('Invalid path', PATH_FORMAT))]
}

const NODE_PREFIX = 'system:node:'

function nodeNameOf(user: string): string | undefined {
  const name = user.startsWith(NODE_PREFIX) ? user.slice(NODE_PREFIX.length) : ''
  return name !== '' && dnsSubdomain(name).length === 0 ? name : undefined
}

/** The service account of a user name, where it is one's. */
function accountOf(user: string): { readonly namespace: string; readonly name: string } | undefined {
  const [, namespace = '', name = ''] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? []
  if (name === '' || dnsLabel(namespace).length > 0 || dnsSubdomain(name).length > 0) return undefined
  return { namespace, name }
}
