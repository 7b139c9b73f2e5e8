/** Small clusters for the scheduler's own tests. */

import type { Node, Pod, PodSpec } from '../api/generated/core-v1.ts'
import type { Lister } from '../client/informer.ts'
import { keyOf } from '../meta/keys.ts'
import type { KubeObject } from '../meta/types.ts'
import type { OwnerListers } from './plugins/pod-topology-spread/defaults.ts'
import { seededRandom } from '../base/random.ts'
import type { DeepReadonly } from '../meta/deep-readonly.ts'
import { Cycle } from './framework/cycle.ts'
import { findNode, type FindResult } from './framework/find-node.ts'
import { pointsOf } from './framework/profile.ts'
import type { SchedulerPlugin } from './framework/plugin.ts'
import { SchedulerCache } from './snapshot/cache.ts'
import { podInfoOf } from './snapshot/pod-info.ts'

export interface NodeWish {
  readonly labels?: Record<string, string>
  readonly cpu?: string
  readonly memory?: string
  readonly pods?: string
  readonly taints?: NonNullable<NonNullable<Node['spec']>['taints']>
  readonly unschedulable?: boolean
  readonly declaredFeatures?: string[]
}

/** A node with room for 4 CPUs, 8 GiB and 110 Pods unless told otherwise. */
export function aNode(name: string, wish: NodeWish = {}): Node {
  return {
    metadata: { name, uid: `node-${name}`, labels: { 'kubernetes.io/hostname': name, ...wish.labels } },
    spec: { ...(wish.taints && { taints: wish.taints }), ...(wish.unschedulable && { unschedulable: true }) },
    status: {
      allocatable: { cpu: wish.cpu ?? '4', memory: wish.memory ?? '8Gi', pods: wish.pods ?? '110' },
      ...(wish.declaredFeatures && { declaredFeatures: wish.declaredFeatures }),
    },
  }
}

export interface PodWish {
  readonly labels?: Record<string, string>
  readonly cpu?: string
  readonly memory?: string
  readonly node?: string
  readonly namespace?: string
  readonly spec?: Partial<PodSpec>
}

/** A Pod of one container; on a node where `node` names one. */
export function aPod(name: string, wish: PodWish = {}): Pod {
  const requests = { ...(wish.cpu && { cpu: wish.cpu }), ...(wish.memory && { memory: wish.memory }) }
  return {
    metadata: { name, namespace: wish.namespace ?? 'default', uid: `pod-${name}`, labels: wish.labels ?? {} },
    spec: {
      containers: [{ name: 'c', image: 'busybox', resources: { requests } }],
      ...(wish.node && { nodeName: wish.node }),
      ...wish.spec,
    },
  }
}

export function aCache(nodes: readonly Node[], pods: readonly Pod[] = []): SchedulerCache {
  const cache = new SchedulerCache(() => ({}))
  nodes.forEach((node) => cache.setNode(node))
  pods.forEach((pod) => cache.setPod(pod))
  return cache
}

/** Where a Pod would go with these plugins, each of weight one. */
export function place(cache: SchedulerCache, pod: DeepReadonly<Pod>, plugins: readonly SchedulerPlugin[]): FindResult {
  return findNode(new Cycle(), podInfoOf(pod), {
    snapshot: cache,
    profile: {
      schedulerName: 'test',
      points: pointsOf(plugins.map((plugin) => ({ plugin, weight: 1 }))),
      percentageOfNodesToScore: 0,
    },
    random: seededRandom(1),
    rotation: { next: 0 },
  })
}

/** The node's name, or the reasons by node. */
export function outcome(result: FindResult): string | Record<string, readonly string[]> {
  if (result.found) return result.node.name
  return Object.fromEntries([...result.rejections.byNode].map(([node, { reasons }]) => [node, reasons]))
}

/** Owners for Pods that have none. */
export const NO_OWNERS: OwnerListers = {
  services: emptyLister(),
  replicationControllers: emptyLister(),
  replicaSets: emptyLister(),
  statefulSets: emptyLister(),
}

function emptyLister<T>(): Lister<T> {
  return { get: () => undefined, list: () => [], byIndex: () => [], indexValues: () => [] }
}

/** A lister over some objects. */
export function listerOf<T extends KubeObject>(objects: readonly T[]): Lister<T> {
  const read = objects as readonly DeepReadonly<T>[]
  return {
    get: (key) => read.find((object) => keyOf(object) === key),
    list: (namespace) => read.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
    byIndex: () => read,
    indexValues: () => [],
  }
}
