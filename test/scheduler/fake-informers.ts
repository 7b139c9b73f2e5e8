/** Informers over objects that a test puts and removes: they tell of every change at once. */

import type { Informer, InformerFactory, InformerHandler } from '../../src/client/informer.ts'
import type { ResourceRef } from '../../src/client/resources.ts'
import type { DeepReadonly } from '../../src/meta/deep-readonly.ts'
import { keyOf } from '../../src/meta/keys.ts'
import type { KubeObject } from '../../src/meta/types.ts'

export interface FakeInformers {
  readonly factory: InformerFactory
  /** Adds an object, or changes the one of its key. */
  put<T extends KubeObject>(ref: ResourceRef<T>, object: T): void
  remove<T extends KubeObject>(ref: ResourceRef<T>, key: string): void
  /** By its uid. */
  get<T extends KubeObject>(ref: ResourceRef<T>, uid: string): T | undefined
  list<T extends KubeObject>(ref: ResourceRef<T>): readonly T[]
}

interface Kind {
  readonly objects: Map<string, KubeObject>
  readonly handlers: Set<InformerHandler<KubeObject>>
  readonly indexes: Map<string, (object: DeepReadonly<KubeObject>) => readonly string[]>
}

export function fakeInformers(): FakeInformers {
  const kinds = new Map<string, Kind>()
  const kindOf = (ref: ResourceRef<KubeObject>): Kind => {
    const key = `${ref.group}/${ref.resource}`
    const kind = kinds.get(key) ?? { objects: new Map(), handlers: new Set(), indexes: new Map() }
    kinds.set(key, kind)
    return kind
  }
  return {
    factory: {
      of: (ref: ResourceRef<KubeObject>) => informerOf(kindOf(ref)),
      run: () => Promise.resolve(),
    } as unknown as InformerFactory,
    put(ref, object) {
      const { objects, handlers } = kindOf(ref as unknown as ResourceRef<KubeObject>)
      const old = objects.get(keyOf(object))
      objects.set(keyOf(object), object)
      for (const handler of handlers)
        if (old === undefined) handler.added?.(object)
        else handler.updated?.(object, old)
    },
    remove(ref, key) {
      const { objects, handlers } = kindOf(ref as unknown as ResourceRef<KubeObject>)
      const found = objects.get(key) ?? [...objects.values()].find(({ metadata }) => metadata.uid === key)
      if (found === undefined) return
      objects.delete(keyOf(found))
      for (const handler of handlers) handler.deleted?.(found)
    },
    get<T extends KubeObject>(ref: ResourceRef<T>, uid: string) {
      const { objects } = kindOf(ref as unknown as ResourceRef<KubeObject>)
      return [...objects.values()].find(({ metadata }) => metadata.uid === uid) as T | undefined
    },
    list<T extends KubeObject>(ref: ResourceRef<T>) {
      return [...kindOf(ref as unknown as ResourceRef<KubeObject>).objects.values()] as T[]
    },
  }
}

function informerOf({ objects, handlers, indexes }: Kind): Informer<KubeObject> {
  return {
    synced: true,
    whenSynced: () => Promise.resolve(),
    get: (key: string) => objects.get(key),
    list: (namespace?: string) =>
      [...objects.values()].filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
    byIndex: (index: string, value: string) =>
      [...objects.values()].filter((object) => indexes.get(index)?.(object).includes(value)),
    indexValues: () => [],
    addIndex: (name: string, values: (object: DeepReadonly<KubeObject>) => readonly string[]) =>
      void indexes.set(name, values),
    on: (handler: InformerHandler<KubeObject>) => {
      handlers.add(handler)
      return () => handlers.delete(handler)
    },
    run: () => Promise.resolve(),
  } as unknown as Informer<KubeObject>
}
