/** What the work on one Pod may touch. One of these serves all Pods of a node. */

import type { MemoryRules } from '../resources/memory-rules.ts'
import type { PersistentVolume, PersistentVolumeClaim, Secret, Service } from '../../api/generated/core-v1.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Client } from '../../client/client.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import type { DnsConfig, ImageViews, RuntimeService } from '../cri/runtime.ts'
import type { NodeDevices } from '../devices/node-devices.ts'
import type { NodeHost } from '../host/host.ts'
import type { ImagePuller } from '../images/puller.ts'
import type { KubeletMetrics } from '../metrics/kubelet-metrics.ts'
import type { CsiVolumes } from '../volumes/csi/csi-volumes.ts'
import type { StatusWriter } from '../status/writer.ts'
import type { ObjectAt, ReferencedObjects } from '../volumes/referenced-objects.ts'
import type { ClusterDns } from './sandbox/dns-config.ts'
import type { KindedContainer, PodView } from './pod-view.ts'
import type { PendingResizes } from './resize/pending-resizes.ts'
import type { UserNamespaces } from './container/user-namespaces.ts'
import type { PodFailure, PodWork } from './work.ts'

export interface PodDeps {
  readonly runtime: RuntimeService
  readonly puller: Pick<ImagePuller, 'ensure'>
  /** Absent: the runtime mounts images by itself. */
  readonly imageViews: ImageViews | undefined
  readonly host: NodeHost
  readonly client: Client
  readonly clock: Clock
  readonly log: Log
  readonly status: StatusWriter
  readonly metrics: KubeletMetrics
  readonly tell: TellEvent
  readonly tellClaim: TellClaimEvent
  readonly references: ReferencedObjects
  readonly services: () => readonly DeepReadonly<Service>[]
  readonly claim: (at: ObjectAt, signal: AbortSignal) => Promise<DeepReadonly<PersistentVolumeClaim> | undefined>
  readonly persistentVolume: (name: string, signal: AbortSignal) => Promise<DeepReadonly<PersistentVolume> | undefined>
  /** Absent: no CSI driver can run here. */
  readonly csi: CsiVolumes | undefined
  readonly secret: (at: ObjectAt, signal: AbortSignal) => Promise<DeepReadonly<Secret> | undefined>
  /** The name of the runtime handler that a RuntimeClass stands for. */
  readonly runtimeHandler: (runtimeClass: string | undefined, signal: AbortSignal) => Promise<string>
  /** The node's Pods that are not over, but for the one named, with what they were given. */
  readonly others: (uid: string) => readonly PodView[]
  /** Whether this node takes a Pod that was bound to it. Asked once; makes others end that have to make room. */
  readonly admission: (pod: PodView) => Admission
  /** Absent: no plugin can run on this machine. */
  readonly devices: NodeDevices | undefined
  readonly userNamespaces: UserNamespaces
  /** Resizes of all the node's Pods that wait for room. */
  readonly resizes: PendingResizes
  readonly node: PodNode
}

/** A Pod that is not refused starts when those are over that make room for it. */
export type Admission =
  | { readonly refused: PodFailure }
  | { readonly waitsFor: readonly { readonly phase: PodWork['phase'] }[] }

/** Writes an event about a Pod, or about one of its containers. */
export type TellEvent = (event: {
  readonly pod: PodView
  readonly container?: KindedContainer | undefined
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  readonly annotations?: Readonly<Record<string, string>> | undefined
}) => void

/** Writes an event about a claim. */
export type TellClaimEvent = (
  claim: DeepReadonly<PersistentVolumeClaim>,
  event: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string },
) => void

/** What Pods learn of their node. */
export interface PodNode {
  readonly name: string
  readonly hostIps: readonly string[]
  readonly allocatable: Readonly<Record<string, string>>
  readonly memoryCapacity: number
  /** Absent: control groups of version 1. */
  readonly memory?: MemoryRules | undefined
  /** Those that the machine has, e.g. `2Mi`. */
  readonly hugepageSizes: readonly string[]
  readonly dns: ClusterDns
  readonly resolver: DnsConfig
  readonly hostsFile: string
  readonly seccompRoot: string
  /** Whether the kernel has SELinux in force. */
  readonly seLinux: boolean
  /** E.g. `containerd`. */
  readonly runtimeName: string
  /** How long a container that keeps ending is left alone at most. */
  readonly maxBackOffMs: number
}
