/** Informers that count how many objects are taken out of them. */

import type { Informer, InformerFactory } from '../../src/client/informer.ts'
import type { KubeObject } from '../../src/meta/types.ts'

/** The same informers; `count` is told how many objects each list gave. */
export function countingReads(inner: InformerFactory, count: (objects: number) => void): InformerFactory {
  const known = new Map<object, object>()
  return {
    run: (signal) => inner.run(signal),
    of(ref, scope) {
      const informer = inner.of(ref, scope)
      const counted = (known.get(informer) as typeof informer | undefined) ?? counting(informer, count)
      known.set(informer, counted)
      return counted
    },
  }
}

function counting<T extends KubeObject>(inner: Informer<T>, count: (objects: number) => void): Informer<T> {
  const counted = <L extends readonly unknown[]>(list: L): L => {
    count(list.length)
    return list
  }
  return {
    get synced() {
      return inner.synced
    },
    get: (key) => inner.get(key),
    list: (namespace) => counted(inner.list(namespace)),
    byIndex: (index, value) => counted(inner.byIndex(index, value)),
    indexValues: (index) => counted(inner.indexValues(index)),
    whenSynced: (signal) => inner.whenSynced(signal),
    on: (handler) => inner.on(handler),
    addIndex: (name, values) => inner.addIndex(name, values),
    run: (signal) => inner.run(signal),
  }
}
