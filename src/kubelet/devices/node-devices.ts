/** The devices of the node: those of device plugins, and those that claims were given. */

import path from 'node:path'

import type { ResourceStatus } from '../../api/generated/core-v1.ts'
import { withGroup } from '../../base/async/group.ts'
import { Wakeup } from '../../base/async/wakeup.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Random } from '../../base/random.ts'
import type { Client } from '../../client/client.ts'
import { ClaimManager } from '../claims/claim-manager.ts'
import type { RuntimeVersion } from '../cri/runtime.ts'
import type { KubeletFolder } from '../host/host.ts'
import type { ClaimMetrics } from '../metrics/claim-metrics.ts'
import type { DeviceMetrics } from '../metrics/device-metrics.ts'
import type { PluginHandlers } from '../plugins/plugin.ts'
import { type KindedContainer, namesOf, type PodView } from '../pods/pod-view.ts'
import type { PodFailure } from '../pods/work.ts'
import { type ContainerEdits, mergedEdits, NO_EDITS } from './container-edits.ts'
import { DeviceManager } from './device-manager.ts'
import { servePodResources } from './pod-resources.ts'

export interface NodeDevicesDeps {
  readonly kubelet: KubeletFolder
  /** The node's name. */
  readonly nodeName: string
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: { readonly devices: DeviceMetrics; readonly claims: ClaimMetrics }
  readonly runtimeVersion: RuntimeVersion
  /** The Pods that are not over; `undefined`: not all are known yet. */
  readonly activePods: () => readonly PodView[] | undefined
  /** What there is to tell of a Pod may be another. */
  readonly wake: (uid: string) => void
}

export class NodeDevices {
  readonly #deps: NodeDevicesDeps
  readonly #manager: DeviceManager
  readonly #news: Wakeup
  readonly #claims: ClaimManager

  constructor(deps: NodeDevicesDeps) {
    this.#deps = deps
    this.#news = new Wakeup(deps.clock)
    const { kubelet, metrics, wake, nodeName: node } = deps
    const activePods = () => {
      const pods = deps.activePods()
      return pods === undefined ? undefined : new Set(pods.map((pod) => namesOf(pod).uid))
    }
    this.#manager = new DeviceManager({
      ...deps,
      metrics: metrics.devices,
      folder: path.join(kubelet.root, 'device-plugins'),
      paths: kubelet.paths,
      activePods,
      changed: () => this.#news.wake(),
      healthChanged: (uids) => {
        for (const uid of uids) wake(uid)
      },
    })
    this.#claims = new ClaimManager({ ...deps, metrics: metrics.claims, folder: kubelet.root, node, activePods })
  }

  /** What is done with their plugins. */
  get handlers(): PluginHandlers {
    return { DevicePlugin: this.#manager.plugins.handler, DRAPlugin: this.#claims.drivers.handler }
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
    await Promise.all([this.#manager.load(), this.#claims.load()])
  }

  /** Serves plugins until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const folder = path.join(this.#deps.kubelet.root, 'pod-resources')
    const { registered } = this.#manager.plugins
    const { allocations } = this.#manager
    const pods = () => this.#deps.activePods() ?? []
    await withGroup(async (group) => {
      group.start((inner) => this.#manager.run(inner))
      group.start((inner) =>
        servePodResources({ folder, registered, allocations, claims: this.#claims.claims, pods }, inner),
      )
      await this.#claims.run(group.signal)
    }, signal)
  }

  /** Gives the containers of a Pod that is new here their devices; the answer is why the Pod cannot run. */
  admit(pod: PodView, signal: AbortSignal): Promise<PodFailure | undefined> {
    return this.#manager.admit(pod, signal)
  }

  /** Has drivers prepare the devices of the Pod's claims, before its sandbox is made. Throws with Kubernetes's words. */
  prepare(pod: PodView, signal: AbortSignal): Promise<void> {
    return this.#claims.prepare(pod, signal)
  }

  /** What the devices of a container that is about to start add to it. */
  async forContainer(pod: PodView, container: KindedContainer, signal: AbortSignal): Promise<ContainerEdits> {
    const cdiDevices = this.#claims.cdiDevicesOf(pod, container)
    const edits = mergedEdits([{ ...NO_EDITS, cdiDevices }, await this.#manager.forContainer(pod, container, signal)])
    const [device] = edits.cdiDevices
    if (device !== undefined) checkCdi(device, this.#deps.runtimeVersion)
    return edits
  }

  /** How the devices of an app container are. */
  healthOf(pod: PodView, container: KindedContainer): readonly ResourceStatus[] {
    const { uid } = namesOf(pod)
    return [...this.#manager.healthOf(uid, container.spec.name), ...this.#claims.healthOf(pod, container)]
  }

  /** Nothing of the Pod runs any more. Throws with Kubernetes's words. */
  release(pod: PodView, signal: AbortSignal): Promise<void> {
    return this.#claims.release(pod, signal)
  }
}

/** A runtime that does not know such devices would start the container without them. */
function checkCdi(device: string, { runtimeName, runtimeVersion }: RuntimeVersion): void {
  const [major = 0, minor = 0] = runtimeVersion.replace(/^v/, '').split('.').map(Number)
  if (runtimeName !== 'containerd' || major > 1 || minor >= 7) return
  const why = `${runtimeName} ${runtimeVersion} knows no devices of the Container Device Interface, 1.7 does`
  throw new Error(`cannot give the device ${device}: ${why}`)
}
