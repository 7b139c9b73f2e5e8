/** Serves watches (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes). */

import type { ServerResponse } from 'node:http'
import { type ApiError, hasReason, methodNotSupported, notAcceptable } from '../../../meta/errors.ts'
import type { ApiCore, RequestContext } from '../../core.ts'
import type { Leave } from '../../flowcontrol/flow-control.ts'
import { methodNotAllowed, notFoundPath } from '../../verbs/attributes.ts'
import type { ServedResource } from '../../registry/served-resource.ts'
import { watchObjects } from '../../verbs/watch.ts'
import type { WatchSink } from '../../watchcache/watch-cache.ts'
import { isInitialEnd, type WatchFrame } from '../../watchcache/watch-frame.ts'
import type { HttpRequest } from '../request/body.ts'
import { encodeContext } from '../answer/encode-context.ts'
import { errorFrame, frameEncoder, JSON_TYPE } from '../answer/encode.ts'
import { negotiate, type OutputForm } from '../answer/negotiate.ts'
import { watchOptions } from '../request/query.ts'
import type { RequestPath } from '../request/request-info.ts'
import type { RequestMetrics } from '../metrics/request-metrics.ts'
import { type AnswerHead, headersOf, statusOf } from '../answer/respond.ts'
import { type HttpResponse, watchStream } from './watch-stream.ts'

const STREAM_TYPES = 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch'

export interface WatchDeps {
  readonly core: ApiCore
  readonly metrics?: RequestMetrics
}

export interface WatchExchange {
  readonly request: HttpRequest
  readonly response: HttpResponse
  readonly context: RequestContext
  readonly path: RequestPath
  readonly head: AnswerHead
  /** Gives back its seats: of a watch only the beginning takes any. */
  readonly leave: Leave | undefined
}

/** A watch that is about to begin, in the form that its client asks for. */
export interface StartedWatch {
  readonly form: OutputForm
  readonly encode: (frame: WatchFrame) => Buffer
  /** Begins, and gives what ends it; or what a client that asks for too old a revision is told inside the stream. */
  readonly start: (sink: WatchSink) => (() => void) | ApiError
}

/** Makes a watch ready. Throws when it is not allowed or makes no sense. */
export function startWatch(
  core: ApiCore,
  request: HttpRequest,
  context: RequestContext,
  path: RequestPath,
): StartedWatch {
  demandWatch(context.resource, path)
  const form = negotiate(request.headers.accept)
  if (form.encoding === 'yaml') throw notAcceptable(`only the following media types are accepted: ${STREAM_TYPES}`)
  return {
    form,
    encode: frameEncoder(context.resource, encodeContext(context, form, path.query, core.clock.now())),
    start: (sink) => startOrExpire(() => watchObjects(core, context, watchOptions(path.query), sink)),
  }
}

/** Refuses a watch of what cannot be watched: of what can be listed by its name, of all else by its path or method. */
function demandWatch({ verbs, group, resource }: ServedResource, { path }: RequestPath): void {
  if (verbs.has('watch')) return
  if (path.split('/').includes('watch')) throw notFoundPath()
  throw verbs.has('list') ? methodNotSupported({ group, resource }, 'watch') : methodNotAllowed()
}

/** Answers with a watch, and is done when that has ended. */
export async function serveWatch(
  { core, metrics }: WatchDeps,
  { request, response, context, path, head, leave }: WatchExchange,
): Promise<void> {
  const { resource, namespace, name } = context
  if (context.subresource !== '' || (resource.namespaced && namespace === '' && name !== '')) throw notFoundPath()
  if (request.method !== 'GET') throw methodNotAllowed()
  const { form, encode, start } = startWatch(core, request, context, path)
  const count = metrics?.watchEvents(resource)
  const began = core.clock.monotonic()
  const counted = (frame: WatchFrame) => {
    const bytes = encode(frame)
    count?.(bytes.length)
    if (metrics !== undefined && isInitialEnd(frame)) {
      metrics.listedByWatch({ ...resource, namespace, name }, (core.clock.monotonic() - began) / 1_000)
    }
    return bytes
  }
  const stream = watchStream(response, counted, leave)
  const out = response as ServerResponse
  const begin = () => out.writeHead(200, { ...headersOf(head), 'content-type': streamType(form) })
  const stop = start(form.as === 'PartialObjectMetadataList' ? endedByFirst(stream) : stream)
  if (typeof stop !== 'function') {
    begin()
    out.end(errorFrame(statusOf(stop), form))
    return
  }
  begin()
  // The head goes out at once: a client waits for it, however long the first event takes.
  out.flushHeaders?.()
  request.resume()
  await new Promise<void>((resolve) => stream.onEnd(resolve))
  stop()
}

/** What is told of an object is none of its list: a watch of those is over as soon as there is anything to tell. */
const endedByFirst = (sink: WatchSink): WatchSink => ({
  begin: (frames) => (frames.length === 0 ? sink.begin(frames) : sink.end()),
  offer: () => (sink.end(), false),
  end: () => sink.end(),
})

/** That the revision asked for is gone is told inside the stream, as Kubernetes does; every other refusal is an answer. */
function startOrExpire(start: () => () => void): (() => void) | ApiError {
  try {
    return start()
  } catch (error) {
    if (hasReason(error, 'Expired')) return error
    throw error
  }
}

function streamType({ encoding }: OutputForm): string {
  return encoding === 'protobuf' ? 'application/vnd.kubernetes.protobuf;stream=watch' : JSON_TYPE
}
