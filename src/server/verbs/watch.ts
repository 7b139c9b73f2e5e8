/** watch (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes). */

import type { WatchOptions } from '../../client/transport.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import type { WatchSink } from '../watchcache/watch-cache.ts'
import { checkWatchOptions, parseResourceVersion, tooLargeResourceVersion } from './resource-version.ts'
import { selectionOf } from './select.ts'

/** Ends a watch after 30 to 60 minutes when the client did not say when. */
const DEFAULT_TIMEOUT_S = 1_800
/** So long before its end a watch gets its last bookmark. */
const LAST_BOOKMARK_MS = 2_000

/**
 * Hands the events of a watch to `sink`, which is ended when the time is up. The returned function ends it early.
 * Throws, before anything reaches the sink, when the watch may not begin.
 */
export function watchObjects(
  core: ApiCore,
  context: RequestContext,
  options: WatchOptions,
  sink: WatchSink,
): () => void {
  const { selection, asked } = checkedWatch(core, context, options)
  const { resource } = context
  const { allowWatchBookmarks: bookmarks = false, sendInitialEvents } = options
  const { revision } = core.caches
  const isInitial = sendInitialEvents ?? (asked === undefined || asked === 0)
  const since = isInitial ? undefined : asked === undefined || asked === 0 ? revision : asked
  const request = {
    selection,
    bookmarks,
    ...(since === undefined ? {} : { since }),
    markInitialEnd: isInitial && bookmarks,
  }
  const timeoutMs = 1_000 * (options.timeoutSeconds || DEFAULT_TIMEOUT_S * (1 + core.random.next()))
  // Its time was up before it began: nothing is told.
  const stop = timeoutMs < 0 ? () => undefined : core.caches.watch(resource, request, sink)
  const cancels: (() => void)[] = [stop]
  const end = () => {
    for (const cancel of cancels) cancel()
  }
  if (bookmarks && timeoutMs > LAST_BOOKMARK_MS) {
    cancels.push(
      core.clock.after(timeoutMs - LAST_BOOKMARK_MS, () =>
        core.caches.of(resource).bookmarkFor(sink, core.caches.revision),
      ),
    )
  }
  cancels.push(
    core.clock.after(timeoutMs, () => {
      end()
      sink.end()
    }),
  )
  return end
}

/** What a watch is about, and since when. Throws when it may not begin. */
export function checkedWatch(core: ApiCore, context: RequestContext, options: WatchOptions) {
  checkWatchOptions(options)
  const { resource, namespace, name } = context
  const selection = selectionOf(resource, { ...options, namespace, name })
  const asked = parseResourceVersion(options.resourceVersion, 'watch')
  const { revision } = core.caches
  if (asked !== undefined && asked > revision) throw tooLargeResourceVersion(asked, revision)
  return { selection, asked }
}
