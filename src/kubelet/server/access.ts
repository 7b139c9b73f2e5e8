/**
 * Who may use the kubelet's API: whoever shows a certificate of the cluster or a token, as far as the API server lets them
 * (https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/).
 */

import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { TokenReview } from '../../api/generated/authentication-v1.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Client } from '../../client/client.ts'
import { SUBJECT_ACCESS_REVIEWS, TOKEN_REVIEWS } from '../../client/resources.ts'
import { AUTHENTICATED_GROUP, MASTERS_GROUP, type UserInfo } from '../../client/user.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { NodeOptions, ServingOptions } from '../options.ts'
import { Answers } from './answers.ts'
import { KubeletRefusal } from './kubelet-api.ts'
import { addressOf } from './request-address.ts'

/** How long the API server's word counts, as Kubernetes has it by default. */
export const REMEMBERED = { userMs: 120_000, allowedMs: 300_000, refusedMs: 30_000 }

export interface AccessDeps {
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
  readonly node: Pick<NodeOptions, 'name'>
  readonly serving: ServingOptions
}

/** What of a request says who asks for what. */
type Knock = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'socket'>

/** Paths with rights of their own, any one of which lets in. */
const RIGHTS: readonly (readonly [path: string, subresources: readonly string[]])[] = [
  ['/pods', ['pods', 'proxy']],
  ['/runningpods', ['pods', 'proxy']],
  ['/healthz', ['healthz', 'proxy']],
  ['/configz', ['configz', 'proxy']],
  ['/stats', ['stats']],
  ['/metrics', ['metrics']],
  ['/logs', ['log']],
  ['/checkpoint', ['checkpoint']],
  ['/statusz', ['statusz']],
  ['/flagz', ['configz']],
]

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** The parts of a node, any one of which must be granted. */
export function rightsTo(path: string): readonly string[] {
  const found = RIGHTS.find(([start]) => path === start || path.startsWith(`${start}/`))
  return found?.[1] ?? ['proxy']
}

export class Access {
  readonly #deps: AccessDeps
  readonly #users: Answers<UserInfo>
  readonly #decisions: Answers<boolean>

  constructor(deps: AccessDeps) {
    this.#deps = deps
    this.#users = new Answers(deps.clock)
    this.#decisions = new Answers(deps.clock)
  }

  /** Throws the refusal unless the client may come in. */
  async demand(request: Knock, signal: AbortSignal): Promise<void> {
    const user = certified(request.socket as TLSSocket) ?? (await this.#bearer(request, signal))
    if (user === undefined) throw new KubeletRefusal(401, 'Unauthorized')
    const { users, groups } = this.#deps.serving.allowed
    if (users.includes(user.name)) return
    if (user.groups.some((group) => group === MASTERS_GROUP || groups.includes(group))) return
    await this.#authorize(user, request, signal)
  }

  async #bearer(request: Knock, signal: AbortSignal): Promise<UserInfo | undefined> {
    const [, token] = /^bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? []
    if (token === undefined) return undefined
    // Memory holds no tokens.
    const asked = createHash('sha256').update(token).digest('base64')
    const known = this.#users.get(asked)
    if (known !== undefined) return known
    const status = await this.#review(token, signal)
    if (status?.authenticated !== true) return undefined
    const { username: name = '', uid, groups = [], extra } = status.user ?? {}
    const user = { name, groups, ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) }
    this.#users.keep(asked, user, REMEMBERED.userMs)
    return user
  }

  /** Whose the token is; whom nobody can tell is nobody. */
  async #review(token: string, signal: AbortSignal): Promise<DeepReadonly<TokenReview>['status']> {
    const { client, log } = this.#deps
    try {
      return (await client.create(TOKEN_REVIEWS, { metadata: {}, spec: { token } }, undefined, signal)).status
    } catch (error) {
      signal.throwIfAborted()
      log.warn('a token could not be reviewed', { error })
      return undefined
    }
  }

  async #authorize(user: UserInfo, request: Knock, signal: AbortSignal): Promise<void> {
    const verb = VERBS[request.method ?? ''] ?? ''
    const subresources = rightsTo(addressOf(request.url ?? '/').url.pathname)
    const said = `(user=${user.name}, verb=${verb}, resource=nodes, subresource(s)=[${subresources.join(' ')}])`
    for (const subresource of subresources) {
      let isAllowed: boolean
      try {
        // oxlint-disable-next-line no-await-in-loop -- the next is asked only where this one is not granted
        isAllowed = await this.#isAllowed(user, verb, subresource, signal)
      } catch (cause) {
        throw Object.assign(new KubeletRefusal(500, `Authorization error ${said}`), { cause })
      }
      if (isAllowed) return
    }
    throw new KubeletRefusal(403, `Forbidden ${said}`)
  }

  async #isAllowed(user: UserInfo, verb: string, subresource: string, signal: AbortSignal): Promise<boolean> {
    const { client, node } = this.#deps
    const asked = JSON.stringify([user, verb, subresource])
    const known = this.#decisions.get(asked)
    if (known !== undefined) return known
    const resourceAttributes = { verb, version: 'v1', resource: 'nodes', subresource, name: node.name }
    const { name, uid, groups, extra } = user
    const spec = {
      resourceAttributes,
      user: name,
      groups: [...groups],
      ...(uid === undefined ? {} : { uid }),
      ...(extra === undefined ? {} : { extra: structuredClone(extra) as Record<string, string[]> }),
    }
    const { status } = await client.create(SUBJECT_ACCESS_REVIEWS, { metadata: {}, spec }, undefined, signal)
    const isAllowed = status?.allowed === true
    this.#decisions.keep(asked, isAllowed, isAllowed ? REMEMBERED.allowedMs : REMEMBERED.refusedMs)
    return isAllowed
  }
}

/** Whom the client's certificate names. */
function certified(socket: TLSSocket): UserInfo | undefined {
  if (!socket.authorized) return undefined
  const { CN, O } = socket.getPeerCertificate().subject
  const name = [CN].flat()[0] ?? ''
  return { name, groups: [...[O].flat().filter((group) => group !== undefined), AUTHENTICATED_GROUP] }
}
