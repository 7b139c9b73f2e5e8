/** Asks the server whether an owner exists: a cache may lag behind, and a deletion cannot be taken back. */

import type { Client } from '../../client/client.ts'
import { hasReason } from '../../meta/errors.ts'
import { type AnyResource, groupOf } from '../kit/all-resources.ts'
import { isDeleting, type ReadObject, uidOf } from '../kit/ownership.ts'
import type { OwnerState } from './decide.ts'
import { FOREGROUND, type ReadReference } from './graph.ts'

/** How many absent owners are remembered: a uid never comes back. */
const REMEMBERED = 500

export interface OwnerLookup {
  readonly client: Client
  /** The resource of a kind, whatever its version; undefined for one that is not served. */
  readonly resourceOf: (group: string, kind: string) => AnyResource | undefined
}

export class OwnerVerifier {
  readonly #lookup: OwnerLookup
  readonly #absent = new Set<string>()

  constructor(lookup: OwnerLookup) {
    this.#lookup = lookup
  }

  /** Throws when it cannot be told: a kind nobody serves, or a namespaced owner of an object without namespace. */
  async stateOf(reference: ReadReference, namespace: string | undefined, signal: AbortSignal): Promise<OwnerState> {
    const { apiVersion, kind, name, uid } = reference
    const resource = this.#lookup.resourceOf(groupOf(apiVersion), kind)
    if (resource === undefined) throw new UnverifiableOwner(`no resource is served for ${apiVersion} ${kind}`)
    if (resource.namespaced && namespace === undefined) {
      throw new UnverifiableOwner(`cluster-scoped objects cannot have the namespaced owner ${kind} "${name}"`)
    }
    const key = [resource.resource, resource.group, namespace, name, uid].join('/')
    if (this.#absent.has(key)) return 'absent'
    const at = resource.namespaced && namespace !== undefined ? { namespace, name } : { name }
    const owner = await this.#find(resource, at, signal)
    if (owner === undefined || uidOf(owner) !== uid) {
      this.#remember(key)
      return 'absent'
    }
    return isDeleting(owner) && owner.metadata.finalizers?.includes(FOREGROUND) === true ? 'waiting' : 'solid'
  }

  async #find(
    resource: AnyResource,
    at: { readonly name: string; readonly namespace?: string },
    signal: AbortSignal,
  ): Promise<ReadObject | undefined> {
    try {
      return await this.#lookup.client.get(resource, at, signal)
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined
      throw error
    }
  }

  #remember(key: string): void {
    this.#absent.add(key)
    const [oldest] = this.#absent
    if (this.#absent.size > REMEMBERED && oldest !== undefined) this.#absent.delete(oldest)
  }
}

/** An owner of which nothing can be said: its dependents stay. */
export class UnverifiableOwner extends Error {
  override readonly name = 'UnverifiableOwner'
}
