/** What /metrics tells of the kubelet itself (https://kubernetes.io/docs/reference/instrumentation/metrics/). */

import { readdir, readFile } from 'node:fs/promises'

import type { Family, Labels, Sample } from '../../base/metrics/text.ts'
import type { KubeletApi } from './kubelet-api.ts'
import { podFamilies } from './pod-metrics.ts'
import { volumeFamilies } from './volume-metrics.ts'

const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name,
  help,
  type: 'gauge',
  samples,
})

const one = (name: string, help: string, value: number, labels?: Labels): Family =>
  gauge(name, help, [{ value, ...(labels !== undefined && { labels }) }])

export interface OwnFacts {
  readonly node: string
  readonly version: string
  readonly now: number
}

export async function ownFamilies(api: KubeletApi, { node, version, now }: OwnFacts): Promise<readonly Family[]> {
  const states = [...api.containerStates].map(([state, value]) => ({ labels: { container_state: state }, value }))
  const [claimed, files] = await Promise.all([api.claimedVolumes(), openFiles()])
  const pods = api.counted
  const lastSeen = Math.floor((now - api.sinceListedMs) / 1000)
  return [
    one('kubelet_node_name', "The node's name. The count is always 1.", 1, { node }),
    one('kubelet_cgroup_version', 'cgroup version on the hosts.', api.cgroupVersion),
    one('kubelet_pleg_last_seen_seconds', 'Timestamp in seconds when PLEG was last seen active.', lastSeen),
    one('kubelet_running_pods', 'Number of pods that have a running pod sandbox', api.runningPods),
    gauge('kubelet_running_containers', 'Number of containers currently running', states),
    ...podFamilies(pods),
    ...api.metrics.own,
    ...volumeFamilies(pods, claimed),
    one('kubernetes_build_info', BUILD_HELP, 1, {
      git_version: version,
      platform: `linux/${api.machine.architecture}`,
    }),
    ...processFamilies(now, files),
  ]
}

const BUILD_HELP =
  "A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running."

interface OpenFiles {
  readonly open: number
  readonly most: number
  readonly virtualBytes: number
  /** Without a limit: all that there are. */
  readonly mostBytes: number
}

/** Nothing where there is no /proc. */
async function openFiles(): Promise<OpenFiles | undefined> {
  try {
    const [files, limits, status] = await Promise.all([
      readdir('/proc/self/fd'),
      readFile('/proc/self/limits', 'utf8'),
      readFile('/proc/self/status', 'utf8'),
    ])
    return {
      open: files.length,
      most: Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? 0),
      mostBytes: Number(/^Max address space\s+(\d+)/m.exec(limits)?.[1] ?? 2 ** 64),
      virtualBytes: 1024 * Number(/^VmSize:\s+(\d+)/m.exec(status)?.[1] ?? 0),
    }
  } catch {
    return undefined
  }
}

/** When the kubelet's process began. */
export const processStart = (now: number): Family =>
  one(
    'process_start_time_seconds',
    'Start time of the process since unix epoch in seconds.',
    Math.round(now / 1000 - process.uptime()),
  )

function processFamilies(now: number, files: OpenFiles | undefined): readonly Family[] {
  const { user, system } = process.cpuUsage()
  const cpu: Family = {
    name: 'process_cpu_seconds_total',
    help: 'Total user and system CPU time spent in seconds.',
    type: 'counter',
    samples: [{ value: (user + system) / 1e6 }],
  }
  return [
    cpu,
    one('process_resident_memory_bytes', 'Resident memory size in bytes.', process.memoryUsage.rss()),
    processStart(now),
    ...(files === undefined
      ? []
      : [
          one('process_virtual_memory_bytes', 'Virtual memory size in bytes.', files.virtualBytes),
          one(
            'process_virtual_memory_max_bytes',
            'Maximum amount of virtual memory available in bytes.',
            files.mostBytes,
          ),
          one('process_open_fds', 'Number of open file descriptors.', files.open),
          one('process_max_fds', 'Maximum number of open file descriptors.', files.most),
        ]),
  ]
}
