/** The requests that end in a container, a Pod, a Service or a kubelet: log, exec, attach, portforward, proxy. */

import type { ServerResponse } from 'node:http'
import { ApiError, badRequest, forbidden, internalError } from '../../meta/errors.ts'
import type { ConnectHandler } from '../http/handler.ts'
import type { Authorizer } from '../authz/authorizer.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import type { KubeletAccess } from '../options.ts'
import { attributesOf } from '../verbs/attributes.ts'
import { admitConnect } from './admit-connect.ts'
import { forward } from './forward.ts'
import { proxied, sentToRoot } from './proxy.ts'
import { logTarget, streamTarget } from './target.ts'

/** The subresources that are streams. */
export const STREAMED: readonly string[] = ['exec', 'attach', 'portforward']
const PROXIED = ['v1/pods', 'v1/services', 'v1/nodes']

/** By resource key and subresource. */
export function connectHandlers(
  core: ApiCore,
  authorizer: Authorizer,
  kubelets: KubeletAccess | undefined,
): ReadonlyMap<string, ConnectHandler> {
  const log: ConnectHandler = async (request, response, context, { query }) => {
    const target = logTarget(core, context, query)
    if (target === undefined) {
      const out = response as ServerResponse
      out.writeHead(204)
      out.end()
      return
    }
    await forward(request, response, target, { kubelets, judge: kubeletRefusal })
  }
  const stream: ConnectHandler = async (_request, _response, context, { tail, query }) => {
    await admitConnect(core, context, { tail, query })
    demandCreate(authorizer, context)
    streamTarget(core, context, query) // for what is wrong with the request itself
    throw badRequest('Upgrade request required')
  }
  const proxy: ConnectHandler = async (request, response, context, target) => {
    await admitConnect(core, context, target)
    const passed = await proxied(core, context, request, target)
    if (sentToRoot(request, response, target)) return
    await forward(request, response, passed.target, { kubelets, ...passed.options })
  }
  return new Map<string, ConnectHandler>([
    ['v1/pods/log', log],
    ...STREAMED.map((name) => [`v1/pods/${name}`, stream] as const),
    ...PROXIED.map((key) => [`${key}/proxy`, proxy] as const),
  ])
}

/** The Status for what a kubelet refused in plain words. */
export function kubeletRefusal(code: number, text: string): ApiError {
  if (code === 400) return badRequest(text)
  if (code === 404)
    return new ApiError({
      code,
      reason: 'NotFound',
      message: `the server could not find the requested resource: ${text}`,
    })
  return code === 500 ? internalError(text) : new ApiError({ code, message: text })
}

/**
 * A WebSocket begins with a GET: who may only get Pods must not run commands in them, nor who may only read
 * (https://github.com/kubernetes/kubernetes/issues/133515).
 */
export function demandCreate(authorizer: Authorizer, context: RequestContext): void {
  const { resource, user, name } = context
  const { isAllowed, reason = '' } = authorizer.onResource(user, attributesOf(context, 'create'))
  if (!isAllowed) throw forbidden({ group: resource.group, resource: resource.resource, name }, reason)
}
