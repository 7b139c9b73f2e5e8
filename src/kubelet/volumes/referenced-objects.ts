/**
 * The ConfigMaps and Secrets that Pods of this node refer to, each followed for as long as a Pod needs it and no others:
 * a node may not read what its Pods do not use.
 */

import type { ConfigMap, Secret } from '../../api/generated/core-v1.ts'
import type { TaskGroup } from '../../base/async/group.ts'
import { createInformer, type Informer, type InformerDeps } from '../../client/informer.ts'
import { CONFIG_MAPS, type ResourceRef, SECRETS } from '../../client/resources.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'

/** Which object is meant. */
export interface ObjectAt {
  readonly namespace: string
  readonly name: string
}

/** What a volume or a variable refers to is not there, or lacks the key. The text is Kubernetes's. */
export class MissingReference extends Error {
  override readonly name = 'MissingReference'
}

interface Followed<T extends ConfigMap | Secret> {
  readonly informer: Informer<T>
  readonly users: Set<string>
  readonly stop: () => void
}

/** Hands out objects by name; tells `changed` the uids of the Pods that use one that changed. */
export class ReferencedObjects {
  readonly #deps: InformerDeps
  readonly #group: TaskGroup
  readonly #changed: (uid: string) => void
  readonly #configMaps = new Map<string, Followed<ConfigMap>>()
  readonly #secrets = new Map<string, Followed<Secret>>()

  constructor(deps: InformerDeps, group: TaskGroup, changed: (uid: string) => void) {
    this.#deps = deps
    this.#group = group
    this.#changed = changed
  }

  /** The present ConfigMap, or `undefined`. From now on the Pod `uid` hears of its changes. */
  configMap(uid: string, at: ObjectAt, signal: AbortSignal): Promise<DeepReadonly<ConfigMap> | undefined> {
    return this.#read(this.#configMaps, CONFIG_MAPS, { uid, at }, signal)
  }

  secret(uid: string, at: ObjectAt, signal: AbortSignal): Promise<DeepReadonly<Secret> | undefined> {
    return this.#read(this.#secrets, SECRETS, { uid, at }, signal)
  }

  /** The Pod is gone; what only it used is followed no longer. */
  release(uid: string): void {
    for (const followed of [this.#configMaps, this.#secrets] as Map<string, Followed<ConfigMap | Secret>>[]) {
      for (const [key, { users, stop }] of followed) {
        users.delete(uid)
        if (users.size > 0) continue
        stop()
        followed.delete(key)
      }
    }
  }

  async #read<T extends ConfigMap | Secret>(
    table: Map<string, Followed<T>>,
    ref: ResourceRef<T>,
    { uid, at }: { readonly uid: string; readonly at: ObjectAt },
    signal: AbortSignal,
  ): Promise<DeepReadonly<T> | undefined> {
    const key = `${at.namespace}/${at.name}`
    let followed = table.get(key)
    if (followed === undefined) {
      followed = this.#follow(ref, at)
      table.set(key, followed)
    }
    followed.users.add(uid)
    await followed.informer.whenSynced(signal)
    return followed.informer.get(key)
  }

  #follow<T extends ConfigMap | Secret>(ref: ResourceRef<T>, { namespace, name }: ObjectAt): Followed<T> {
    const informer = createInformer(this.#deps, ref, { namespace, fieldSelector: `metadata.name=${name}` })
    const users = new Set<string>()
    const tell = () => {
      if (informer.synced) for (const uid of users) this.#changed(uid)
    }
    informer.on({ added: tell, updated: tell, deleted: tell })
    const stopping = new AbortController()
    this.#group.start(async (signal) => {
      const either = AbortSignal.any([signal, stopping.signal])
      await informer.run(either).catch((error: unknown) => {
        if (!either.aborted) throw error
      })
    })
    return { informer, users, stop: () => stopping.abort() }
  }
}
