/** What Pods learn of their node: its addresses, its resources, how names are resolved there. */

import { quantityValue } from '../../meta/quantity.ts'
import type { RuntimeVersion } from '../cri/runtime.ts'
import type { KubeletDeps } from '../options.ts'
import type { PodNode } from '../pods/pod-deps.ts'
import { memoryRules } from '../resources/memory-rules.ts'
import { allocatableOf, capacityOf, configOf } from './node-status.ts'

/** What was found of the machine and its runtime. */
export interface NodeFacts {
  readonly machine: Awaited<ReturnType<KubeletDeps['host']['machine']>>
  readonly version: RuntimeVersion
}

export async function podNode({ node, host }: KubeletDeps, { machine, version }: NodeFacts): Promise<PodNode> {
  const [resolver, hostsFile] = await Promise.all([host.resolver(), host.hostsFile()])
  const config = configOf(node)
  const capacity = capacityOf(machine, node)
  const allocatable = allocatableOf(capacity, config)
  const memoryCapacity = quantityValue(capacity['memory'] ?? '0')
  const memory = memoryRules(config, {
    cgroupVersion: host.cgroups.version,
    boundsSwap: await host.cgroups.boundsSwap(),
    swapBytes: machine.swapBytes,
    capacityBytes: memoryCapacity,
    allocatableBytes: quantityValue(allocatable['memory'] ?? '0'),
    pageBytes: machine.pageBytes,
  })
  return {
    name: node.name,
    hostIps: node.addresses,
    allocatable,
    memoryCapacity,
    memory,
    hugepageSizes: Object.keys(machine.hugepages),
    dns: { clusterDomain: node.clusterDomain, servers: node.clusterDns },
    resolver,
    hostsFile,
    seLinux: machine.seLinux,
    seccompRoot: node.seccompRoot ?? '/var/lib/kubelet/seccomp',
    runtimeName: version.runtimeName,
    maxBackOffMs: config.crashLoopBackOff.maxContainerRestartPeriod,
  }
}
