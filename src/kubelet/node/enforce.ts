/**
 * Bounds that the kernel keeps: what all Pods may have together, and how many processes each may have
 * (https://kubernetes.io/docs/tasks/administer-cluster/reserve-compute-resources/#node-allocatable).
 */

import type { Log } from '../../base/log.ts'
import { cmpQuantity, milliValue, quantityValue, subQuantity } from '../../meta/quantity.ts'
import type { KubeletConfig } from '../config/kubelet-config.ts'
import type { MachineFacts, NodeHost } from '../host/host.ts'
import type { NodeOptions } from '../options.ts'
import type { NodeEvent } from './node-events.ts'
import { capacityOf, configOf, reservedOf } from './node-status.ts'

const SHARES_PER_CPU = 1024
const MIN_SHARES = 2

export interface EnforceDeps {
  readonly host: Pick<NodeHost, 'cgroups'>
  readonly log: Log
  readonly node: NodeOptions
  readonly machine: MachineFacts
  readonly tell: (event: NodeEvent) => void
}

/** Gives all Pods together what is not reserved, and tells whether the kernel took it. */
export async function enforceAllocatable({ host, log, node, machine, tell }: EnforceDeps): Promise<void> {
  const config = configOf(node)
  if (!config.enforceNodeAllocatable.includes('pods')) return
  const capacity = capacityOf(machine, node)
  const reserved = reservedOf(config)
  const left = (name: string) => {
    const rest = subQuantity(capacity[name] ?? '0', reserved[name] ?? '0')
    return cmpQuantity(rest, '0') < 0 ? '0' : rest
  }
  const cpuShares = Math.max(MIN_SHARES, Math.floor((milliValue(left('cpu')) * SHARES_PER_CPU) / 1000))
  try {
    await host.cgroups.limitAll({ cpuShares, memoryBytes: quantityValue(left('memory')) })
    const message = 'Updated Node Allocatable limit across pods'
    tell({ type: 'Normal', reason: 'NodeAllocatableEnforced', message })
  } catch (error) {
    log.warn('could not bound what all Pods may have together', { error })
    const detail = error instanceof Error ? error.message : String(error)
    const message = `Failed to update Node Allocatable Limits ${JSON.stringify(detail)}`
    tell({ type: 'Warning', reason: 'FailedNodeAllocatableEnforcement', message })
  }
}

/** The same host, whose Pods may have no more processes than the configuration says. */
export function withPidsLimit(host: NodeHost, { podPidsLimit }: KubeletConfig): NodeHost {
  if (podPidsLimit < 0) return host
  const { cgroups } = host
  return { ...host, cgroups: { ...cgroups, ensure: (pod) => cgroups.ensure({ ...pod, pids: podPidsLimit }) } }
}
