/**
 * The typed client over a `Transport`: verbs of the API as functions of a `ResourceRef`. Everything that talks to the
 * API server, in this process or over HTTP, does it through this
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/).
 */

import type { DeepReadonly } from '../meta/deep-readonly.ts'
import type { DeleteOptions, KubeObject, ListMeta } from '../meta/types.ts'
import { type ResourceRef, apiVersionOf } from './resources.ts'
import type {
  ListOptions,
  PatchType,
  ResourceTarget,
  Transport,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './transport.ts'

/** Names one object of a resource. `namespace` is absent for cluster-scoped ones. */
export interface ObjectKey {
  readonly namespace?: string
  readonly name: string
}

/** What a list answers. Items are as the wire has them: those of a typed list lack apiVersion and kind. */
export interface ListResult<T> {
  readonly items: readonly DeepReadonly<T>[]
  readonly metadata: ListMeta
}

/** A body to write: a draft of one's own or a shared object. The call never changes it. */
export type BodyOf<T> = NoInfer<T> | DeepReadonly<NoInfer<T>>

export type CreateOptions = WriteOptions & { readonly subresource?: string; readonly name?: string }
export type UpdateOptions = WriteOptions & { readonly subresource?: string }
export type ListScope = { readonly namespace?: string }

/** All calls throw `ApiError` for what the server refuses, and `signal.reason` when `signal` aborts. */
export interface Client {
  readonly transport: Transport
  get<T extends KubeObject>(ref: ResourceRef<T>, at: ObjectKey, signal?: AbortSignal): Promise<DeepReadonly<T>>
  list<T extends KubeObject>(
    ref: ResourceRef<T>,
    options?: ListOptions & ListScope,
    signal?: AbortSignal,
  ): Promise<ListResult<T>>
  /** The namespace is the object's own. */
  create<T extends KubeObject>(
    ref: ResourceRef<T>,
    object: BodyOf<T>,
    options?: CreateOptions,
    signal?: AbortSignal,
  ): Promise<DeepReadonly<T>>
  /** POST to a subresource whose body is of another kind: `binding`, `eviction`, `token`. */
  createSubresource<Body extends KubeObject, Answer extends KubeObject = Body>(
    ref: ResourceRef<KubeObject>,
    at: ObjectKey & { readonly subresource: string },
    body: Body,
    options?: WriteOptions,
    signal?: AbortSignal,
  ): Promise<DeepReadonly<Answer>>
  update<T extends KubeObject>(
    ref: ResourceRef<T>,
    object: BodyOf<T>,
    options?: UpdateOptions,
    signal?: AbortSignal,
  ): Promise<DeepReadonly<T>>
  updateStatus<T extends KubeObject>(
    ref: ResourceRef<T>,
    object: BodyOf<T>,
    options?: WriteOptions,
    signal?: AbortSignal,
  ): Promise<DeepReadonly<T>>
  patch<T extends KubeObject>(
    ref: ResourceRef<T>,
    at: ObjectKey,
    type: PatchType,
    body: unknown,
    options?: UpdateOptions,
    signal?: AbortSignal,
  ): Promise<DeepReadonly<T>>
  delete<T extends KubeObject>(
    ref: ResourceRef<T>,
    at: ObjectKey,
    options?: DeleteOptions,
    signal?: AbortSignal,
  ): Promise<void>
  deleteCollection<T extends KubeObject>(
    ref: ResourceRef<T>,
    options: ListOptions & ListScope,
    deleteOptions?: DeleteOptions,
    signal?: AbortSignal,
  ): Promise<void>
  /** Ends when the server ends it; leaving the loop or aborting `signal` releases it. */
  watch<T extends KubeObject>(
    ref: ResourceRef<T>,
    options: WatchOptions & ListScope,
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<DeepReadonly<T>>>
}

/** A client over `transport`. */
export function createClient(transport: Transport): Client {
  const object = async <T>(call: Parameters<Transport['call']>[0], signal?: AbortSignal) =>
    (await transport.call(call, signal)) as DeepReadonly<T>

  const update = <T extends KubeObject>(
    ref: ResourceRef<T>,
    body: BodyOf<T>,
    { subresource, ...options }: UpdateOptions = {},
    signal?: AbortSignal,
  ) =>
    object<T>({ ...targetOf(ref, body.metadata, subresource), verb: 'update', body: typed(ref, body), options }, signal)

  return {
    transport,
    get: (ref, at, signal) => object({ ...targetOf(ref, at), verb: 'get' }, signal),
    async list<T extends KubeObject>(
      ref: ResourceRef<T>,
      { namespace, ...options }: ListOptions & ListScope = {},
      signal?: AbortSignal,
    ) {
      const list = await object<{ items: T[] | null; metadata?: ListMeta }>(
        { ...targetOf(ref, { namespace }), verb: 'list', options },
        signal,
      )
      return { items: (list.items ?? []) as readonly DeepReadonly<T>[], metadata: list.metadata ?? {} }
    },
    create<T extends KubeObject>(
      ref: ResourceRef<T>,
      body: BodyOf<T>,
      { subresource, name, ...options }: CreateOptions = {},
      signal?: AbortSignal,
    ) {
      const { namespace } = body.metadata
      return object<T>(
        { ...targetOf(ref, { namespace, name }, subresource), verb: 'create', body: typed(ref, body), options },
        signal,
      )
    },
    createSubresource: (ref, at, body, options = {}, signal) =>
      object({ ...targetOf(ref, at, at.subresource), verb: 'create', body, options }, signal),
    update,
    updateStatus: (ref, body, options, signal) => update(ref, body, { ...options, subresource: 'status' }, signal),
    patch: (ref, at, type, body, { subresource, ...options } = {}, signal) =>
      object({ ...targetOf(ref, at, subresource), verb: 'patch', type, body, options }, signal),
    async delete(ref, at, options, signal) {
      await transport.call(
        { ...targetOf(ref, at), verb: 'delete', ...(options === undefined ? {} : { body: options }) },
        signal,
      )
    },
    async deleteCollection(ref, { namespace, ...options }, deleteOptions, signal) {
      const body = deleteOptions === undefined ? {} : { body: deleteOptions }
      await transport.call({ ...targetOf(ref, { namespace }), verb: 'deletecollection', options, ...body }, signal)
    },
    watch: <T extends KubeObject>(
      ref: ResourceRef<T>,
      { namespace, ...options }: WatchOptions & ListScope,
      signal: AbortSignal,
    ) => transport.watch(targetOf(ref, { namespace }), options, signal) as AsyncIterable<WatchEvent<DeepReadonly<T>>>,
  }
}

interface Where {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
}

function targetOf(ref: ResourceRef<KubeObject>, { namespace, name }: Where, subresource?: string): ResourceTarget {
  const { group, version, resource } = ref
  return {
    resource: { group, version, resource },
    ...(namespace === undefined || !ref.namespaced ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  }
}

/** The body with its apiVersion and kind, which cached items may lack. */
function typed<T extends object>(ref: ResourceRef<KubeObject>, body: T): T {
  if ('kind' in body && body.kind !== undefined) return body
  return { apiVersion: apiVersionOf(ref), kind: ref.kind, ...body }
}
