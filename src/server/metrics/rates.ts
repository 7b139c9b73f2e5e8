/**
 * How fast CPU is used: the growth between two looks, as metrics-server tells it
 * (https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/). Pure.
 */

import { formatQuantity, parseQuantity } from '../../meta/quantity.ts'
import type { ResourceList } from '../../api/generated/core-v1.ts'
import type { NodeSummary, Usage } from './summary.ts'

/** A summary, and when it was told, on the server's own monotonic clock. */
export interface Sample {
  readonly atMs: number
  readonly summary: NodeSummary
}

/** What the API tells of one container or node; undefined while it is not known. */
export function usageBetween(now: Usage, before: Usage | undefined, elapsedMs: number): ResourceList | undefined {
  const nanoCores = rate(now, before, elapsedMs)
  if (nanoCores === undefined || now.memoryBytes === undefined) return undefined
  return { cpu: canonical(`${Math.round(nanoCores)}n`), memory: binary(now.memoryBytes) }
}

function rate(now: Usage, before: Usage | undefined, elapsedMs: number): number | undefined {
  const [end, start] = [now.cpuNanoSeconds, before?.cpuNanoSeconds]
  // A counter that fell began anew: the container was restarted.
  if (end !== undefined && start !== undefined && end >= start && elapsedMs > 0) {
    return ((end - start) * 1_000) / elapsedMs
  }
  return now.cpuNanoCores
}

/** Whether a first look cannot tell how fast CPU is used: the kubelet has only told how much. */
export function needsSecondLook({ node, pods }: NodeSummary): boolean {
  const lacks = ({ cpuNanoSeconds = 0, cpuNanoCores = 0 }: Usage) => cpuNanoSeconds > 0 && cpuNanoCores === 0
  return lacks(node) || [...pods.values()].some(({ containers }) => [...containers.values()].some(lacks))
}

function canonical(text: string): string {
  const value = parseQuantity(text)
  return value === undefined ? '0' : formatQuantity(value)
}

function binary(bytes: number): string {
  const value = parseQuantity(String(Math.round(bytes)))
  return value === undefined ? '0' : formatQuantity(value, 'BinarySI')
}
