/** What simulated Pods use, for `kubectl top` and for autoscalers (https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/). */

import type { Pod } from '../api/generated/core-v1.ts'
import type { Client } from '../client/client.ts'
import { PODS } from '../client/resources.ts'
import type { DeepReadonly } from '../meta/deep-readonly.ts'
import { milliValue, quantityValue } from '../meta/quantity.ts'

/** Amounts as quantities, e.g. `{ cpu: '250m', memory: '64Mi' }`. */
export interface Usage {
  readonly cpu: string
  readonly memory: string
}

/** Says what one container of a Pod uses now. */
export type UsageOf = (pod: DeepReadonly<Pod>, container: string) => Usage

const LITTLE: Usage = { cpu: '1m', memory: '16Mi' }

/** A node's /stats/summary, made up of what the containers on it are said to use. */
export function usageSource(client: () => Client, usageOf: UsageOf = () => LITTLE) {
  return async (node: string): Promise<unknown> => {
    const { items } = await client().list(PODS, { fieldSelector: `spec.nodeName=${node}` })
    const running = items.filter(({ status }) => status?.phase === 'Running')
    const pods = running.map((pod) => ({
      podRef: { name: pod.metadata.name, namespace: pod.metadata.namespace, uid: pod.metadata.uid },
      containers: (pod.spec?.containers ?? []).map(({ name }) => ({ name, ...figures([usageOf(pod, name)]) })),
    }))
    const all = running.flatMap((pod) => (pod.spec?.containers ?? []).map(({ name }) => usageOf(pod, name)))
    return { node: { nodeName: node, ...figures(all) }, pods }
  }
}

function figures(usages: readonly Usage[]) {
  const sum = (amount: (usage: Usage) => number) => usages.reduce((total, usage) => total + amount(usage), 0)
  return {
    cpu: { usageNanoCores: sum(({ cpu }) => milliValue(cpu)) * 1_000_000 },
    memory: { workingSetBytes: sum(({ memory }) => quantityValue(memory)) },
  }
}
