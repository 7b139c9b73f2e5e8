/** How long the node took to start (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import type { Family } from '../../base/metrics/text.ts'

/** In the order in which they come. */
export type NodeStartStep = 'booted' | 'kubeletStarted' | 'registering' | 'registered' | 'ready'

const SPANS: readonly (readonly [name: string, of: string, from: NodeStartStep, to: NodeStartStep])[] = [
  ['pre_kubelet_', 'before kubelet starts', 'booted', 'kubeletStarted'],
  ['pre_registration_', 'before registration', 'kubeletStarted', 'registering'],
  ['registration_', 'during registration', 'registering', 'registered'],
  ['post_registration_', 'after registration', 'registered', 'ready'],
  ['', 'in total', 'booted', 'ready'],
]

export class NodeStartMetrics {
  /** In milliseconds since the epoch. */
  readonly #at = new Map<NodeStartStep, number>()

  /** Only the first time counts. */
  reached(step: NodeStartStep, now: number): void {
    if (!this.#at.has(step)) this.#at.set(step, now)
  }

  /** Zero as long as it is not known; so it stays where the Node was there before. */
  get families(): readonly Family[] {
    const isNew = this.#at.has('registered')
    return SPANS.map(([name, of, first, last]) => {
      const [from, to] = [this.#at.get(first), this.#at.get(last)]
      const value = isNew && from !== undefined && to !== undefined ? (to - from) / 1000 : 0
      return {
        name: `kubelet_node_startup_${name}duration_seconds`,
        help: `Duration in seconds of node startup ${of}.`,
        type: 'gauge',
        samples: [{ value }],
      }
    })
  }
}
