/** The kubelet of a node of this machine, put together from what the cluster knows. */

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import type { Log } from '../../base/log.ts'
import { systemClock } from '../../base/clock.ts'
import { systemRandom } from '../../base/random.ts'
import { createClient } from '../../client/client.ts'
import { type HttpTransport, httpTransport } from '../../client/http-transport.ts'
import type { ContainerdRuntime } from '../../kubelet/cri/containerd/runtime.ts'
import type { KubeletConfig } from '../../kubelet/config/kubelet-config.ts'
import { manifestFolder } from '../../kubelet/host/linux/manifest-folder.ts'
import { manifestUrl } from '../../kubelet/host/linux/manifest-url.ts'
import { linuxHost } from '../../kubelet/host/linux/linux-host.ts'
import { type KubeletDeps, type NodePlaces, runKubelet } from '../../kubelet/kubelet.ts'
import { PAUSE_IMAGE } from '../../images/machine.ts'
import { accepts } from '../containerd/containerd.ts'
import { simulatedNode } from '../../kubelet/simulated-node.ts'
import { nodeCgroup } from '../machine/leftovers.ts'
import { kubeletConfigOf } from '../kubelet-config.ts'
import type { ClusterPaths } from '../paths.ts'
import { CA, nodeClientCertificate, nodeServerCertificate, readPair } from '../pki.ts'
import { nodeEndpoint, podRangeOf, rangesOf, simulatedEndpoint } from '../machine/ranges.ts'
import type { ClusterRecord } from '../record.ts'

/** The Kubernetes that nodes say they speak. */
const KUBELET_VERSION = 'v1.36.0'

export interface NodeIdentity {
  readonly paths: ClusterPaths
  readonly record: ClusterRecord
  readonly node: string
}

/** The API server as the node reaches it, with the node's own certificate. */
function nodeTransport({ paths, record, node }: NodeIdentity): HttpTransport {
  const host = apiAddress(record)
  const { certificate, key } = readPair(paths.pki, nodeClientCertificate(node))
  const ca = readPair(paths.pki, CA).certificate
  return httpTransport({ server: `https://${host}:${record.port}`, ca, certificate, key, userAgent: 'gorae-kubelet' })
}

/** Where nodes find the API server. */
const apiAddress = ({ runtime, index }: ClusterRecord): string =>
  runtime === 'containerd' ? rangesOf(index).host : '127.0.0.1'

/**
 * Waits until somebody listens where the API server should be. Node and server start at the same moment; asking in
 * short steps now saves the long pauses with which a client that was refused tries again.
 */
async function untilServing(record: ClusterRecord, signal: AbortSignal): Promise<void> {
  const host = apiAddress(record)
  while (!(await accepts({ host, port: record.port }))) await systemClock.sleep(20, signal)
}

export interface NodeKubelet extends NodeIdentity {
  /** Absent: a node that only pretends to run containers. */
  readonly containerd?: ContainerdRuntime
  readonly log: Log
  readonly onReady: () => void
  /** Aborts when the machine goes down. */
  readonly shutdown?: AbortSignal
  /** Called when its Pods have ended then; the node goes on until that settles. */
  readonly onPodsEnded?: (signal: AbortSignal) => Promise<void>
}

type Machine = Pick<KubeletDeps, 'runtime' | 'images' | 'host' | 'manifests'>

async function realMachine(
  { paths, node, config }: NodeIdentity & { readonly config: KubeletConfig },
  { runtime, images }: ContainerdRuntime,
): Promise<Machine> {
  const { kubeletRoot, logs, cdi, staticPods } = paths.node(node)
  await mkdir(staticPods, { recursive: true, mode: 0o750 })
  const cgroupRoot = nodeCgroup(paths, node)
  return {
    runtime,
    images,
    manifests: [manifestFolder(staticPods), ...manifestUrl(config)],
    host: await linuxHost({ root: kubeletRoot, logs, cdi, cgroupRoot, clock: systemClock }),
  }
}

function pretendMachine(record: ClusterRecord, number: number): Machine {
  const podCidr = podRangeOf(record.index, number)
  return simulatedNode({ clock: systemClock, random: systemRandom, podCidr })
}

/** Where the node's things are, for /configz. */
function placesOf({ paths, node }: NodeIdentity): NodePlaces {
  const { staticPods, logs, socket } = paths.node(node)
  const certificate = nodeServerCertificate(node)
  return {
    staticPodPath: staticPods,
    podLogsDir: join(logs, 'pods'),
    containerRuntimeEndpoint: `unix://${socket}`,
    cgroupRoot: nodeCgroup(paths, node),
    resolvConf: '/etc/resolv.conf',
    tlsCertFile: paths.pki.certificate(certificate),
    tlsPrivateKeyFile: paths.pki.key(certificate),
  }
}

/** Runs a kubelet until `signal` aborts. */
export async function runNodeKubelet(options: NodeKubelet, signal: AbortSignal): Promise<void> {
  const { paths, record, node, containerd, log, onReady } = options
  const number = record.nodes.indexOf(node) + 1
  const ranges = rangesOf(record.index)
  const isReal = containerd !== undefined
  const { address, port } = (isReal ? nodeEndpoint : simulatedEndpoint)(record.index, number)
  const transport = nodeTransport(options)
  const config = kubeletConfigOf(paths)
  const machine = isReal ? await realMachine({ ...options, config }, containerd) : pretendMachine(record, number)
  try {
    await untilServing(record, signal)
    await runKubelet(
      {
        client: createClient(transport),
        apiHost: `${apiAddress(record)}:${record.port}`,
        ...machine,
        clock: systemClock,
        random: systemRandom,
        log,
        node: {
          name: node,
          addresses: [address],
          podCidrs: [podRangeOf(record.index, number)],
          port,
          config,
          clusterDomain: config.clusterDomain,
          clusterDns: config.clusterDNS.length > 0 ? config.clusterDNS : [ranges.dnsService],
          keptImages: [PAUSE_IMAGE],
          version: KUBELET_VERSION,
          seccompRoot: join(paths.node(node).kubeletRoot, 'seccomp'),
          ...(isReal && { places: placesOf(options) }),
        },
        serving: {
          host: address,
          ...readPair(paths.pki, nodeServerCertificate(node)),
          clientCa: readPair(paths.pki, CA).certificate,
          allowed: { users: [], groups: [] },
          // A node that only pretends shares its addresses with others.
          ...(isReal &&
            config.healthzPort > 0 && { healthz: { host: config.healthzBindAddress, port: config.healthzPort } }),
        },
        onReady,
        ...(options.shutdown !== undefined && { shutdown: options.shutdown }),
        ...(options.onPodsEnded !== undefined && { onPodsEnded: options.onPodsEnded }),
      },
      signal,
    )
  } finally {
    await transport.close()
  }
}
