/** The devices of the node: those of device plugins, and those that claims were given. */

import path from 'node:path'

import type { ResourceStatus } from '../../api/generated/core-v1.ts'
import { Wakeup } from '../../base/async/wakeup.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Client } from '../../client/client.ts'
import type { KubeletFolder } from '../host/host.ts'
import type { DeviceMetrics } from '../metrics/device-metrics.ts'
import type { PluginHandlers } from '../plugins/plugin.ts'
import { prepareDevices } from '../pods/sandbox/devices.ts'
import { type KindedContainer, namesOf, type PodView } from '../pods/pod-view.ts'
import type { PodFailure } from '../pods/work.ts'
import type { ContainerEdits } from './container-edits.ts'
import { DeviceManager } from './device-manager.ts'

export interface NodeDevicesDeps {
  readonly kubelet: KubeletFolder
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
  readonly metrics: DeviceMetrics
  /** The Pods that are not over; `undefined`: not all are known yet. */
  readonly activePods: () => ReadonlySet<string> | undefined
  /** What there is to tell of a Pod may be another. */
  readonly wake: (uid: string) => void
}

export class NodeDevices {
  readonly #deps: NodeDevicesDeps
  readonly #manager: DeviceManager
  readonly #news: Wakeup

  constructor(deps: NodeDevicesDeps) {
    this.#deps = deps
    this.#news = new Wakeup(deps.clock)
    this.#manager = new DeviceManager({
      ...deps,
      folder: path.join(deps.kubelet.root, 'device-plugins'),
      paths: deps.kubelet.paths,
      changed: () => this.#news.wake(),
      healthChanged: (uids) => {
        for (const uid of uids) deps.wake(uid)
      },
    })
  }

  /** What is done with their plugins. */
  get handlers(): PluginHandlers {
    return { DevicePlugin: this.#manager.plugins.handler }
  }

  /** What the node has of the resources of device plugins. */
  get amounts() {
    return this.#manager.plugins.registered.amounts()
  }

  /** Settles when those amounts may be others, at the latest `ms` from now. */
  changed(ms: number, signal: AbortSignal): Promise<void> {
    return this.#news.wait(ms, signal)
  }

  /** Takes up what an earlier kubelet gave. Called before anything else. */
  async load(): Promise<void> {
    await this.#manager.load()
  }

  /** Serves plugins until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#manager.run(signal)
  }

  /** Gives the containers of a Pod that is new here their devices; the answer is why the Pod cannot run. */
  admit(pod: PodView, signal: AbortSignal): Promise<PodFailure | undefined> {
    return this.#manager.admit(pod, signal)
  }

  /** Has drivers prepare the devices of the Pod's claims, before its sandbox is made. */
  prepare(pod: PodView, signal: AbortSignal): Promise<void> {
    return prepareDevices(pod, this.#deps.client, signal)
  }

  /** What the devices of a container that is about to start add to it. */
  forContainer(pod: PodView, container: KindedContainer, signal: AbortSignal): Promise<ContainerEdits> {
    return this.#manager.forContainer(pod, container, signal)
  }

  /** How the devices of an app container are. */
  healthOf(pod: PodView, { spec }: KindedContainer): readonly ResourceStatus[] {
    return this.#manager.healthOf(namesOf(pod).uid, spec.name)
  }

  /** Nothing of the Pod runs any more. */
  async release(_pod: PodView, _signal: AbortSignal): Promise<void> {}
}
