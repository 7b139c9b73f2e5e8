/** A Linux machine as a node's host. */

import { mkdir, readFile, realpath } from 'node:fs/promises'
import path from 'node:path'

import type { Clock } from '../../../base/clock.ts'
import { openCgroups } from '../../../linux/cgroups.ts'
import { listMounts, mountTmpfs, shareMounts } from '../../../linux/mounts.ts'
import { shareWithContainers } from '../../../linux/selinux.ts'
import type { NodeHost } from '../host.ts'
import { KUBELET_FOLDER, wellKnownPaths } from '../well-known-paths.ts'
import { linuxCsiFiles } from './csi-files.ts'
import { linuxLogFiles } from './log-files.ts'
import { machineFacts, parseResolvConf } from './machine.ts'
import { linuxPodCgroups, podsCgroupOf } from './pod-cgroups.ts'
import { linuxPodFiles } from './pod-files.ts'
import { linuxProbeNetwork } from './probe-network.ts'
import { linuxSystemLogs } from './system-logs.ts'
import { filesystemFacts, nodeUsage } from './usage.ts'
import { linuxVolumeFiles } from './volume-files.ts'

/** Where plugins lay their sockets, and find the kubelet's. */
const PLUGIN_FOLDERS = ['plugins', 'plugins_registry', 'device-plugins', 'pod-resources']

export interface LinuxHostOptions {
  /** The kubelet's own folder; Pods' files lie below it. Whoever removes it unmounts what is mounted in it first. */
  readonly root: string
  /** Where the runtime writes logs, in `pods`, and links to them lie, in `containers`: `/var/log` on a machine that is one node. */
  readonly logs: string
  /** Where the runtime reads descriptions of devices that drivers write: `/var/run/cdi` on a machine that is one node. */
  readonly cdi: string
  /** Above `kubepods`, e.g. `/gorae/default/node-1`; empty on a machine that is one node. */
  readonly cgroupRoot: string
  readonly clock: Clock
  readonly resolvConf?: string
}

/** Makes the folders, mounts the one that keeps secrets in memory, and finds out about cgroups. */
export async function linuxHost(options: LinuxHostOptions): Promise<NodeHost> {
  const { logs, cdi, cgroupRoot, clock, resolvConf = '/etc/resolv.conf' } = options
  await mkdir(options.root, { recursive: true, mode: 0o750 })
  // The kernel tells mounts by their real paths; to miss one would be to remove what is behind it.
  const root = await realpath(options.root)
  const folders = {
    pods: path.join(root, 'pods'),
    memory: path.join(root, 'memory'),
    local: path.join(root, 'local-volumes'),
    logs: path.join(logs, 'pods'),
    logLinks: path.join(logs, 'containers'),
  }
  await shareMounts(root)
  await mkdir(folders.pods, { recursive: true, mode: 0o750 })
  await mkdir(folders.memory, { recursive: true, mode: 0o700 })
  for (const folder of [folders.logs, folders.logLinks]) await mkdir(folder, { recursive: true, mode: 0o755 })
  for (const name of PLUGIN_FOLDERS) await mkdir(path.join(root, name), { recursive: true, mode: 0o750 })
  const paths = wellKnownPaths({
    [KUBELET_FOLDER]: root,
    '/var/log/pods': folders.logs,
    '/var/log/containers': folders.logLinks,
    '/var/run/cdi': cdi,
    '/run/cdi': cdi,
  })
  const mounted = (await listMounts()).some((mount) => mount.path === folders.memory)
  if (!mounted) await mountTmpfs(folders.memory, undefined, '0750')
  // As policies of SELinux have it for the kubelet's folder on a machine that is one node.
  const shared = ['plugins', 'plugins_registry', 'device-plugins'].map((name) => path.join(root, name))
  await shareWithContainers(folders.pods, folders.memory, ...shared)
  const cgroups = await openCgroups()
  return {
    machine: () => machineFacts(root),
    usage: () => nodeUsage({ cgroups, podsCgroup: podsCgroupOf(cgroupRoot), storage: root }),
    filesystem: filesystemFacts,
    resolver: async () => parseResolvConf(await readFile(resolvConf, 'utf8').catch(() => '')),
    hostsFile: () => readFile('/etc/hosts', 'utf8').catch(() => '127.0.0.1\tlocalhost\n'),
    pods: linuxPodFiles(folders),
    volumes: linuxVolumeFiles(folders, paths, clock),
    cgroups: linuxPodCgroups(cgroups, cgroupRoot),
    logs: linuxLogFiles,
    systemLogs: linuxSystemLogs('/var/log'),
    network: linuxProbeNetwork(clock, 'kube-probe/1.36'),
    kubelet: { root, paths, csi: linuxCsiFiles(root) },
  }
}
