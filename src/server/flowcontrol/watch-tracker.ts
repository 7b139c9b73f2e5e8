/** How many watch what a write changes: their work comes after the write's answer. */

import type { RequestInfo, ResourceRequest } from '../http/request/request-info.ts'

/** A watch of the Pods of one node is told of hardly any change. */
const OF_ONE_NODE = /(?:^|,)spec\.nodeName==?[^,]/

export class WatchTracker {
  readonly #counts = new Map<string, number>()

  /** Counts a watch until the answer is called. */
  add(info: ResourceRequest, query: URLSearchParams): () => void {
    if (info.resource === 'pods' && OF_ONE_NODE.test(query.get('fieldSelector') ?? '')) return () => {}
    const key = keyOf(info, info.namespace, info.name)
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
    return () => {
      const left = (this.#counts.get(key) ?? 0) - 1
      if (left > 0) this.#counts.set(key, left)
      else this.#counts.delete(key)
    }
  }

  /** How many may be told of the change that a request makes. */
  watchersOf(info: RequestInfo): number {
    if (!info.isResource || this.#counts.size === 0) return 0
    const count = (namespace: string, name: string) => this.#counts.get(keyOf(info, namespace, name)) ?? 0
    const { namespace, name } = info
    return count('', '') + (namespace === '' ? 0 : count(namespace, '')) + (name === '' ? 0 : count(namespace, name))
  }
}

const keyOf = ({ group, resource }: ResourceRequest, namespace: string, name: string) =>
  `${group}/${resource}/${namespace}/${name}`
