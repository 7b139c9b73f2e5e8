/** What a kubelet is given: its node's options, and everything it may touch. */

import type { Taint } from '../api/generated/core-v1.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import type { Client } from '../client/client.ts'
import type { KubeletConfig } from './config/kubelet-config.ts'
import type { ImageService, RuntimeService } from './cri/runtime.ts'
import type { NodeHost } from './host/host.ts'
import type { ManifestSource } from './static-pods/source.ts'

/** What this node is, and how it treats Pods. */
export interface NodeOptions {
  readonly name: string
  /** The node's addresses, the primary one first. */
  readonly addresses: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  /** Taints of a node that registers for the first time. */
  readonly taints?: readonly Taint[]
  readonly podCidrs?: readonly string[]
  readonly providerId?: string
  /** Where `server/` listens; told in the Node's status. */
  readonly port: number
  readonly clusterDomain: string
  /** Addresses of the cluster's DNS; empty: Pods resolve as the node does. */
  readonly clusterDns: readonly string[]
  /** How it treats Pods; Kubernetes's defaults unless told otherwise. */
  readonly config?: KubeletConfig
  /** Replaces what the machine has, for nodes that are simulated or share a machine. */
  readonly capacity?: Readonly<Record<string, string>>
  /** Where seccomp profiles of type `Localhost` lie. */
  readonly seccompRoot?: string
  /** Images that are never taken away, such as the one that sandboxes are made of. */
  readonly keptImages?: readonly string[]
  /** The kubelet's version as the Node tells it, e.g. `v1.36.0`. */
  readonly version: string
  /** Where its things are, as /configz tells it. */
  readonly places?: NodePlaces
}

/** Paths, and the like, under the names of a KubeletConfiguration. */
export interface NodePlaces {
  /** The folder behind `manifests`. */
  readonly staticPodPath: string
  readonly podLogsDir: string
  readonly containerRuntimeEndpoint: string
  readonly cgroupRoot: string
  readonly resolvConf: string
  readonly tlsCertFile: string
  readonly tlsPrivateKeyFile: string
}

/** The kubelet's certificates, and whom it trusts. */
export interface ServingOptions {
  /** The address to listen on; the node's primary one unless told otherwise. */
  readonly host?: string
  readonly certificate: string
  readonly key: string
  /** Whose certificates of clients count. */
  readonly clientCa: string
  /** Names or groups that may use the kubelet's API whatever the API server says; `system:masters` always may. */
  readonly allowed: { readonly users: readonly string[]; readonly groups: readonly string[] }
  /** Where anybody on the node may ask whether the kubelet is well; absent: nowhere. */
  readonly healthz?: { readonly host: string; readonly port: number }
}

export interface KubeletDeps {
  readonly client: Client
  /** Where the API server is, for figures, e.g. `10.64.0.1:6443`. */
  readonly apiHost?: string
  readonly runtime: RuntimeService
  readonly images: ImageService
  readonly host: NodeHost
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly node: NodeOptions
  /** Absent: the kubelet serves nothing, as in a cluster inside one process. */
  readonly serving?: ServingOptions
  /** Called once, when the node is registered and Pods can start. */
  readonly onReady?: () => void
  /** Manifests of Pods that this kubelet runs by itself. */
  readonly manifests?: readonly ManifestSource[]
  /** Aborts when the node goes down: Pods then end as the configuration says, and the kubelet after them. */
  readonly shutdown?: AbortSignal
  /** Called when they have ended; the kubelet goes on, and takes no more, until that settles. */
  readonly onPodsEnded?: (signal: AbortSignal) => Promise<void>
}
