/** What a Pod needs around its containers: folders, cgroup, sandbox, hosts file, volumes. */

import { qosClassOf } from '../../../api/core/v1/pod/facts.ts'
import { timed } from '../../metrics/measured.ts'
import { volumePlugin } from '../../volumes/plugins.ts'
import type { IdMapping, Image, PodSandboxConfig, PodSandboxStatus } from '../../cri/runtime.ts'
import type { EnvironmentSources } from '../../environment/environment.ts'
import { podCgroupOf } from '../../resources/linux-resources.ts'
import { podMemory } from '../../resources/memory-rules.ts'
import type { ClaimedVolume, CsiUse } from '../../volumes/csi/csi-use.ts'
import type { CsiVolumes } from '../../volumes/csi/csi-volumes.ts'
import type { DrivenUse, DrivenVolumes } from '../../volumes/driven.ts'
import { Expansion } from '../../volumes/expansion.ts'
import { KeptVolumes } from '../../volumes/kept-volumes.ts'
import type { MountFailure } from '../../volumes/mount-failure.ts'
import type { MadeVolume, VolumeSources } from '../../volumes/pod-volumes.ts'
import type { ObjectAt } from '../../volumes/referenced-objects.ts'
import { ServiceAccountTokens } from '../../volumes/service-account-tokens.ts'
import type { MadeImageVolume } from '../container/container-config.ts'
import { refuseDevices } from '../../claims/pod-claims.ts'
import { dnsOf } from '../sandbox/dns-config.ts'
import { hostnameOf, hostsFile } from '../sandbox/hostname.ts'
import { checkUserNamespace, seLinuxWarning } from '../container/isolation.ts'
import type { PodDeps } from '../pod-deps.ts'
import { isHostNetwork, namesOf, type PodView, specOf } from '../pod-view.ts'
import { sandboxConfig } from '../sandbox/sandbox-config.ts'

/** As much as a file of variables may hold. */
const MAX_ENV_FILE_BYTES = 1024 * 1024

/** Makes and keeps them for one Pod. Every method may be repeated. */
export class PodResources {
  readonly #deps: PodDeps
  readonly #uid: string
  readonly #tokens: ServiceAccountTokens
  readonly #volumes: KeptVolumes
  readonly #expansion: Expansion
  #prepared: Promise<void> | undefined
  #hosts: { readonly key: string; readonly path: string } | undefined

  constructor(uid: string, deps: PodDeps) {
    this.#deps = deps
    this.#uid = uid
    this.#tokens = new ServiceAccountTokens(deps.client, deps.clock)
    this.#volumes = new KeptVolumes(deps.clock, () => this.#tokens.renewAt)
    this.#expansion = new Expansion({ client: deps.client, clock: deps.clock, nodeName: deps.node.name })
  }

  /** Folders and cgroup. */
  prepare(pod: PodView): Promise<void> {
    const { host, node, tell } = this.#deps
    const orTell = (reason: string, what: string) => (error: unknown) => {
      const why = error instanceof Error ? error.message : String(error)
      tell({ pod, type: 'Warning', reason, message: `${what}: ${why}` })
      throw error
    }
    this.#prepared ??= Promise.all([
      host.pods.prepare(namesOf(pod)).catch(orTell('Failed', 'error making pod data directories')),
      host.cgroups
        .ensure({ ...podCgroupOf(pod), unified: podMemory(pod, qosClassOf(pod), node.memory) })
        .catch(orTell('FailedCreatePodContainer', 'unable to ensure pod container exists')),
    ]).then(
      () => {},
      (error: unknown) => {
        this.#prepared = undefined
        throw error
      },
    )
    return this.#prepared
  }

  /** All volumes by name, each made once. Throws `MountFailure`. */
  volumes(pod: PodView, podIps: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, MadeVolume>> {
    return this.#volumes.make(pod, this.#sources(pod, podIps, signal))
  }

  /** Whether some stand. */
  get hasVolumes(): boolean {
    return this.#volumes.size > 0
  }

  /** Those that stand, by name. */
  get madeVolumes(): ReadonlyMap<string, MadeVolume> {
    return this.#volumes.all
  }

  /** Milliseconds until volumes that are in use want to be kept; `undefined`: when what they are made of changes. */
  get keepIn(): number | undefined {
    return this.#volumes.dueIn
  }

  /** Brings the volumes of a Pod that runs up to date. What fails is answered, and due again. */
  async keep(pod: PodView, podIps: readonly string[], signal: AbortSignal): Promise<readonly MountFailure[]> {
    const failures = await this.#volumes.keep(pod, this.#sources(pod, podIps, signal))
    signal.throwIfAborted()
    return failures
  }

  /** What the sandbox shall be; throws, and tells why, when this node cannot make it so. */
  async sandboxConfig(pod: PodView, attempt: number, signal: AbortSignal): Promise<PodSandboxConfig> {
    const { host, node } = this.#deps
    return this.#orTell(pod, signal, async () => {
      const userNamespace = await this.#userNamespace(pod, signal)
      return sandboxConfig(pod, {
        attempt,
        hostname: hostnameOf(pod, node.dns).kernelName,
        dns: dnsOf(pod, node.dns, node.resolver).config,
        logDirectory: host.pods.logDirectory(namesOf(pod)),
        cgroupParent: host.cgroups.parentOf(podCgroupOf(pod)),
        userNamespace,
      })
    })
  }

  /** Runs the sandbox; the answer is its status, with the Pod's addresses. */
  async runSandbox(pod: PodView, config: PodSandboxConfig, signal: AbortSignal): Promise<PodSandboxStatus> {
    const { runtime, runtimeHandler, tell, node, clock, metrics } = this.#deps
    const warnings = [...dnsOf(pod, node.dns, node.resolver).warnings, seLinuxWarning(pod, node.seLinux)]
    for (const warning of warnings) if (warning !== undefined) tell({ pod, type: 'Warning', ...warning })
    await this.#prepareDevices(pod, signal)
    return this.#orTell(pod, signal, async () => {
      const handler = await runtimeHandler(specOf(pod).runtimeClassName, signal)
      const id = await timed(
        clock,
        () => runtime.runPodSandbox(config, handler, signal),
        (seconds, hasFailed) => {
          metrics.starts.sandboxRun(handler, seconds, hasFailed)
          metrics.lifecycle.podStarted(pod, hasFailed)
        },
      )
      return runtime.podSandboxStatus(id, signal)
    })
  }

  /** The range of the Pod's own user namespace, if it wants one. */
  async #userNamespace(pod: PodView, signal: AbortSignal): Promise<IdMapping | undefined> {
    const { runtime, runtimeHandler, userNamespaces } = this.#deps
    const { hostUsers, runtimeClassName } = specOf(pod)
    if (hostUsers !== false) return undefined
    checkUserNamespace(await runtimeHandler(runtimeClassName, signal), await runtime.status(signal))
    return userNamespaces.rangeOf(this.#uid, signal)
  }

  async #prepareDevices(pod: PodView, signal: AbortSignal): Promise<void> {
    try {
      const { devices, client } = this.#deps
      await (devices === undefined ? refuseDevices(pod, client, signal) : devices.prepare(pod, signal))
    } catch (error) {
      signal.throwIfAborted()
      const text = error instanceof Error ? error.message : String(error)
      const message = `Failed to prepare dynamic resources: ${text}`
      this.#deps.tell({ pod, type: 'Warning', reason: 'FailedPrepareDynamicResources', message })
      throw error
    }
  }

  async #orTell<T>(pod: PodView, signal: AbortSignal, make: () => Promise<T>): Promise<T> {
    try {
      return await make()
    } catch (error) {
      signal.throwIfAborted()
      const text = error instanceof Error ? error.message : String(error)
      const message = `Failed to create pod sandbox: ${text}`
      this.#deps.tell({ pod, type: 'Warning', reason: 'FailedCreatePodSandBox', message })
      throw error
    }
  }

  /** The Pod's hosts file, written anew when its addresses change. */
  async hostsFile(pod: PodView, ips: readonly string[]): Promise<string> {
    const { host, node } = this.#deps
    const text = hostsFile(pod, { ips, names: hostnameOf(pod, node.dns), nodeHosts: node.hostsFile })
    if (this.#hosts?.key !== text) this.#hosts = { key: text, path: await host.pods.writeHosts(this.#uid, text) }
    return this.#hosts.path
  }

  environment(pod: PodView, podIps: readonly string[], signal: AbortSignal): EnvironmentSources {
    const sources = this.#sources(pod, podIps, signal)
    const file = async (volume: string, path: string) => {
      const made = this.#volumes.get(volume)
      if (made?.kind !== 'path') throw new Error(`cannot find the volume "${volume}" referenced by FileKeyRef`)
      const bytes = await this.#deps.host.volumes.readFile(made.path, path, MAX_ENV_FILE_BYTES)
      return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8')
    }
    return { ...sources, file, services: this.#deps.services() }
  }

  /** The files of an image that is on the node, or what the runtime is to be told of it. */
  async imageVolume(volume: string, image: Image, signal: AbortSignal): Promise<MadeImageVolume> {
    const { imageViews, host, clock, metrics } = this.#deps
    if (imageViews === undefined || host.volumes.imageFolder === undefined) return { image: { image: image.id } }
    const open = () => imageViews.open(image.id, this.#viewOf(volume), signal)
    const { imageFolder } = host.volumes
    const path = await timed(
      clock,
      () => imageFolder({ uid: this.#uid, volume }, open),
      (_seconds, hasFailed) => metrics.lifecycle.imageVolumeMounted(hasFailed),
    )
    return { kind: 'path', path, readOnly: true, isManaged: false }
  }

  #viewOf(volume: string): string {
    return `${this.#uid}-${volume}`
  }

  /** Gives back what is not the runtime's. */
  async release(signal: AbortSignal): Promise<void> {
    const { host, references, userNamespaces, imageViews, csi } = this.#deps
    this.#volumes.forget()
    this.#prepared = undefined
    this.#hosts = undefined
    references.release(this.#uid)
    userNamespaces.release(this.#uid)
    await csi?.release(this.#uid, signal)
    await host.volumes.releaseImages?.(this.#uid, async (volume) => imageViews?.close(this.#viewOf(volume), signal))
    await host.pods.remove(this.#uid)
    await host.cgroups.remove(this.#uid)
  }

  /** Volumes that CSI drivers make for the Pod. */
  #drivers(csi: CsiVolumes, pod: PodView, signal: AbortSignal): DrivenVolumes {
    const { secret } = this.#deps
    const withPod = (use: DrivenUse): CsiUse => ({
      ...use,
      secret: (at) => secret(at, signal),
      token: (request) => this.#tokens.token(pod, request, signal),
      tell: this.#teller(pod, use.claimed),
    })
    return {
      make: (use) => csi.make(withPod(use), signal),
      keep: (use) => csi.keep(withPod(use), signal),
    }
  }

  /** Tells of the Pod or of its claim. */
  #teller(pod: PodView, claimed: ClaimedVolume | undefined): CsiUse['tell'] {
    const { tell, tellClaim } = this.#deps
    return ({ isOfClaim, ...event }) => {
      if (isOfClaim !== true) tell({ pod, ...event })
      else if (claimed !== undefined) tellClaim(claimed.claim, event)
    }
  }

  #sources(pod: PodView, podIps: readonly string[], signal: AbortSignal): VolumeSources {
    const { host, references, claim, persistentVolume, node, clock, metrics, tell, csi } = this.#deps
    return {
      files: host.volumes,
      ...(csi !== undefined && { drivers: this.#drivers(csi, pod, signal) }),
      measure: (volume, make) =>
        timed(clock, make, (seconds, hasFailed) =>
          metrics.storage.mounted(volumePlugin(volume) ?? 'unknown', seconds, hasFailed),
        ),
      mapped: (name, path) => {
        const message = `MapVolume.MapPodDevice succeeded for volume "${name}" volumeMapPath "${path}"`
        tell({ pod, type: 'Normal', reason: 'SuccessfulMountVolume', message })
      },
      grow: (use, grow) =>
        this.#expansion.expand({ ...use, tell: this.#teller(pod, use.claimed) }, async () => grow, signal),
      configMap: (at: ObjectAt) => references.configMap(this.#uid, at, signal),
      secret: (at: ObjectAt) => references.secret(this.#uid, at, signal),
      token: async (projection) => (await this.#tokens.token(pod, projection, signal)).token,
      claim: (at) => claim(at, signal),
      persistentVolume: (name) => persistentVolume(name, signal),
      node: {
        nodeName: node.name,
        hostIps: node.hostIps,
        podIps: isHostNetwork(pod) ? node.hostIps : podIps,
        allocatable: node.allocatable,
      },
    }
  }
}
