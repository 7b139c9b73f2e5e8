/**
 * How a client reaches the API server. Two implementations: HTTP, and direct (same process). Both go through the
 * same identity, authorization, admission and validation, and answer with the same objects and errors.
 */

import type { DeleteOptions, GroupVersionResource, KubeObject, WatchEventType } from '../meta/types.ts'

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

/** What every request names. `subresource` is e.g. `status`. */
export interface ResourceTarget {
  readonly resource: GroupVersionResource
  /** Absent for cluster-scoped resources and for reads over all namespaces. */
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
}

export interface WriteOptions {
  readonly dryRun?: boolean
  readonly fieldManager?: string
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict'
  /** With `apply`: take fields over from other managers. */
  readonly force?: boolean
}

export interface ListOptions {
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly limit?: number
  readonly continue?: string
  readonly resourceVersion?: string
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan'
}

export interface WatchOptions extends Omit<ListOptions, 'limit' | 'continue'> {
  readonly allowWatchBookmarks?: boolean
  readonly sendInitialEvents?: boolean
  readonly timeoutSeconds?: number
}

export type ApiCall = ResourceTarget &
  (
    | { readonly verb: 'get'; readonly resourceVersion?: string }
    | { readonly verb: 'list'; readonly options?: ListOptions }
    | { readonly verb: 'create' | 'update'; readonly body: object; readonly options?: WriteOptions }
    | { readonly verb: 'patch'; readonly type: PatchType; readonly body: unknown; readonly options?: WriteOptions }
    | { readonly verb: 'delete'; readonly body?: DeleteOptions }
    | { readonly verb: 'deletecollection'; readonly body?: DeleteOptions; readonly options?: ListOptions }
  )

/** An event of a watch. `ERROR` never appears here: it is thrown as an ApiError. */
export interface WatchEvent<T = KubeObject> {
  readonly type: Exclude<WatchEventType, 'ERROR'>
  readonly object: T
}

/** Objects that come out are shared and frozen (direct) or fresh (HTTP): treat them as read-only. */
export interface Transport {
  /** The answer's object (an object, a list, a Status). Throws `ApiError` for every failure the server states. */
  call(call: ApiCall, signal?: AbortSignal): Promise<unknown>
  /** Ends when the server ends the watch; throws `ApiError` (`Expired`) when the revision is gone. */
  watch(target: ResourceTarget, options: WatchOptions, signal: AbortSignal): AsyncIterable<WatchEvent>
}
