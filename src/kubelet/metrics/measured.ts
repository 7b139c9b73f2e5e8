/** A runtime and cgroups whose every call is counted and timed (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import type { Clock } from '../../base/clock.ts'
import type { ImageService, RuntimeService } from '../cri/runtime.ts'
import type { PodCgroups } from '../host/host.ts'
import type { KubeletMetrics } from './kubelet-metrics.ts'

/** How long a call took, in seconds, is told to `ended`, whatever became of it. */
export async function timed<T>(
  clock: Clock,
  call: () => Promise<T>,
  ended: (seconds: number, hasFailed: boolean) => void,
): Promise<T> {
  const from = clock.monotonic()
  const seconds = () => (clock.monotonic() - from) / 1000
  try {
    const answer = await call()
    ended(seconds(), false)
    return answer
  } catch (error) {
    ended(seconds(), true)
    throw error
  }
}

/** Wraps one method: the same, and told as `operation`. */
type Wrap = <A extends readonly unknown[], T>(
  operation: string,
  method: (...args: A) => Promise<T>,
) => (...args: A) => Promise<T>

const wrapWith =
  (metrics: KubeletMetrics, clock: Clock): Wrap =>
  (operation, method) =>
  (...args) =>
    timed(
      clock,
      () => method(...args),
      (seconds, hasFailed) => metrics.called(operation, seconds, hasFailed),
    )

/** The runtime; what goes on forever, its events, is not timed. */
export function measuredRuntime(runtime: RuntimeService, metrics: KubeletMetrics, clock: Clock): RuntimeService {
  const told = wrapWith(metrics, clock)
  return {
    version: told('version', (signal) => runtime.version(signal)),
    status: told('status', (signal) => runtime.status(signal)),
    runPodSandbox: told('run_podsandbox', (...args) => runtime.runPodSandbox(...args)),
    stopPodSandbox: told('stop_podsandbox', (...args) => runtime.stopPodSandbox(...args)),
    removePodSandbox: told('remove_podsandbox', (...args) => runtime.removePodSandbox(...args)),
    podSandboxStatus: told('podsandbox_status', (...args) => runtime.podSandboxStatus(...args)),
    updatePodSandboxResources: told('update_podsandbox_resources', (...args) =>
      runtime.updatePodSandboxResources(...args),
    ),
    listPodSandboxes: told('list_podsandbox', (...args) => runtime.listPodSandboxes(...args)),
    createContainer: told('create_container', (...args) => runtime.createContainer(...args)),
    startContainer: told('start_container', (...args) => runtime.startContainer(...args)),
    stopContainer: told('stop_container', (...args) => runtime.stopContainer(...args)),
    ...(runtime.signalContainer !== undefined && { signalContainer: runtime.signalContainer }),
    removeContainer: told('remove_container', (...args) => runtime.removeContainer(...args)),
    listContainers: told('list_containers', (...args) => runtime.listContainers(...args)),
    containerStatus: told('container_status', (...args) => runtime.containerStatus(...args)),
    updateContainerResources: told('update_container', (...args) => runtime.updateContainerResources(...args)),
    reopenContainerLog: told('reopen_container_log', (...args) => runtime.reopenContainerLog(...args)),
    execSync: told('exec_sync', (...args) => runtime.execSync(...args)),
    exec: told('exec', (...args) => runtime.exec(...args)),
    attach: told('attach', (...args) => runtime.attach(...args)),
    portForward: told('port_forward', (...args) => runtime.portForward(...args)),
    listContainerStats: told('list_container_stats', (...args) => runtime.listContainerStats(...args)),
    events: (signal) => runtime.events(signal),
  }
}

/** The runtime's images. */
export function measuredImages(images: ImageService, metrics: KubeletMetrics, clock: Clock): ImageService {
  const told = wrapWith(metrics, clock)
  return {
    ...(images.views !== undefined && { views: images.views }),
    listImages: told('list_images', (signal) => images.listImages(signal)),
    imageStatus: told('image_status', (...args) => images.imageStatus(...args)),
    pullImage: told('pull_image', (...args) => images.pullImage(...args)),
    removeImage: told('remove_image', (...args) => images.removeImage(...args)),
    imageFsInfo: told('image_fs_info', (signal) => images.imageFsInfo(signal)),
  }
}

/** Cgroups that are made, changed and removed. */
export function measuredCgroups(cgroups: PodCgroups, metrics: KubeletMetrics, clock: Clock): PodCgroups {
  const told = <T>(operation: string, call: () => Promise<T>) =>
    timed(clock, call, (seconds) => metrics.cgroups.observe(seconds, { operation_type: operation }))
  return {
    ...cgroups,
    ensure: (pod) => told('create', () => cgroups.ensure(pod)),
    setFiles: (...args) => told('update', () => cgroups.setFiles(...args)),
    remove: (uid) => told('destroy', () => cgroups.remove(uid)),
    limitAll: (limits) => told('update', () => cgroups.limitAll(limits)),
    settleClasses: (classes) => told('update', () => cgroups.settleClasses(classes)),
  }
}
