/**
 * Bounds that the kernel keeps: what all Pods may have together, what each class of them has, and how many processes each may have
 * (https://kubernetes.io/docs/tasks/administer-cluster/reserve-compute-resources/#node-allocatable).
 */

import { qosClassOf } from '../../api/core/v1/pod/facts.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { cmpQuantity, milliValue, quantityValue, subQuantity } from '../../meta/quantity.ts'
import type { KubeletConfig } from '../config/kubelet-config.ts'
import type { MachineFacts, NodeHost, PodCgroup } from '../host/host.ts'
import type { NodeOptions } from '../options.ts'
import type { PodView } from '../pods/pod-view.ts'
import { burstableShares } from '../resources/linux-resources.ts'
import { keptByClass, type MemoryRules } from '../resources/memory-rules.ts'
import type { NodeEvent } from './node-events.ts'
import { capacityOf, configOf, reservedOf } from './node-status.ts'

const SHARES_PER_CPU = 1024
const MIN_SHARES = 2
const WEIGH_MS = 60_000

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

/** Gives each class of Pods the weight and the memory that its Pods ask for together, whenever that changed. */
export class ClassShares {
  readonly #cgroups: Pick<NodeHost['cgroups'], 'settleClasses'>
  readonly #pods: () => readonly PodView[]
  readonly #rules: MemoryRules | undefined
  #told: string | undefined

  /** `pods` answers those that are not over. */
  constructor({ cgroups }: Pick<NodeHost, 'cgroups'>, pods: () => readonly PodView[], rules?: MemoryRules) {
    this.#cgroups = cgroups
    this.#rules = rules
    this.#pods = pods
  }

  async settle(): Promise<void> {
    const pods = this.#pods()
    const byClass = pods.map((pod) => ({ pod, qosClass: qosClassOf(pod) }))
    const classes = { burstableShares: burstableShares(pods), kept: keptByClass(byClass, this.#rules) }
    const key = JSON.stringify(classes)
    if (key === this.#told) return
    await this.#cgroups.settleClasses(classes)
    this.#told = key
  }

  /** Now and then until `signal` aborts: Pods that ended weigh nothing. */
  async run({ clock, log }: { readonly clock: Clock; readonly log: Log }, signal: AbortSignal): Promise<void> {
    for (;;) {
      await clock.sleep(WEIGH_MS, signal)
      await this.settle().catch((error: unknown) => log.warn('could not settle what classes of Pods have', { error }))
    }
  }
}

/** The same host, whose Pods may have no more processes than the configuration says, and weigh what they ask for. */
export function boundHost(host: NodeHost, { podPidsLimit }: KubeletConfig, classes: ClassShares): NodeHost {
  const { cgroups } = host
  const limit = podPidsLimit < 0 ? {} : { pids: podPidsLimit }
  const ensure = async (pod: PodCgroup) => {
    await cgroups.ensure({ ...pod, ...limit })
    if (pod.qosClass !== 'BestEffort') await classes.settle()
  }
  return { ...host, cgroups: { ...cgroups, ensure } }
}
