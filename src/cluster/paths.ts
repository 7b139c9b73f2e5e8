/** Where a cluster keeps what: one folder under $GORAE_HOME, and one under /run for what a reboot should forget. */

import { createHash } from 'node:crypto'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Files of the cluster's public key infrastructure, by the part that uses them. */
export interface PkiPaths {
  readonly dir: string
  /** `<pki>/<name>.crt` and `<pki>/<name>.key`. */
  certificate(name: string): string
  key(name: string): string
}

export interface NodePaths {
  readonly dir: string
  readonly record: string
  readonly log: string
  readonly containerdLog: string
  readonly containerdRecord: string
  /** containerd's lasting state: images, snapshots, metadata. */
  readonly containerdRoot: string
  readonly config: string
  readonly registryConfig: string
  readonly cniConfig: string
  /** Descriptions of devices, what /var/run/cdi has on a machine that is one node. */
  readonly cdi: string
  /** The kubelet's own: Pods' volumes. */
  readonly kubeletRoot: string
  /** Its `pods` has containers' logs, its `containers` links to them: what /var/log has on a machine that is one node. */
  readonly logs: string
  /** Manifests of Pods that the node runs by itself. */
  readonly staticPods: string
  /** Sockets, live mounts: forgotten by a reboot. */
  readonly run: string
  readonly socket: string
}

export interface ClusterPaths {
  readonly home: string
  readonly name: string
  /** Names the cluster on this machine: the name, and for a home that is not the default one a mark of that home. */
  readonly id: string
  readonly root: string
  readonly record: string
  /** A copy of the record, for taking down a cluster whose own is damaged. */
  readonly spareRecord: string
  readonly lock: string
  /** There while the cluster should run: whoever finds a part of it dead then brings that back. */
  readonly wanted: string
  readonly kubeconfig: string
  /** What the nodes' kubelets were told, as it was written; absent: nothing. */
  readonly kubeletConfig: string
  readonly pki: PkiPaths
  readonly data: string
  /** There since the cluster has had data. */
  readonly hadData: string
  readonly serverRecord: string
  readonly serverLog: string
  /** The cluster's KubeSchedulerConfiguration, where it has one of its own. */
  readonly schedulerConfig: string
  /** What its API server records of requests, where it does. */
  readonly audit: string
  readonly run: string
  readonly egressSocket: string
  node(name: string): NodePaths
}

/** $GORAE_HOME, or `.gorae` in the user's home folder. */
export function goraeHome(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env.GORAE_HOME !== undefined && env.GORAE_HOME !== '' ? env.GORAE_HOME : defaultHome())
}

/** The one image store of a home. */
export const imageStoreDir = (home: string): string => join(home, 'images')

const defaultHome = () => join(homedir(), '.gorae')

export function clusterPaths(home: string, name: string): ClusterPaths {
  const root = join(home, name)
  const pki = join(root, 'pki')
  const id = home === defaultHome() ? name : `${name}-${createHash('sha256').update(home).digest('hex').slice(0, 6)}`
  const run = join(process.platform === 'linux' ? '/run/gorae' : join(home, '.run'), id)
  return {
    home,
    name,
    id,
    root,
    record: join(root, 'cluster.json'),
    spareRecord: join(run, 'cluster.json'),
    lock: join(home, `.${name}.lock`),
    wanted: join(root, 'wanted'),
    kubeconfig: join(root, 'kubeconfig'),
    kubeletConfig: join(root, 'kubelet-config.yaml'),
    pki: {
      dir: pki,
      certificate: (of) => join(pki, `${of}.crt`),
      key: (of) => join(pki, `${of}.key`),
    },
    data: join(root, 'data'),
    hadData: join(root, 'had-data'),
    serverRecord: join(root, 'server.json'),
    serverLog: join(root, 'server.log'),
    schedulerConfig: join(root, 'scheduler.yaml'),
    audit: join(root, 'audit.json'),
    run,
    egressSocket: join(run, 'egress.sock'),
    node: (node) => nodePaths(join(root, 'nodes', node), join(run, node)),
  }
}

function nodePaths(dir: string, run: string): NodePaths {
  return {
    dir,
    record: join(dir, 'node.json'),
    log: join(dir, 'node.log'),
    containerdLog: join(dir, 'containerd.log'),
    containerdRecord: join(dir, 'containerd.json'),
    containerdRoot: join(dir, 'containerd'),
    config: join(dir, 'containerd.toml'),
    registryConfig: join(dir, 'registries'),
    cniConfig: join(dir, 'cni'),
    cdi: join(run, 'cdi'),
    kubeletRoot: join(dir, 'kubelet'),
    logs: join(dir, 'log'),
    staticPods: join(dir, 'static-pods'),
    run,
    socket: join(run, 'containerd.sock'),
  }
}
