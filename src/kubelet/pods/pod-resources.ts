/** What a Pod needs around its containers: folders, cgroup, sandbox, hosts file, volumes. */

import type { IdMapping, PodSandboxConfig, PodSandboxStatus } from '../cri/runtime.ts'
import type { EnvironmentSources } from '../environment/environment.ts'
import { podCgroupOf } from '../resources/linux-resources.ts'
import { type MadeVolume, makeVolumes, refreshVolumes, type VolumeSources } from '../volumes/pod-volumes.ts'
import type { ObjectAt } from '../volumes/referenced-objects.ts'
import { ServiceAccountTokens } from '../volumes/service-account-tokens.ts'
import { dnsOf } from './dns-config.ts'
import { hostnameOf, hostsFile } from './hostname.ts'
import { checkUserNamespace } from './isolation.ts'
import type { PodDeps } from './pod-deps.ts'
import { isHostNetwork, namesOf, type PodView, specOf } from './pod-view.ts'
import { sandboxConfig } from './sandbox-config.ts'

/** Makes and keeps them for one Pod. Every method may be repeated. */
export class PodResources {
  readonly #deps: PodDeps
  readonly #uid: string
  readonly #tokens: ServiceAccountTokens
  #prepared: Promise<void> | undefined
  #volumes: ReadonlyMap<string, MadeVolume> | undefined
  #hosts: { readonly key: string; readonly path: string } | undefined

  constructor(uid: string, deps: PodDeps) {
    this.#deps = deps
    this.#uid = uid
    this.#tokens = new ServiceAccountTokens(deps.client, deps.clock)
  }

  /** Folders and cgroup. */
  prepare(pod: PodView): Promise<void> {
    const { host } = this.#deps
    this.#prepared ??= Promise.all([host.pods.prepare(namesOf(pod)), host.cgroups.ensure(podCgroupOf(pod))]).then(
      () => {},
      (error: unknown) => {
        this.#prepared = undefined
        throw error
      },
    )
    return this.#prepared
  }

  /** All volumes by name, made once. Throws `MountFailure`. */
  async volumes(
    pod: PodView,
    podIps: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, MadeVolume>> {
    this.#volumes ??= await makeVolumes(pod, this.#sources(pod, podIps, signal))
    return this.#volumes
  }

  /** Brings volumes that follow the API up to date, if they stand. */
  async refresh(pod: PodView, podIps: readonly string[], signal: AbortSignal): Promise<void> {
    if (this.#volumes !== undefined) await refreshVolumes(pod, this.#sources(pod, podIps, signal))
  }

  /** When a token wants renewal. */
  get renewAt(): number | undefined {
    return this.#tokens.renewAt
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
    const { runtime, runtimeHandler, tell, node } = this.#deps
    for (const warning of dnsOf(pod, node.dns, node.resolver).warnings) tell({ pod, type: 'Warning', ...warning })
    return this.#orTell(pod, signal, async () => {
      const handler = await runtimeHandler(specOf(pod).runtimeClassName, signal)
      const id = await runtime.runPodSandbox(config, handler, signal)
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
    return { ...sources, services: this.#deps.services() }
  }

  /** Gives back what is not the runtime's. */
  async release(): Promise<void> {
    const { host, references, userNamespaces } = this.#deps
    this.#volumes = undefined
    this.#prepared = undefined
    this.#hosts = undefined
    references.release(this.#uid)
    userNamespaces.release(this.#uid)
    await host.pods.remove(this.#uid)
    await host.cgroups.remove(this.#uid)
  }

  #sources(pod: PodView, podIps: readonly string[], signal: AbortSignal): VolumeSources {
    const { host, references, claim, persistentVolume, node } = this.#deps
    return {
      files: host.volumes,
      configMap: (at: ObjectAt) => references.configMap(this.#uid, at, signal),
      secret: (at: ObjectAt) => references.secret(this.#uid, at, signal),
      token: (projection) => this.#tokens.token(pod, projection, signal),
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
