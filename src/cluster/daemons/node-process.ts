/**
 * One node's process: its containerd, its image mirror, its kubelet. It lives in the node's network namespace; when
 * it ends, containers go on, and the next one takes them over.
 */

import { writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { aborted, withGroup } from '../../base/async/group.ts'
import { systemClock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { UserError } from '../../base/user-error.ts'
import { PAUSE_IMAGE } from '../../images/machine.ts'
import { serveMirror } from '../../images/mirror.ts'
import { ImageStore } from '../../images/store.ts'
import { type ContainerdRuntime, connectContainerd } from '../../kubelet/cri/containerd/runtime.ts'
import { watchPulls } from '../../kubelet/cri/containerd/pulls.ts'
import { pacedRuntime } from '../../kubelet/cri/paced.ts'
import { shutdownMs } from '../../kubelet/config/kubelet-config.ts'
import { systemLogind } from '../../linux/logind.ts'
import { careForOthers, reviver } from './care.ts'
import { type ContainerdDeps, configureContainerd, runContainerd } from '../containerd/containerd.ts'
import { daemonLog, POWER_SIGNAL, report, reportFailure } from './daemon.ts'
import { offerEgress } from '../machine/egress.ts'
import { explain } from '../machine/explain.ts'
import { endLostShims, removingSockets } from '../containerd/lost-shims.ts'
import { SandboxStarts } from '../containerd/sandbox-starts.ts'
import { ShimSockets } from '../containerd/shim-sockets.ts'
import { nodeNamespace } from '../machine/network.ts'
import { type NodeKubelet, runNodeKubelet } from './node-kubelet.ts'
import { followPowerOff, NodePower } from './power-off.ts'
import { type ClusterPaths, imageStoreDir } from '../paths.ts'
import { kubeletConfigOf } from '../kubelet-config.ts'
import { withPullLog } from '../containerd/pull-progress.ts'
import { nodeAddress, podRangeOf, rangesOf } from '../machine/ranges.ts'
import type { ClusterRecord } from '../record.ts'

/** More sandboxes at once keep the machine no busier. One that hangs is no longer counted. */
const SANDBOXES = { atOnce: 2 * availableParallelism(), patienceMs: 2_000 }

export interface NodeProcess {
  readonly paths: ClusterPaths
  readonly record: ClusterRecord
  readonly node: string
  /** Called once, when the node is Ready. */
  readonly onStarted?: () => void
}

/** Runs a node until `signal` aborts, or until its Pods have ended because the machine goes down. */
export async function runNode(options: NodeProcess, signal: AbortSignal): Promise<void> {
  const log = daemonLog(() => systemClock.now())
  const power = new NodePower()
  process.once(POWER_SIGNAL, () => power.goOff())
  try {
    if (!options.record.nodes.includes(options.node))
      throw new UserError(`the cluster has no node "${options.node}"`, `it has: ${options.record.nodes.join(', ')}`)
    await withGroup(async (group) => {
      const part = { kind: 'node', name: options.node } as const
      const carer = { ...options, part, clock: systemClock, log, revive: reviver(options, part) }
      group.start((inner) => careForOthers(carer, inner))
      const graceMs = shutdownMs(kubeletConfigOf(options.paths))
      if (graceMs > 0 && options.record.runtime !== 'simulated') {
        const following = { logind: systemLogind(), clock: systemClock, log, graceMs }
        group.start((inner) => followPowerOff(following, power, inner))
      }
      const { shutdown, onPodsEnded } = power
      await serveNode({ ...options, shutdown, onPodsEnded }, log, group.signal)
    }, signal)
  } catch (error) {
    if (signal.aborted) return
    const shown = explain(error, 'starting the node')
    log.error('the node cannot go on', { error })
    reportFailure(shown)
    throw shown
  }
}

async function serveNode(
  options: NodeProcess & Pick<NodeKubelet, 'shutdown' | 'onPodsEnded'>,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const onReady = () => {
    report({ ready: true })
    options.onStarted?.()
  }
  const kubelet = { ...options, log: log.with({ part: 'kubelet' }), onReady }
  if (options.record.runtime === 'simulated') return runNodeKubelet(kubelet, signal)
  enableForwarding()
  const containerd = await prepareContainerd(options, log)
  const target = { socketPath: containerd.paths.socket, clock: systemClock }
  const connection = connectContainerd(target)
  const sockets = new ShimSockets(containerd.paths)
  const starts = new SandboxStarts()
  const unfollow = sockets.follow()
  const watcher = watchPulls(target.socketPath, systemClock)
  const images = withPullLog({ images: connection.images, watcher, clock: systemClock, log: kubelet.log })
  try {
    await withGroup(async (group) => {
      const serving = new Promise<void>((resolve) => group.start((inner) => runContainerd(containerd, resolve, inner)))
      await Promise.race([serving, aborted(group.signal)])
      group.start((inner) => fetchPauseImage(connection, log, inner))
      const sandboxes = async (inner: AbortSignal) =>
        new Set((await connection.runtime.listPodSandboxes({}, inner)).map(({ id }) => id))
      const runtime = pacedRuntime(starts.seen(removingSockets(connection.runtime, sockets)), systemClock, SANDBOXES)
      group.start((inner) => endLostShims({ ...containerd, sockets, starts, sandboxes }, inner))
      await runNodeKubelet({ ...kubelet, containerd: { ...connection, images, runtime } }, group.signal)
    }, signal)
  } finally {
    unfollow()
    watcher.close()
    connection.close()
  }
}

/** Before the first Pod needs it: pulled while the node registers, it costs nobody any time. */
async function fetchPauseImage({ images }: ContainerdRuntime, log: Log, signal: AbortSignal): Promise<void> {
  try {
    await images.pullImage({ image: { image: PAUSE_IMAGE } }, signal)
  } catch (error) {
    signal.throwIfAborted()
    log.warn('could not fetch the pause image; the first Pod tries again', { error })
  }
}

async function prepareContainerd({ paths, record, node }: NodeProcess, log: Log): Promise<ContainerdDeps> {
  const number = record.nodes.indexOf(node) + 1
  const ranges = rangesOf(record.index)
  const store = new ImageStore(imageStoreDir(paths.home), systemClock)
  const [mirror, egress] = await Promise.all([
    serveMirror({ store, log: log.with({ part: 'image mirror' }) }, MIRROR_PORT),
    offerEgress(paths.egressSocket, EGRESS_PORT),
  ])
  const deps: ContainerdDeps = {
    paths: paths.node(node),
    clock: systemClock,
    log: log.with({ part: 'containerd' }),
    mirror: mirror.url,
    proxy: egress.url,
    noProxy: [ranges.pods, ranges.services, ranges.nodes, nodeAddress(record.index, number)],
    pauseImage: PAUSE_IMAGE,
    networkName: nodeNamespace(paths.id, node),
    podRange: podRangeOf(record.index, number),
  }
  await configureContainerd(deps)
  return deps
}

/** Ports on the node's loopback, fixed: a containerd that outlives us goes on using them. */
const MIRROR_PORT = 10_260
const EGRESS_PORT = 10_261

/** Inside the node's own network namespace: Pods of other nodes come through here. */
function enableForwarding(): void {
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1')
}
