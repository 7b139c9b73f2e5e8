/**
 * The fields of a KubeletConfiguration that cannot be chosen here
 * (https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/).
 */

/** What holds whatever the file says: only this value may be stated, and /configz tells it. */
export const FIXED: Readonly<Record<string, unknown>> = {
  cgroupDriver: 'cgroupfs',
  cgroupsPerQOS: true,
  configMapAndSecretChangeDetectionStrategy: 'Watch',
  containerLogMaxWorkers: 1,
  contentType: 'application/json',
  cpuCFSQuota: true,
  cpuCFSQuotaPeriod: '100ms',
  cpuManagerPolicy: 'none',
  enableControllerAttachDetach: true,
  enableDebugFlagsHandler: false,
  enableDebuggingHandlers: true,
  enableProfilingHandler: false,
  enableServer: true,
  // Nothing is held back.
  eventRecordQPS: 0,
  failCgroupV1: false,
  failSwapOn: false,
  fileCheckFrequency: '20s',
  hairpinMode: 'hairpin-veth',
  imagePullCredentialsVerificationPolicy: 'NeverVerify',
  kubeAPIQPS: -1,
  localStorageCapacityIsolation: true,
  logging: { format: 'text' },
  makeIPTablesUtilChains: false,
  memoryManagerPolicy: 'None',
  podsPerCore: 0,
  protectKernelDefaults: false,
  readOnlyPort: 0,
  registerNode: true,
  runOnce: false,
  runtimeRequestTimeout: '2m0s',
  seccompDefault: false,
  serverTLSBootstrap: false,
  // Streams may be silent for as long as they like.
  streamingConnectionIdleTimeout: '0s',
  syncFrequency: '10s',
  topologyManagerPolicy: 'none',
  topologyManagerScope: 'container',
}

/** What Kubernetes knows and this kubelet has no use for, or is told in other ways. */
export const REFUSED: ReadonlySet<string> = new Set(
  `address authentication authorization cgroupRoot containerRuntimeEndpoint cpuManagerPolicyOptions
  cpuManagerReconcilePeriod enableContentionProfiling eventBurst imageServiceEndpoint
  iptablesDropBit iptablesMasqueradeBit kernelMemcgNotification kubeAPIBurst kubeReservedCgroup kubeletCgroups
  maxOpenFiles oomScoreAdj podCIDR podLogsDir port preloadedImagesVerificationAllowlist
  providerID qosReserved reservedMemory reservedSystemCPUs resolvConf rotateCertificates showHiddenMetricsForVersion
  staticPodPath systemCgroups systemReservedCgroup tlsCertFile
  tlsCipherSuites tlsCurvePreferences tlsMinVersion tlsPrivateKeyFile topologyManagerPolicyOptions tracing
  userNamespaces volumePluginDir volumeStatsAggPeriod`.split(/\s+/),
)
