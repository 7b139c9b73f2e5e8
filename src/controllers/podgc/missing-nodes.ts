/** Nodes that Pods are bound to and that are not there: gone once they have been missing for long enough. */

import type { Node, Pod } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../base/clock.ts'
import type { Client } from '../../client/client.ts'
import type { Informer } from '../../client/informer.ts'
import { NODES } from '../../client/resources.ts'
import { hasReason } from '../../meta/errors.ts'
import { onNode } from '../kit/indexes.ts'
import { nameOf } from '../kit/ownership.ts'
import type { ReadPod } from '../kit/pods.ts'

/** How long a node must be missing before its Pods are removed. */
const QUARANTINE_MS = 40_000

export interface MissingNodesDeps {
  readonly client: Client
  readonly clock: Clock
  readonly nodes: Informer<Node>
  readonly pods: Informer<Pod>
}

export class MissingNodes {
  readonly #deps: MissingNodesDeps
  /** Nodes that may be missing: deleted, or named by a Pod before they are known. */
  readonly #suspects = new Set<string>()
  /** When it was first noticed. */
  readonly #since = new Map<string, number>()

  constructor(deps: MissingNodesDeps) {
    this.#deps = deps
  }

  /** From now on notes what goes, and what Pods name. */
  follow(): void {
    const { nodes, pods } = this.#deps
    nodes.on({ deleted: (node) => this.#suspects.add(nameOf(node)) })
    const suspectNodeOf = ({ spec }: ReadPod) => {
      const nodeName = spec?.nodeName ?? ''
      if (nodeName !== '' && nodes.get(nodeName) === undefined) this.#suspects.add(nodeName)
    }
    pods.on({ added: suspectNodeOf, updated: suspectNodeOf })
  }

  /** The nodes whose quarantine is over and which the server does not have either. */
  async gone(signal: AbortSignal): Promise<ReadonlySet<string>> {
    this.#note()
    const gone = new Set<string>()
    for (const [name, since] of this.#since) {
      if (this.#deps.clock.monotonic() - since < QUARANTINE_MS) continue
      if (await this.#exists(name, signal)) this.#since.delete(name)
      else gone.add(name)
    }
    return gone
  }

  /** Clears what is there after all, or has no Pods; the quarantine of the others begins. */
  #note(): void {
    const { clock, nodes, pods } = this.#deps
    const now = clock.monotonic()
    for (const name of this.#suspects) {
      const isMissing = nodes.get(name) === undefined && onNode(pods, name).length > 0
      if (!isMissing) {
        this.#suspects.delete(name)
        this.#since.delete(name)
      } else if (!this.#since.has(name)) this.#since.set(name, now)
    }
  }

  async #exists(name: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#deps.client.get(NODES, { name }, signal)
      return true
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error
      return false
    }
  }
}
