/** What every component tells of its own process (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics). */

import { readdir, readFile } from 'node:fs/promises'
import type { Family } from './text.ts'

/** Bytes that the process's network namespace has received and sent. Nothing where there is no /proc. */
async function networkBytes(): Promise<{ readonly received: number; readonly sent: number } | undefined> {
  const text = await readFile('/proc/self/net/netstat', 'utf8').catch(() => '')
  const [names = [], values = []] = text
    .split('\n')
    .filter((line) => line.startsWith('IpExt:'))
    .map((line) => line.split(' '))
  const valueOf = (name: string) => Number(values[names.indexOf(name)])
  const [received, sent] = [valueOf('InOctets'), valueOf('OutOctets')]
  return Number.isNaN(received) || Number.isNaN(sent) ? undefined : { received, sent }
}

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

const one = (name: string, help: string, value: number): Family => ({ name, help, type: 'gauge', samples: [{ value }] })

const counted = (name: string, help: string, value: number): Family => ({
  ...one(name, help, value),
  type: 'counter',
})

/** When the process began, in seconds since the epoch. */
export const processStartSeconds = (now: number): number => Math.round(now / 1000 - process.uptime())

/** The same, for Prometheus. */
export const processStart = (now: number): Family =>
  one('process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', processStartSeconds(now))

/** What the process uses. */
export async function processFamilies(now: number): Promise<readonly Family[]> {
  const [files, network] = await Promise.all([openFiles(), networkBytes()])
  const { user, system } = process.cpuUsage()
  const cpuHelp = 'Total user and system CPU time spent in seconds.'
  const receivedHelp = 'Number of bytes received by the process over the network.'
  const sentHelp = 'Number of bytes sent by the process over the network.'
  return [
    counted('process_cpu_seconds_total', cpuHelp, (user + system) / 1e6),
    ...(network === undefined
      ? []
      : [
          counted('process_network_receive_bytes_total', receivedHelp, network.received),
          counted('process_network_transmit_bytes_total', sentHelp, network.sent),
        ]),
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

const BUILD_HELP =
  "A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running."

/** Which version of Kubernetes a component is. */
export const buildInfo = (labels: Readonly<Record<string, string>>): Family => ({
  name: 'kubernetes_build_info',
  help: BUILD_HELP,
  type: 'gauge',
  samples: [{ labels, value: 1 }],
})
