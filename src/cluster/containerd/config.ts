/**
 * What a node's private containerd is told: its folders and socket, runc, our CNI network, and the image store in
 * front of every registry. https://github.com/containerd/containerd/blob/main/docs/cri/config.md
 */

/** What the machine offers, found out by trying. */
export interface ContainerdFeatures {
  readonly snapshotter: 'overlayfs' | 'native'
  /** Lowering oom_score_adj is denied even to root. */
  readonly restrictOomScore: boolean
  readonly apparmor: boolean
  readonly selinux: boolean
  /** Unprivileged ports and ping by sysctl: false in kernels without them. */
  readonly unprivilegedPorts: boolean
  readonly cniPlugins: string
  /** The OCI runtime's program, when it is not called runc. */
  readonly runtimeProgram?: string
}

export interface ContainerdOptions {
  readonly root: string
  readonly run: string
  readonly socket: string
  readonly cniConfig: string
  readonly registryConfig: string
  readonly pauseImage: string
  /** The node's own descriptions of devices (https://github.com/cncf-tags/container-device-interface). */
  readonly cdi: string
  readonly features: ContainerdFeatures
}

const text = (value: string): string => JSON.stringify(value)

/** Plugins no node needs; leaving them out saves start-up time and memory. */
const UNUSED = [
  'io.containerd.snapshotter.v1.aufs',
  'io.containerd.snapshotter.v1.btrfs',
  'io.containerd.snapshotter.v1.devmapper',
  'io.containerd.snapshotter.v1.zfs',
  'io.containerd.internal.v1.opt',
  'io.containerd.tracing.processor.v1.otlp',
  'io.containerd.internal.v1.tracing',
]

/** containerd 2 would listen for plugins in /run/nri: in one place for all nodes of the machine, where nobody would clean up. */
const NO_NODE_RESOURCE_INTERFACE = `[plugins."io.containerd.nri.v1.nri"]
  disable = true`

/** The configuration file, in the second format, which every containerd since 1.3 reads. */
export function containerdConfig(options: ContainerdOptions): string {
  const { features } = options
  const cri = '[plugins."io.containerd.grpc.v1.cri"'
  return `version = 2
root = ${text(options.root)}
state = ${text(`${options.run}/containerd`)}
disabled_plugins = [${UNUSED.map(text).join(', ')}]

[grpc]
  address = ${text(options.socket)}

${NO_NODE_RESOURCE_INTERFACE}

${cri}]
  sandbox_image = ${text(options.pauseImage)}
  restrict_oom_score_adj = ${features.restrictOomScore}
  disable_apparmor = ${!features.apparmor}
  enable_selinux = ${features.selinux}
  enable_unprivileged_ports = ${features.unprivilegedPorts}
  enable_unprivileged_icmp = ${features.unprivilegedPorts}
  tolerate_missing_hugetlb_controller = true
  disable_hugetlb_controller = false
  netns_mounts_under_state_dir = true
  enable_cdi = true
  cdi_spec_dirs = ["/etc/cdi", "/var/run/cdi", ${text(options.cdi)}]
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"

${cri}.cni]
  bin_dir = ${text(features.cniPlugins)}
  conf_dir = ${text(options.cniConfig)}

${cri}.registry]
  config_path = ${text(options.registryConfig)}

${cri}.containerd]
  snapshotter = ${text(features.snapshotter)}
  default_runtime_name = "runc"
  discard_unpacked_layers = true

${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

${cri}.containerd.runtimes.runc.options]
  SystemdCgroup = false
  Root = ${text(`${options.run}/runc`)}
${features.runtimeProgram === undefined ? '' : `  BinaryName = ${text(features.runtimeProgram)}\n`}`
}

/** Asks the node's mirror before any registry; what it lacks comes from the registry itself. */
export const registryConfig = (mirror: string): string => `[host.${text(mirror)}]
  capabilities = ["pull", "resolve"]
`

export interface CniOptions {
  readonly name: string
  readonly podRange: string
  /** Where host-local writes down who has which address. */
  readonly dataDir: string
  /** Ports of the node itself, for containers that ask for a hostPort. Needs iptables. */
  readonly hostPorts: boolean
}

/** The Pod network of one node: a bridge, and addresses of the node's own range. */
export function cniConfig({ name, podRange, dataDir, hostPorts }: CniOptions): string {
  const bridge = {
    type: 'bridge',
    bridge: 'cni0',
    isGateway: true,
    isDefaultGateway: true,
    hairpinMode: true,
    ipMasq: false,
    ipam: { type: 'host-local', dataDir, ranges: [[{ subnet: podRange }]] },
  }
  const portmap = { type: 'portmap', capabilities: { portMappings: true }, snat: true }
  const plugins = hostPorts ? [bridge, portmap] : [bridge]
  return `${JSON.stringify({ cniVersion: '0.4.0', name, plugins }, null, 2)}\n`
}
