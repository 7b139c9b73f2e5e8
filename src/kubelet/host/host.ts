/**
 * What the kubelet needs of the machine it runs on, besides the container runtime. Two implementations: Linux, and a
 * simulated machine that keeps everything in memory, so that one process can be a thousand nodes.
 */

import type { DnsConfig, ImageMount, LinuxContainerResources } from '../cri/runtime.ts'
import type { UnifiedFiles } from '../../linux/cgroups.ts'
import type { CsiFiles } from './csi-files.ts'
import type { DiskUse } from '../usage/pod-use.ts'
import type { WellKnownPaths } from './well-known-paths.ts'
import type { CgroupDetails, CgroupPressure, CgroupUsage, FilesystemFacts, InterfaceUsage, NodeUsage } from './usage.ts'

/** The machine under one node. */
export interface NodeHost {
  readonly machine: (signal: AbortSignal) => Promise<MachineFacts>
  /** What is used of the machine at this moment. */
  readonly usage: () => Promise<NodeUsage>
  /** The file system that holds a path; `undefined`: there is no such path. */
  readonly filesystem: (path: string) => Promise<FilesystemFacts | undefined>
  /** What the node itself resolves names with. */
  readonly resolver: () => Promise<DnsConfig>
  /** The node's own hosts file. */
  readonly hostsFile: () => Promise<string>
  readonly pods: PodFiles
  readonly volumes: VolumeFiles
  readonly cgroups: PodCgroups
  readonly logs: LogFiles
  /** Absent: the machine has none. */
  readonly systemLogs?: SystemLogs
  readonly network: ProbeNetwork
  /** Where plugins of the kubelet meet it. Absent: on this machine none can run. */
  readonly kubelet?: KubeletFolder
}

/** The folder that is /var/lib/kubelet to the node's Pods, with `plugins`, `plugins_registry` and the like in it. */
export interface KubeletFolder {
  readonly root: string
  readonly paths: WellKnownPaths
  /** What CSI drivers make. */
  readonly csi: CsiFiles
}

/** Facts about the machine that the Node object tells. */
export interface MachineFacts {
  readonly cpus: number
  /** How the CPUs are built; absent: the machine does not tell. */
  readonly processors?: { readonly sockets: number; readonly cores: number }
  readonly memoryBytes: number
  /** Of a page of memory: not all ARM machines have 4096. */
  readonly pageBytes: number
  readonly swapBytes: number
  readonly ephemeralStorageBytes: number
  /** Bytes per huge page size, e.g. `2Mi`. */
  readonly hugepages: Readonly<Record<string, number>>
  readonly machineId: string
  readonly systemUuid: string
  readonly bootId: string
  /** When it started, in milliseconds since the epoch. */
  readonly bootedAt: number
  readonly kernelVersion: string
  readonly osImage: string
  readonly architecture: string
  /** Whether the kernel has these security modules in force. */
  readonly appArmor: boolean
  readonly seLinux: boolean
}

/** Where the files of Pods lie. Paths are the host's; every method may be repeated. */
export interface PodFiles {
  /** The uids of Pods that have left files here. */
  list(): Promise<readonly string[]>
  /** Where the runtime writes this Pod's logs: `…/NAMESPACE_NAME_UID`. Nothing is made. */
  logDirectory(pod: PodNames): string
  /** Makes the Pod's folders. */
  prepare(pod: PodNames): Promise<void>
  /** The Pod's hosts file with this text; the answer is its path. */
  writeHosts(uid: string, text: string): Promise<string>
  /** An empty file for a container's termination message; the answer is its path. */
  makeTerminationLog(uid: string, container: string, attempt: number): Promise<string>
  /** At most `limit` bytes of a termination message; empty when there is none. */
  readTerminationLog(path: string, limit: number): Promise<string>
  /** The last lines of a container's log, at most `lines` of them and `bytes` altogether. */
  tailLog(path: string, lines: number, bytes: number): Promise<string>
  /** Removes the Pod's folders with whatever is mounted in them. */
  remove(uid: string): Promise<void>
  /** Lets log collectors find a container's log, by a name that tells its Pod. */
  linkLog(log: LoggedContainer): Promise<void>
  /** Takes that name of a container's log away. */
  unlinkLog(containerId: string): Promise<void>
  /** Removes the Pod's logs, and their other names. */
  removeLogs(pod: PodNames): Promise<void>
}

/** Whose log a file is. */
export interface LoggedContainer {
  readonly pod: PodNames
  readonly container: string
  readonly id: string
  readonly file: string
}

/** The machine's own logs, as a rule below /var/log. */
export interface SystemLogs {
  /** What is at this path below; `undefined`: nothing that may be read. */
  open(path: string): Promise<SystemLog | undefined>
  /** What its services have said. */
  readonly services: ServiceLogs
}

export interface ServiceLogs {
  /** Whether that service has said anything. */
  knows(service: string, signal: AbortSignal): Promise<boolean>
  /** Complaints about the query are part of the answer. Throws when nobody can be asked. */
  read(query: ServiceLogQuery, signal: AbortSignal): AsyncIterable<Buffer>
}

export interface ServiceLogQuery {
  readonly services: readonly string[]
  /** In milliseconds since the epoch. */
  readonly since?: number | undefined
  readonly until?: number | undefined
  /** So many last lines. */
  readonly tail?: number | undefined
  /** 0: since the machine was started last; -1: the time before; … */
  readonly boot?: number | undefined
  readonly pattern?: string | undefined
}

export type SystemLog =
  /** Sorted; those of folders end in a slash. */
  | { readonly kind: 'folder'; readonly names: readonly string[] }
  | {
      readonly kind: 'file'
      readonly size: number
      /** In milliseconds since the epoch. */
      readonly modifiedAt: number
      readonly bytes: () => Iterable<Buffer> | AsyncIterable<Buffer>
    }

export interface PodNames {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** One file of a volume whose contents the kubelet writes. */
export interface VolumeFile {
  readonly data: Uint8Array
  readonly mode: number
  /** The owner; absent: root. */
  readonly uid?: number
}

export type EmptyDirOptions = { readonly fsGroup?: number } & (
  | { readonly medium: 'disk' }
  | { readonly medium: 'memory'; readonly sizeBytes: number }
  /** `pageSize` in the words of mount(8), e.g. `2M`. */
  | { readonly medium: 'hugePages'; readonly pageSize: string }
)

export interface SubPathRequest {
  readonly uid: string
  readonly container: string
  /** Position of the mount in its container. */
  readonly index: number
  readonly volumePath: string
  /** Relative; may not leave the volume, whatever links are in it. */
  readonly subPath: string
  readonly readOnly: boolean
}

/** Makes volumes. The answer is the host path to mount. */
export interface VolumeFiles {
  emptyDir(uid: string, volume: string, options: EmptyDirOptions): Promise<string>
  /** What an emptyDir takes of the disk. Absent: this machine's disk is without end. */
  readonly emptyDirUse?: (uid: string, volume: string) => Promise<DiskUse>
  /** What lies below the folder of a volume. Absent: nobody counts it. */
  readonly use?: (path: string) => Promise<DiskUse>
  /** Writes all `files` at once: a reader sees the old set or the new set. */
  writeFiles(
    at: { readonly uid: string; readonly plugin: string; readonly volume: string },
    files: ReadonlyMap<string, VolumeFile>,
    fsGroup: number | undefined,
  ): Promise<string>
  /** Checks, and for some types makes, a path of the node. Throws with Kubernetes's words. */
  hostPath(path: string, type: string): Promise<string>
  /** Hands a volume's files to a group, as `fsGroup` asks. */
  setGroup(path: string, fsGroup: number, policy: 'Always' | 'OnRootMismatch'): Promise<void>
  /** Opens a path inside a volume safely and makes it mountable. */
  subPath(request: SubPathRequest): Promise<string>
  /** At most `limit` bytes of a file of a volume, opened as safely; `undefined` when there is none. Throws beyond. */
  readFile(volumePath: string, path: string, limit: number): Promise<Uint8Array | undefined>
  /** Mounts an image's files, read-only; the answer is where. Absent: the runtime mounts images by itself. */
  readonly imageFolder?: (at: VolumeAt, layers: () => Promise<ImageMount>) => Promise<string>
  /** Unmounts a Pod's images; `close` is told of each afterwards, until it has succeeded once. */
  readonly releaseImages?: (uid: string, close: (volume: string) => Promise<void>) => Promise<void>
  /** Folders of PersistentVolumes that this node provides. */
  readonly local: LocalFolders
}

/** A volume of a Pod. */
export interface VolumeAt {
  readonly uid: string
  readonly volume: string
}

/** A block device with a file system on it, or with nothing yet: then it gets one. */
export interface DeviceMount extends VolumeAt {
  readonly device: string
  readonly fsType: string
  readonly options: readonly string[]
  /** Nothing is written to it, not even a file system: then there has to be one. */
  readonly readOnly: boolean
}

/** A device that is mounted for a Pod. */
export type MountedDevice = VolumeAt & Pick<DeviceMount, 'device'>

/** One folder or file a volume, directly below `root`. */
export interface LocalFolders {
  readonly root: string
  /** Makes the volume's folder, which anybody may write to; the answer is its path. */
  make(volume: string): Promise<string>
  /** A block device of that size which outlives the Pod `uid`; it is taken away with the last Pod that has it. */
  makeDevice(request: VolumeAt & { readonly sizeBytes: number }): Promise<string>
  /** Mounts a block device that lies somewhere on the node for a Pod, for as long as the Pod is there; the answer is where. */
  mountDevice(request: DeviceMount): Promise<string>
  /** Makes the file system on it as large as the device is. Throws where it cannot grow while it is mounted. */
  growDevice(request: MountedDevice): Promise<void>
  /** Removes the folder with all that is in it, or the device. Nothing to do when there is none. */
  remove(volume: string): Promise<void>
}

/** The cgroups above containers. */
export interface PodCgroups {
  /** The cgroup in which the runtime shall put the Pod's sandbox, as CRI wants it. */
  parentOf(pod: CgroupOwner): string
  /** Makes the Pod's cgroup with its limits. */
  ensure(pod: PodCgroup): Promise<void>
  /** Sets files of version 2 of the Pod's cgroup, or of one of its containers, if it is there. */
  setFiles(pod: CgroupOwner, files: UnifiedFiles, containerId?: string): Promise<void>
  /** What the Pod's cgroup has now; what it has no limit of is absent. */
  limits(pod: CgroupOwner): Promise<LinuxContainerResources>
  remove(uid: string): Promise<void>
  /** Bounds what all Pods have together. */
  limitAll(limits: PodsLimits): Promise<void>
  /** What Pods have by their class, against those of the others. */
  settleClasses(classes: ClassLimits): Promise<void>
  /** Whether the kernel bounds swap by control groups. */
  boundsSwap(): Promise<boolean>
  /** What a Pod uses; `undefined`: it has no cgroup. */
  usage(pod: CgroupOwner): Promise<CgroupUsage | undefined>
  /** What one of its containers uses; `undefined`: it has no cgroup of its own. */
  containerUsage(pod: CgroupOwner, containerId: string): Promise<CgroupUsage | undefined>
  /** What else is counted of a Pod, or of one of its containers. Absent: this machine counts no more. */
  readonly details?: (pod: CgroupOwner, containerId?: string) => Promise<CgroupDetails>
  readonly pressure?: (pod: CgroupOwner, containerId?: string) => Promise<CgroupPressure>
  /** The interfaces in the Pod's network namespace; none when nothing of it runs. */
  readonly interfaces?: (pod: CgroupOwner) => Promise<readonly InterfaceUsage[]>
  /** Version 2 has one hierarchy, and other files. */
  readonly version: 1 | 2
}

/** Tells whose cgroup it is. */
export interface CgroupOwner {
  readonly uid: string
  readonly qosClass: 'Guaranteed' | 'Burstable' | 'BestEffort'
}

export interface PodCgroup extends CgroupOwner {
  readonly resources: LinuxContainerResources
  readonly unified?: UnifiedFiles
  /** How many processes it may have; absent: as many as the node can. */
  readonly pids?: number
}

/** What all Pods of a node may have together. */
export interface PodsLimits {
  readonly cpuShares: number
  readonly memoryBytes: number
}

/** What the Pods of a class have together. */
export interface ClassLimits {
  readonly burstableShares: number
  /** Bytes that Pods ask for, which the kernel keeps for them. Absent: left as it is. */
  readonly kept?: { readonly guaranteed: number; readonly burstable: number } | undefined
}

/** Log files that the runtime writes. */
export interface LogFiles {
  /**
   * The file's bytes from `from` to its present end, as they were before they were compressed. Nothing when there is
   * no file, or one that is not `id`.
   */
  read(path: string, which?: { readonly from?: number; readonly id?: string }): AsyncIterable<Uint8Array>
  /** Resolves when the file may have grown, or was replaced. Rejects on abort. */
  changed(path: string, signal: AbortSignal): Promise<void>
  /** Its size on the disk and what tells it from its successors, compressed or not; `undefined` when there is no file. */
  facts(path: string): Promise<{ readonly size: number; readonly id: string } | undefined>
  /** Moves the file away under a name with `stamp`; the answer is its new path. */
  rotate(path: string, stamp: string): Promise<string>
  /** Gives a file that was moved away its name back, unless there is another by now. */
  restore(rotated: string, path: string): Promise<void>
  /** The pieces that were moved away, oldest first. */
  rotated(path: string): Promise<readonly string[]>
  /** Makes a piece that was moved away smaller, under a name of its own: it is read as before. One that is so already stays. */
  compress(rotated: string, signal: AbortSignal): Promise<void>
  delete(path: string): Promise<void>
}

/** What a probe over the network found. */
export interface ProbeAnswer {
  readonly outcome: 'success' | 'failure'
  readonly output: string
  /** A success of which people hear, since it is none that they expect. */
  readonly isWarning?: boolean
}

export interface HttpRequest {
  readonly scheme: 'HTTP' | 'HTTPS'
  readonly host: string
  readonly port: number
  readonly path: string
  readonly headers: readonly { readonly name: string; readonly value: string }[]
  readonly timeoutMs: number
  /** Whatever the server answers is a success: only a request that fails is not. */
  readonly anyStatus?: boolean
}

/** How probes and hooks reach containers. None of these throws but on abort. */
export interface ProbeNetwork {
  http(request: HttpRequest, signal: AbortSignal): Promise<ProbeAnswer>
  tcp(host: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<ProbeAnswer>
  grpc(host: string, port: number, service: string, timeoutMs: number, signal: AbortSignal): Promise<ProbeAnswer>
}
