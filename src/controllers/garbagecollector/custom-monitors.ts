/** Follows the objects of custom resources, which come and go while the cluster runs. */

import type { CustomResourceDefinition } from '../../api/generated/apiextensions-v1.ts'
import { aborted } from '../../base/async/group.ts'
import { createInformers, type InformerHandler } from '../../client/informer.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { KubeObject } from '../../meta/types.ts'
import { type AnyResource, customResource, kindKey } from '../kit/all-resources.ts'
import type { ControllerDeps } from '../kit/loop.ts'
import { nameOf, uidOf } from '../kit/ownership.ts'

type ReadDefinition = DeepReadonly<CustomResourceDefinition>

export interface MonitorHooks {
  readonly byKind: Map<string, AnyResource>
  readonly monitor: (resource: AnyResource) => InformerHandler<KubeObject>
  readonly forget: (uid: string) => void
}

interface Followed {
  readonly version: string
  readonly stop: () => void
  /** The resource is gone, and with it its objects; otherwise another version takes over. */
  isGone: boolean
}

export class CustomMonitors {
  readonly #deps: ControllerDeps
  readonly #hooks: MonitorHooks
  readonly #followed = new Map<string, Followed>()
  readonly #waiting = new Map<string, AnyResource>()
  readonly #running = new Set<Promise<void>>()
  #signal: AbortSignal | undefined

  constructor(deps: ControllerDeps, hooks: MonitorHooks) {
    this.#deps = deps
    this.#hooks = hooks
  }

  /** Runs the monitors until `signal` aborts; waits for all of them. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal
    for (const [name, resource] of this.#waiting) this.#start(name, resource, signal)
    this.#waiting.clear()
    await aborted(signal)
    this.#signal = undefined
    for (const { stop } of this.#followed.values()) stop()
    await Promise.all(this.#running)
  }

  follow(definition: ReadDefinition): void {
    const name = nameOf(definition)
    const resource = customResource(definition)
    if (resource === undefined) return this.drop(definition)
    const followed = this.#followed.get(name)
    if (followed?.version === resource.version) return
    followed?.stop()
    this.#hooks.byKind.set(kindKey(resource.group, resource.kind), resource)
    if (this.#signal === undefined) this.#waiting.set(name, resource)
    else this.#start(name, resource, this.#signal)
  }

  drop(definition: ReadDefinition): void {
    const name = nameOf(definition)
    this.#waiting.delete(name)
    const followed = this.#followed.get(name)
    if (followed !== undefined) {
      followed.isGone = true
      followed.stop()
    }
    this.#followed.delete(name)
    this.#hooks.byKind.delete(kindKey(definition.spec.group, definition.spec.names.kind))
  }

  #start(name: string, resource: AnyResource, outer: AbortSignal): void {
    const own = new AbortController()
    const informers = createInformers(this.#deps.client, this.#deps.clock, this.#deps.log)
    const cache = informers.of(resource)
    cache.on(this.#hooks.monitor(resource))
    const followed: Followed = { version: resource.version, stop: () => own.abort(), isGone: false }
    this.#followed.set(name, followed)
    const run = informers.run(AbortSignal.any([own.signal, outer])).catch((error: unknown) => {
      if (!own.signal.aborted && !outer.aborted) this.#deps.log.warn('custom resource monitor failed', { name, error })
    })
    const ended = run.then(() => {
      if (!followed.isGone || outer.aborted) return
      for (const object of cache.list()) this.#hooks.forget(uidOf(object))
    })
    this.#running.add(ended)
    void ended.finally(() => this.#running.delete(ended))
  }
}
