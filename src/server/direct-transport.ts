/**
 * The API server for callers in the same process: no bytes, the same rules. Objects come out shared and frozen; objects
 * that go in are copied (https://kubernetes.io/docs/reference/using-api/api-concepts/).
 */

import { channel } from '../base/async/channel.ts'
import { nextTurn } from '../base/async/turn.ts'
import type { ApiCall, ResourceTarget, Transport, WatchEvent, WatchOptions } from '../client/transport.ts'
import type { UserInfo } from '../client/user.ts'
import { badRequest, expired } from '../meta/errors.ts'
import type { KubeObject } from '../meta/types.ts'
import type { Auditor, RequestAudit } from './audit/audit.ts'
import { recordRequest } from './audit/bodies.ts'
import { beginCall, beginWatch, type DirectCaller, recorded } from './audit/direct.ts'
import { type Authorizer, demandAllowed, limitedBy } from './authz/authorizer.ts'
import type { RequestContext } from './core.ts'
import { shownAs } from './registry/object-views.ts'
import type { Answer } from './verbs/answer.ts'
import { attributesOf, demandVerb, notFoundPath } from './verbs/attributes.ts'
import { type ApiRequest, perform, type Performer } from './verbs/perform.ts'
import { watchObjects } from './verbs/watch.ts'
import type { WatchSink } from './watchcache/watch-cache.ts'
import type { WatchFrame } from './watchcache/watch-frame.ts'

export interface DirectDeps extends Performer {
  readonly authorizer: Authorizer
  /** Absent: nothing is recorded. */
  readonly audit?: Auditor | undefined
}

/** A reader in this process may be so many events behind before its watch ends. */
const WATCH_CAPACITY = 10_000

/**
 * Calls within the process settle without the event loop ever turning. After so many in a row, sockets and timers get their
 * turn, so that no busy loop of a controller can starve them.
 */
const MAX_CALLS_A_TURN = 64

/** The server as `user` sees it. */
export function directTransport(deps: DirectDeps, user: UserInfo, userAgent = user.name): Transport {
  const contextOf = (target: ResourceTarget, signal?: AbortSignal, audit?: RequestAudit): RequestContext => {
    const { group, version, resource } = target.resource
    const served = deps.core.resources.find(group, version, resource)
    if (served === undefined) throw notFoundPath()
    return {
      user,
      resource: served,
      namespace: served.namespaced ? (target.namespace ?? '') : '',
      name: target.name ?? '',
      subresource: target.subresource ?? '',
      userAgent,
      warn: () => {},
      ...(signal === undefined ? {} : { signal }),
      ...(audit === undefined ? {} : { annotate: audit.annotate }),
    }
  }
  const caller: DirectCaller = { user, userAgent, random: deps.core.random }
  let callsThisTurn = 0
  return {
    async call(call, signal) {
      signal?.throwIfAborted()
      if (++callsThisTurn >= MAX_CALLS_A_TURN) {
        callsThisTurn = 0
        await nextTurn()
      }
      const audit = beginCall(deps.audit, call, caller)
      const context = contextOf(call, signal, audit)
      const answer = await recorded(audit, async () => {
        demandVerb(context, call.verb)
        const asked = limitedBy(attributesOf(context, call.verb), fieldsOf(call))
        demandAllowed(deps.authorizer, user, asked, audit && ((decision) => audit.decided(decision)))
        demandTarget(context, call.verb)
        const request = requestOf(call)
        if (audit !== undefined) recordRequest(audit, context, request, deps.core.clock.now())
        return perform(deps, context, request)
      })
      signal?.throwIfAborted()
      return objectOf(answer)
    },
    async *watch(target, options, signal) {
      const context = contextOf(target, signal)
      demandVerb(context, 'watch')
      const audit = beginWatch(deps.audit, target, options, caller)
      const asked = limitedBy(attributesOf(context, 'watch'), options.fieldSelector)
      demandAllowed(deps.authorizer, user, asked, audit && ((decision) => audit.decided(decision)))
      audit?.started(200)
      try {
        yield* follow(deps, context, options, signal)
      } finally {
        void audit?.completed(200)
      }
    },
  }
}

const fieldsOf = (call: ApiCall): string | undefined =>
  call.verb === 'list' || call.verb === 'deletecollection' ? call.options?.fieldSelector : undefined

/** Creating is done without a name, or on a named object's subresource; everything on one object needs its name. */
function demandTarget({ resource, namespace, name, subresource }: RequestContext, verb: string): void {
  const isOnOne = verb === 'get' || verb === 'update' || verb === 'patch' || verb === 'delete' || subresource !== ''
  if (isOnOne && name === '') throw badRequest('name must be provided')
  if (resource.namespaced && namespace === '' && (isOnOne || verb === 'create')) {
    throw badRequest('an empty namespace may not be set during creation')
  }
}

function requestOf(call: ApiCall): ApiRequest {
  switch (call.verb) {
    case 'get':
      return { verb: 'get', resourceVersion: call.resourceVersion }
    case 'list':
      return { verb: 'list', list: call.options ?? {} }
    case 'create':
    case 'update':
      return { verb: call.verb, body: { value: call.body }, options: call.options ?? {} }
    case 'patch':
      return { verb: 'patch', type: call.type, body: { value: call.body }, options: call.options ?? {} }
    case 'delete':
      return { verb: 'delete', options: call.body ?? {} }
    case 'deletecollection':
      return { verb: 'deletecollection', list: call.options ?? {}, options: call.body ?? {} }
  }
}

function objectOf(answer: Answer): unknown {
  switch (answer.form) {
    case 'object':
      return answer.object.object
    case 'plain':
    case 'shown':
      return answer.object
    case 'list': {
      const { resource, metadata, items } = answer.list
      const { apiVersion, listKind: kind } = resource
      return { apiVersion, kind, metadata, items: items.map(({ object }) => object) }
    }
  }
}

async function* follow(
  { core }: DirectDeps,
  context: RequestContext,
  options: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent> {
  signal.throwIfAborted()
  const { resource } = context
  let initial: readonly WatchFrame[] = []
  const live = channel<WatchFrame>(WATCH_CAPACITY, undefined, signal)
  let isCutOff = false
  const sink: WatchSink = {
    begin: (frames) => (initial = frames),
    offer: (frame) => live.push(frame) || !(isCutOff = true),
    end: () => live.close(isCutOff ? expired('the reader of the watch is too slow') : undefined),
  }
  const stop = watchObjects(core, context, options, sink)
  const eventOf = ({ type, object }: WatchFrame): WatchEvent => ({
    type,
    object: (type === 'BOOKMARK' ? object : shownAs(resource, object)).object as KubeObject,
  })
  try {
    for (const frame of initial) {
      signal.throwIfAborted()
      yield eventOf(frame)
    }
    initial = []
    for await (const frame of live) yield eventOf(frame)
  } finally {
    stop()
  }
}
