/** A cluster with a scheduler and plain Node objects, on virtual time: nothing else acts in it. */

import type { Node, Pod, PodSpec } from '../../src/api/generated/core-v1.ts'
import type { DeepReadonly } from '../../src/meta/deep-readonly.ts'
import { EVENTS, NODES, PODS } from '../../src/client/resources.ts'
import { hasReason } from '../../src/meta/errors.ts'
import { type Cluster, type ClusterOptions, createCluster } from '../../src/testing/cluster.ts'

export interface NodeWish {
  readonly labels?: Record<string, string>
  readonly cpu?: string
  readonly memory?: string
  readonly pods?: string
  readonly taints?: NonNullable<NonNullable<Node['spec']>['taints']>
}

export interface World {
  readonly cluster: Cluster
  /** A Node as its kubelet would have made it ready. 4 CPUs, 8 GiB and 110 Pods unless told otherwise. */
  readonly node: (name: string, wish?: NodeWish) => Promise<void>
  /** A Pod of one container that asks for `cpu`. */
  readonly pod: (
    name: string,
    cpu: string,
    spec?: Partial<PodSpec>,
    labels?: Record<string, string>,
  ) => Promise<DeepReadonly<Pod>>
  /** Lets everything happen that happens within a tenth of a second, or `ms`. */
  readonly settle: (ms?: number) => Promise<void>
  readonly read: (name: string) => Promise<DeepReadonly<Pod> | undefined>
  readonly nodeOf: (name: string) => Promise<string>
  /** What the Pod's PodScheduled condition says: `True`, or the reason and message. */
  readonly scheduled: (name: string) => Promise<string>
  /** The events about a Pod, as `type reason message`, oldest first. */
  readonly told: (name: string) => Promise<readonly string[]>
}

/** Runs `body` in a world of its own, and takes the world down. */
export async function withWorld(
  body: (world: World) => Promise<void>,
  options: Pick<ClusterOptions, 'scheduler' | 'schedulerConfig' | 'clock' | 'seed'> = {},
): Promise<void> {
  const cluster = await createCluster({ clock: 'virtual', controllers: false, ...options })
  try {
    await body(worldOf(cluster))
  } finally {
    await cluster.stop()
  }
}

const at = (name: string) => ({ namespace: 'default', name })

function worldOf(cluster: Cluster): World {
  const { client } = cluster
  const read: World['read'] = async (name) => {
    try {
      return await client.get(PODS, at(name))
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined
      throw error
    }
  }
  return {
    cluster,
    read,
    settle: (ms = 100) => cluster.advance(ms),
    async node(name, { labels, cpu = '4', memory = '8Gi', pods = '110', taints = [] } = {}) {
      const amounts = { cpu, memory, pods }
      await client.create(NODES, { metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } } })
      const status = { capacity: amounts, allocatable: amounts, conditions: [{ type: 'Ready', status: 'True' }] }
      await client.patch(NODES, { name }, 'merge', { status }, { subresource: 'status' })
      // New Nodes are tainted until a controller sees that they are ready.
      await client.patch(NODES, { name }, 'merge', { spec: { taints } })
    },
    pod: (name, cpu, spec = {}, labels = {}) =>
      client.create(PODS, {
        metadata: { ...at(name), labels },
        spec: { containers: [{ name: 'c', image: 'pause:1', resources: { requests: { cpu } } }], ...spec },
      }),
    nodeOf: async (name) => (await read(name))?.spec?.nodeName ?? '',
    async scheduled(name) {
      const found = (await read(name))?.status?.conditions?.find(({ type }) => type === 'PodScheduled')
      if (found === undefined) return ''
      return found.status === 'True' ? 'True' : `${found.reason ?? ''}: ${found.message ?? ''}`
    },
    async told(name) {
      const { items } = await client.list(EVENTS, { namespace: 'default' })
      const about = items.filter((event) => event.involvedObject.name === name)
      return about.map(({ type, reason, message }) => `${type ?? ''} ${reason ?? ''} ${message ?? ''}`)
    },
  }
}
