/**
 * Which Pods make room for one that the cluster cannot do without
 * (https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/). Pure.
 */

import { podRequests, qosClassOf } from '../../api/core/v1/pod/facts.ts'
import { isCritical } from '../eviction/critical.ts'
import { type PodView, specOf } from '../pods/pod-view.ts'
import { amountOf, type Shortage } from './amounts.ts'

/** What has to become free, in the resource's own unit. */
interface Need {
  readonly resource: string
  readonly amount: number
}

export type Preemption = { readonly pods: readonly PodView[] } | { readonly fault: string }

/**
 * As few and as unimportant Pods as do: of those with guarantees only what the others cannot give, and so on down to
 * those that were promised nothing.
 */
export function podsToPreempt(pod: PodView, others: readonly PodView[], lacking: readonly Shortage[]): Preemption {
  const mayGo = others.filter((other) => yieldsTo(other, pod))
  const classOf = (qos: string) => mayGo.filter((other) => qosClassOf(other) === qos)
  const [bestEffort, burstable, guaranteed] = [classOf('BestEffort'), classOf('Burstable'), classOf('Guaranteed')]
  const needs = lacking.map(({ resource, requested, used, capacity }) => ({
    resource,
    amount: requested + used - capacity,
  }))
  const unmet = less(needs, mayGo)
  if (unmet.length > 0) return { fault: `no set of running pods found to reclaim resources: ${textOf(unmet)}` }
  const fromGuaranteed = nearest(guaranteed, less(needs, [...bestEffort, ...burstable]))
  const fromBurstable = nearest(burstable, less(needs, [...bestEffort, ...fromGuaranteed]))
  const fromBestEffort = nearest(bestEffort, less(needs, [...fromBurstable, ...fromGuaranteed]))
  return { pods: [...fromBestEffort, ...fromBurstable, ...fromGuaranteed] }
}

function yieldsTo(other: PodView, pod: PodView): boolean {
  if (!isCritical(other)) return true
  const [own, theirs] = [specOf(pod).priority, specOf(other).priority]
  return own !== undefined && theirs !== undefined && own > theirs
}

/** What a Pod gives back of a resource. A Pod itself is one of as many as there may be. */
const gives = (pod: PodView, resource: string) =>
  resource === 'pods' ? 1 : amountOf(resource, podRequests(pod)[resource])

/** What is still needed when these Pods are gone. */
const less = (needs: readonly Need[], pods: readonly PodView[]): readonly Need[] =>
  needs
    .map(({ resource, amount }) => ({
      resource,
      amount: pods.reduce((rest, pod) => rest - gives(pod, resource), amount),
    }))
    .filter(({ amount }) => amount > 0)

/** One after the other, those that come nearest to what is needed; of equals the smaller. */
function nearest(pods: readonly PodView[], needs: readonly Need[]): readonly PodView[] {
  let rest = needs
  const left = [...pods]
  const chosen: PodView[] = []
  while (rest.length > 0 && left.length > 0) {
    const [best] = left.toSorted((a, b) => distance(a, rest) - distance(b, rest) || size(a) - size(b))
    if (best === undefined) break
    left.splice(left.indexOf(best), 1)
    chosen.push(best)
    rest = less(rest, [best])
  }
  return chosen
}

const distance = (pod: PodView, needs: readonly Need[]) =>
  needs.reduce((sum, { resource, amount }) => sum + (Math.max(0, amount - gives(pod, resource)) / amount) ** 2, 0)

const size = (pod: PodView) => gives(pod, 'memory') + gives(pod, 'cpu') / 1e6

const textOf = (needs: readonly Need[]) =>
  `[${needs.map(({ resource, amount }) => `(res: ${resource}, q: ${amount}), `).join('')}]`
