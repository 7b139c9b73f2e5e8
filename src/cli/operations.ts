/**
 * What the commands ask for, as interfaces: `main.ts` ties them to the parts that do it, each loaded when its command
 * is used, so that a small command starts at once.
 */

/** Shows what is going on. */
export interface Ui {
  /** Shows `title` while `work` runs, and that it is done, or that it failed. `detail` says what it is at just now. */
  step<T>(title: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T>
  /** A line of its own, for what the user should know. */
  note(text: string): void
}

/** What the API server is to record of requests, and where; absent: as the cluster has it, or nothing. */
export interface AuditFlags {
  /** A file of kind Policy (audit.k8s.io/v1). */
  readonly auditPolicyFile?: string
  /** Where the lines go; absent: `audit.log` in the cluster's folder. */
  readonly auditLogPath?: string
  /** Mebibytes. */
  readonly auditLogMaxsize?: number
  readonly auditLogMaxbackup?: number
  /** Days. */
  readonly auditLogMaxage?: number
  /** `blocking`, `batch` or `blocking-strict`; so for the webhook. */
  readonly auditLogMode?: string
  readonly auditLogBatchBufferSize?: number
  readonly auditLogBatchMaxSize?: number
  readonly auditLogBatchMaxWait?: string
  readonly auditLogBatchThrottleEnable?: true
  readonly auditLogBatchThrottleQps?: number
  readonly auditLogBatchThrottleBurst?: number
  readonly auditLogTruncateEnabled?: true
  /** Bytes. */
  readonly auditLogTruncateMaxEventSize?: number
  /** A kubeconfig: where events are sent, and as whom. */
  readonly auditWebhookConfigFile?: string
  readonly auditWebhookMode?: string
  readonly auditWebhookBatchThrottleEnable?: boolean
  readonly auditWebhookBatchThrottleQps?: number
  readonly auditWebhookBatchThrottleBurst?: number
  readonly auditWebhookBatchBufferSize?: number
  readonly auditWebhookBatchMaxSize?: number
  /** A duration such as `30s`. */
  readonly auditWebhookBatchMaxWait?: string
  readonly auditWebhookInitialBackoff?: string
  readonly auditWebhookTruncateEnabled?: true
  readonly auditWebhookTruncateMaxEventSize?: number
  readonly auditWebhookTruncateMaxBatchSize?: number
}

export interface UpOptions extends AuditFlags {
  readonly home: string
  readonly name: string
  /** Absent: as the cluster has it, or one. */
  readonly nodes?: number
  readonly port?: number
  readonly runtime?: 'containerd' | 'simulated'
  /** A file of kind KubeletConfiguration. */
  readonly kubeletConfig?: string
  /** A file of kind KubeSchedulerConfiguration. Absent: as the cluster has it, or the default one. */
  readonly schedulerConfig?: string
  /** How many milliseconds the nodes may take to be Ready. */
  readonly wait?: number
  readonly mergeKubeconfig: boolean
}

export interface UpResult {
  readonly wasRunning: boolean
  readonly context: string
  readonly kubeconfig: string
  readonly server: string
  readonly nodes: readonly string[]
  /** Where the context was merged into, unless told not to. */
  readonly mergedInto?: string
}

/** An image that a node is fetching. */
export interface PullStatus {
  /** `registry/repository`, the registry without its port; empty while that is not known yet. */
  readonly image: string
  readonly doneBytes: number
  readonly totalBytes: number
  /** How long no byte has come. */
  readonly idleSeconds: number
}

export interface NodeStatus {
  readonly name: string
  readonly address: string
  readonly process: 'running' | 'stopped'
  readonly runtime: 'running' | 'stopped' | 'simulated'
  readonly ready: boolean | 'unknown'
  readonly pid?: number
  readonly pulls: readonly PullStatus[]
}

export interface ClusterStatus {
  readonly name: string
  readonly state: 'running' | 'partly running' | 'stopped' | 'damaged'
  readonly server?: string
  readonly serverPid?: number
  readonly runtime?: string
  readonly kubeconfig: string
  readonly nodes: readonly NodeStatus[]
  readonly detail?: string
}

export interface ImageSummary {
  readonly name: string
  readonly digest: string
  readonly size: number
}

/** One thing `doctor` looked at. */
export interface Finding {
  readonly name: string
  readonly state: 'ok' | 'missing' | 'warning'
  readonly detail: string
  /** What to do about it. */
  readonly advice?: string
}

export interface Diagnosis {
  readonly findings: readonly Finding[]
  /** Debian's names of the packages that are missing. */
  readonly packages: readonly string[]
  /** The command that installs them on this machine, if we know its package manager. */
  readonly install?: string
}

/** The parts behind the commands. */
export interface Operations {
  up(options: UpOptions, ui: Ui, signal: AbortSignal): Promise<UpResult>
  /** Takes clusters down, for good or (`keep`) to come back with `up`. False when there was nothing. */
  down(home: string, name: string, options: { readonly keep: boolean }, ui: Ui, signal: AbortSignal): Promise<boolean>
  /** Takes away what commands that were killed left beside the clusters. */
  tidy(home: string): Promise<void>
  /** Whether there is anything of a cluster, damaged ones included. */
  exists(home: string, name: string): Promise<boolean>
  clusters(home: string): Promise<readonly string[]>
  status(home: string, name: string): Promise<ClusterStatus | undefined>
  kubeconfig(home: string, name: string): Promise<string>
  /** The log file of `server` or a node. */
  logFile(home: string, name: string, part: string): Promise<string>
  diagnose(): Promise<Diagnosis>
  /** Installs what is missing. Throws when it cannot, saying which commands to type. */
  install(diagnosis: Diagnosis, ui: Ui, signal: AbortSignal): Promise<void>
  /** From nothing to a running Pod: what `npm start` does. */
  start(home: string, manifest: string, ui: Ui, signal: AbortSignal): Promise<void>
  /** Takes in the images of an archive; `progress` is told how much of the file has been read. */
  loadImages(home: string, file: string, progress: (read: number, size: number) => void): Promise<readonly string[]>
  listImages(home: string): Promise<readonly ImageSummary[]>
  removeImage(home: string, name: string): Promise<boolean>
  makeImage(
    home: string,
    name: string,
    binaries: readonly string[],
    command: readonly string[] | undefined,
  ): Promise<string>
  /** The server process: API server, scheduler, controllers. Runs until `signal` aborts. */
  server(home: string, name: string, signal: AbortSignal): Promise<void>
  /** Starts again what died of a cluster that should run. */
  revive(home: string, name: string, signal: AbortSignal): Promise<void>
  /** One node's process: kubelet, proxy, DNS. Runs until `signal` aborts. */
  node(home: string, name: string, node: string, signal: AbortSignal): Promise<void>
}
