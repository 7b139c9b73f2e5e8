/** Why a Pod was evicted, in Kubernetes's words, which tools match on. Pure. */

import { canonicalQuantity, cmpQuantity, formatQuantity } from '../../meta/quantity.ts'
import { appContainersOf, initContainersOf, namesOf, type PodView, specOf } from '../pods/pod-view.ts'
import type { ContainerUse } from '../usage/pod-use.ts'
import type { Candidate } from './rank.ts'
import { amountText, meaningOf, type Observations, type StarvedResource } from './signals.ts'
import { type Threshold, thresholdText } from './thresholds.ts'

/** The threshold that is acted on, those that are due with it, and what was seen of the node. */
export interface EvictionReason {
  readonly threshold: Threshold
  readonly due: readonly Threshold[]
  readonly observations: Observations
}

export interface EvictionWords {
  /** What the Pod's status, its condition and its event say. */
  readonly message: string
  /** The same for programs, on the event. */
  readonly annotations: Readonly<Record<string, string>>
}

export function evictionWords(
  { pod, use }: Candidate,
  { threshold, due, observations }: EvictionReason,
): EvictionWords {
  const { resource } = meaningOf(threshold.signal)
  const parts = [`The node was low on resource: ${resource}. `]
  const shown = due.find(({ signal }) => meaningOf(signal).resource === resource)
  const observed = shown && observations.get(shown.signal)
  if (shown !== undefined && observed !== undefined) {
    const available = amountText(shown.signal, observed.available)
    parts.push(`Threshold quantity: ${thresholdText(shown, observed)}, available: ${available}. `)
  }
  const annotations: Record<string, string> = {}
  if (use === undefined) return { message: parts.join(''), annotations }
  const asked = specOf(pod).resources?.requests?.[resource]
  if (resource === 'memory' && asked !== undefined && use.memoryBytes !== undefined) {
    const [who, used] = [namesOf(pod).name, bytes(use.memoryBytes)]
    parts.push(larger(`Pod ${who}`, { used, asked, resource }))
    annotations['offending_pod'] = who
    annotations['offending_pod_usage'] = used
  }
  const offenders = use.containers.flatMap((container) => offence(pod, container, resource) ?? [])
  for (const { name, ...more } of offenders) parts.push(larger(`Container ${name}`, { ...more, resource }))
  annotations['offending_containers'] = offenders.map(({ name }) => name).join(',')
  annotations['offending_containers_usage'] = offenders.map(({ used }) => used).join(',')
  annotations['starved_resource'] = resource
  return { message: parts.join(''), annotations }
}

const bytes = (amount: number) => formatQuantity({ nano: BigInt(amount) * 1_000_000_000n, format: 'BinarySI' })

const larger = (
  who: string,
  { used, asked, resource }: { readonly used: string; readonly asked: string; readonly resource: StarvedResource },
) =>
  `${who} was using ${used}, request is ${canonicalQuantity(asked) ?? asked}, has larger consumption of ${resource}. `

/** Nothing of a container that keeps to its request, and of one that cannot have any. */
function offence(pod: PodView, container: ContainerUse, resource: StarvedResource) {
  const known = [...appContainersOf(pod), ...initContainersOf(pod)].find(({ spec }) => spec.name === container.name)
  const amount = usedOf(container, resource)
  if (known === undefined || amount === undefined) return undefined
  const asked = known.spec.resources?.requests?.[resource] ?? '0'
  const used = bytes(amount)
  return cmpQuantity(used, asked) > 0 ? { name: container.name, used, asked } : undefined
}

function usedOf({ memoryBytes, rootfs, logs }: ContainerUse, resource: StarvedResource): number | undefined {
  if (resource === 'memory') return memoryBytes
  if (resource !== 'ephemeral-storage' || rootfs === undefined || logs === undefined) return undefined
  return rootfs.bytes + logs.bytes
}
