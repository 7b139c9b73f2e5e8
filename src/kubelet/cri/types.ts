/**
 * The messages of the Container Runtime Interface, v1, as the kubelet uses them
 * (https://kubernetes.io/docs/concepts/architecture/cri/). Names follow the CRI in camel case; enums are their names;
 * times are milliseconds since the epoch, with fractions; absent means the protocol's default.
 */

/** Names a Pod's sandbox. `attempt` counts the sandboxes the Pod has had. */
export interface PodSandboxMetadata {
  readonly name: string
  readonly uid: string
  readonly namespace: string
  readonly attempt: number
}

export interface DnsConfig {
  readonly servers: readonly string[]
  readonly searches: readonly string[]
  readonly options: readonly string[]
}

export interface PortMapping {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
  readonly containerPort: number
  readonly hostPort: number
  readonly hostIp?: string
}

/** Which processes a namespace is shared with. */
export type NamespaceMode = 'POD' | 'CONTAINER' | 'NODE' | 'TARGET'

export interface IdMapping {
  readonly hostId: number
  readonly containerId: number
  readonly length: number
}

export interface NamespaceOption {
  readonly network: NamespaceMode
  readonly pid: NamespaceMode
  readonly ipc: NamespaceMode
  /** The container whose PID namespace is entered, with `TARGET`. */
  readonly targetId?: string
  readonly usernsOptions?: {
    readonly mode: NamespaceMode
    readonly uids: readonly IdMapping[]
    readonly gids: readonly IdMapping[]
  }
}

export interface SecurityProfile {
  readonly profileType: 'RuntimeDefault' | 'Unconfined' | 'Localhost'
  readonly localhostRef?: string
}

export interface SeLinuxOption {
  readonly user?: string
  readonly role?: string
  readonly type?: string
  readonly level?: string
}

export type SupplementalGroupsPolicy = 'Merge' | 'Strict'

export interface LinuxSandboxSecurityContext {
  readonly namespaceOptions: NamespaceOption
  readonly selinuxOptions?: SeLinuxOption
  readonly runAsUser?: number
  readonly runAsGroup?: number
  readonly readonlyRootfs?: boolean
  readonly supplementalGroups?: readonly number[]
  readonly supplementalGroupsPolicy?: SupplementalGroupsPolicy
  readonly privileged?: boolean
  readonly seccomp?: SecurityProfile
  readonly apparmor?: SecurityProfile
}

/** What the cgroup of a container or sandbox is set to. */
export interface LinuxContainerResources {
  readonly cpuPeriod?: number
  readonly cpuQuota?: number
  readonly cpuShares?: number
  readonly memoryLimitInBytes?: number
  readonly oomScoreAdj?: number
  readonly cpusetCpus?: string
  readonly cpusetMems?: string
  /** By size, e.g. `2MB`; a size that is not named may not be used. */
  readonly hugepageLimits?: readonly { readonly pageSize: string; readonly limit: number }[]
  /** cgroup v2 files and their contents. */
  readonly unified?: Readonly<Record<string, string>>
  readonly memorySwapLimitInBytes?: number
}

/** What a Pod has as a whole. */
export interface SandboxResources {
  /** What the sandbox itself takes, beside its containers. */
  readonly overhead: LinuxContainerResources
  /** What the containers have together. */
  readonly resources: LinuxContainerResources
}

export interface LinuxPodSandboxConfig extends Partial<SandboxResources> {
  readonly cgroupParent: string
  readonly securityContext: LinuxSandboxSecurityContext
  readonly sysctls?: Readonly<Record<string, string>>
}

export interface PodSandboxConfig {
  readonly metadata: PodSandboxMetadata
  readonly hostname: string
  readonly logDirectory: string
  readonly dnsConfig?: DnsConfig
  readonly portMappings?: readonly PortMapping[]
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly linux: LinuxPodSandboxConfig
}

export type PodSandboxState = 'SANDBOX_READY' | 'SANDBOX_NOTREADY'

export interface PodSandbox {
  readonly id: string
  readonly metadata: PodSandboxMetadata
  readonly state: PodSandboxState
  readonly createdAt: number
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly runtimeHandler?: string
}

export interface PodSandboxStatus extends PodSandbox {
  /** The Pod's addresses, the primary one first; empty in the node's network. */
  readonly ips: readonly string[]
}

export interface ContainerMetadata {
  readonly name: string
  readonly attempt: number
}

export interface ImageSpec {
  readonly image: string
  readonly userSpecifiedImage?: string
  readonly runtimeHandler?: string
  readonly annotations?: Readonly<Record<string, string>>
}

export type MountPropagation = 'PROPAGATION_PRIVATE' | 'PROPAGATION_HOST_TO_CONTAINER' | 'PROPAGATION_BIDIRECTIONAL'

export interface Mount {
  readonly containerPath: string
  readonly hostPath: string
  readonly readonly?: boolean
  readonly selinuxRelabel?: boolean
  readonly propagation?: MountPropagation
  readonly recursiveReadOnly?: boolean
  /** How ids on the volume look in the container's user namespace. */
  readonly uidMappings?: readonly IdMapping[]
  readonly gidMappings?: readonly IdMapping[]
  readonly image?: ImageSpec
  readonly imageSubPath?: string
}

export interface Device {
  readonly containerPath: string
  readonly hostPath: string
  readonly permissions: string
}

export interface LinuxContainerSecurityContext {
  readonly capabilities?: {
    readonly addCapabilities: readonly string[]
    readonly dropCapabilities: readonly string[]
  }
  readonly privileged?: boolean
  readonly namespaceOptions: NamespaceOption
  readonly selinuxOptions?: SeLinuxOption
  readonly runAsUser?: number
  readonly runAsGroup?: number
  readonly runAsUsername?: string
  readonly readonlyRootfs?: boolean
  readonly supplementalGroups?: readonly number[]
  readonly supplementalGroupsPolicy?: SupplementalGroupsPolicy
  readonly noNewPrivs?: boolean
  readonly maskedPaths?: readonly string[]
  readonly readonlyPaths?: readonly string[]
  readonly seccomp?: SecurityProfile
  readonly apparmor?: SecurityProfile
  /** The form of `apparmor` that runtimes before the profile messages read. */
  readonly apparmorProfile?: string
}

export interface ContainerConfig {
  readonly metadata: ContainerMetadata
  readonly image: ImageSpec
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly workingDir?: string
  readonly envs: readonly { readonly key: string; readonly value: string }[]
  readonly mounts: readonly Mount[]
  readonly devices?: readonly Device[]
  /** Devices of the Container Device Interface. */
  readonly cdiDevices?: readonly { readonly name: string }[]
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Relative to the sandbox's log directory. */
  readonly logPath: string
  readonly stdin?: boolean
  readonly stdinOnce?: boolean
  readonly tty?: boolean
  readonly linux: {
    readonly resources: LinuxContainerResources
    readonly securityContext: LinuxContainerSecurityContext
  }
  /** E.g. `SIGUSR1`; absent: what the image says. */
  readonly stopSignal?: string
}

export type ContainerState = 'CONTAINER_CREATED' | 'CONTAINER_RUNNING' | 'CONTAINER_EXITED' | 'CONTAINER_UNKNOWN'

export interface Container {
  readonly id: string
  readonly podSandboxId: string
  readonly metadata: ContainerMetadata
  readonly image: ImageSpec
  readonly imageRef: string
  readonly state: ContainerState
  readonly createdAt: number
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

export interface ContainerStatus extends Omit<Container, 'podSandboxId'> {
  /** Zero: not yet. */
  readonly startedAt: number
  /** Zero: not yet. */
  readonly finishedAt: number
  readonly exitCode: number
  /** E.g. `Completed`, `Error`, `OOMKilled`, `StartError`. */
  readonly reason: string
  readonly message: string
  readonly mounts: readonly Mount[]
  /** Absolute. */
  readonly logPath: string
  readonly resources?: LinuxContainerResources
  readonly user?: { readonly uid: number; readonly gid: number; readonly supplementalGroups: readonly number[] }
}

export interface RuntimeVersion {
  readonly runtimeName: string
  readonly runtimeVersion: string
  readonly runtimeApiVersion: string
}

export interface RuntimeCondition {
  readonly type: string
  readonly status: boolean
  readonly reason: string
  readonly message: string
}

export interface RuntimeHandler {
  readonly name: string
  readonly recursiveReadOnlyMounts: boolean
  readonly userNamespaces: boolean
}

export interface RuntimeStatus {
  readonly conditions: readonly RuntimeCondition[]
  readonly handlers: readonly RuntimeHandler[]
  readonly supplementalGroupsPolicy: boolean
}

/** Every stated field must match; labels all of them. */
export interface SandboxFilter {
  readonly id?: string
  readonly state?: PodSandboxState
  readonly labels?: Readonly<Record<string, string>>
}

export interface ContainerFilter {
  readonly id?: string
  readonly state?: ContainerState
  readonly podSandboxId?: string
  readonly labels?: Readonly<Record<string, string>>
}

export interface ExecResult {
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
  readonly exitCode: number
}

/** Which streams of a process a client wants. `stderr` is never asked for together with `tty`. */
export interface StreamOptions {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

/** Usage of one container at one moment. Absent numbers are not known. */
export interface ContainerStats {
  readonly id: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly cpu?: {
    readonly timestamp: number
    readonly usageCoreNanoSeconds?: number
    readonly usageNanoCores?: number
  }
  readonly memory?: {
    readonly timestamp: number
    readonly workingSetBytes?: number
    readonly availableBytes?: number
    readonly usageBytes?: number
    readonly rssBytes?: number
    readonly pageFaults?: number
    readonly majorPageFaults?: number
  }
  readonly writableLayer?: FilesystemUsage
}

export interface FilesystemUsage {
  readonly timestamp: number
  readonly mountpoint: string
  readonly usedBytes?: number
  readonly inodesUsed?: number
}

export interface Image {
  /** Identifies the image's content on this node. */
  readonly id: string
  readonly repoTags: readonly string[]
  readonly repoDigests: readonly string[]
  readonly size: number
  readonly uid?: number
  readonly username?: string
  readonly pinned: boolean
}

export interface AuthConfig {
  readonly username?: string
  readonly password?: string
  readonly auth?: string
  readonly serverAddress?: string
  readonly identityToken?: string
  readonly registryToken?: string
}
