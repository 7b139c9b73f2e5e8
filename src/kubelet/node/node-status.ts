/** What the Node object tells of this node (https://kubernetes.io/docs/reference/node/node-status/). Pure. */

import type { ContainerImage, NodeCondition, NodeStatus } from '../../api/generated/core-v1.ts'
import { toTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { cmpQuantity, formatQuantity, subQuantity } from '../../meta/quantity.ts'
import type { Image, RuntimeStatus, RuntimeVersion } from '../cri/runtime.ts'
import type { MachineFacts } from '../host/host.ts'
import type { NodeOptions } from '../options.ts'

const DEFAULT_MAX_PODS = 110
/** Memory below which the kubelet would have to evict, and so never gives away. */
const EVICTION_MEMORY = '100Mi'
/** The Node tells of no more images, nor of more names of each. */
const MAX_IMAGES = 50
const MAX_NAMES = 5

type Quantities = Readonly<Record<string, string>>

const kibibytes = (bytes: number) => `${Math.floor(bytes / 1024)}Ki`

export function capacityOf(machine: MachineFacts, options: NodeOptions): Quantities {
  const pages = Object.entries(machine.hugepages).map(([size, bytes]) => [
    `hugepages-${size}`,
    bytes === 0 ? '0' : kibibytes(bytes),
  ])
  return {
    cpu: String(machine.cpus),
    memory: kibibytes(machine.memoryBytes),
    'ephemeral-storage': kibibytes(machine.ephemeralStorageBytes),
    pods: String(options.maxPods ?? DEFAULT_MAX_PODS),
    ...Object.fromEntries(pages),
    ...options.capacity,
  }
}

/** What Pods may have: the capacity less what is reserved. */
export function allocatableOf(capacity: Quantities, options: NodeOptions): Quantities {
  const reserved: Record<string, string[]> = { memory: [EVICTION_MEMORY] }
  for (const [name, amount] of Object.entries(options.reserved ?? {})) (reserved[name] ??= []).push(amount)
  return Object.fromEntries(
    Object.entries(capacity).map(([name, amount]) => {
      const left = (reserved[name] ?? []).reduce((rest, less) => {
        const difference = subQuantity(rest, less)
        return cmpQuantity(difference, '0') < 0 ? '0' : formatQuantity(difference)
      }, amount)
      return [name, left]
    }),
  )
}

export interface NodeFacts {
  readonly options: NodeOptions
  readonly machine: MachineFacts
  readonly version: RuntimeVersion
  /** What the runtime said last; `undefined`: nothing yet. */
  readonly runtime: RuntimeStatus | undefined
  /** Why Pods cannot run here; `undefined` when they can. */
  readonly fault: string | undefined
  readonly images: readonly Image[]
  readonly now: number
  readonly last: DeepReadonly<NodeStatus> | undefined
}

export function nodeStatus(facts: NodeFacts): NodeStatus {
  const { options, machine, version, runtime } = facts
  const capacity = capacityOf(machine, options)
  return {
    addresses: [
      ...options.addresses.map((address) => ({ type: 'InternalIP', address })),
      { type: 'Hostname', address: options.name },
    ],
    capacity: { ...capacity },
    allocatable: { ...allocatableOf(capacity, options) },
    conditions: nodeConditions(facts),
    daemonEndpoints: { kubeletEndpoint: { Port: options.port } },
    nodeInfo: {
      machineID: machine.machineId,
      systemUUID: machine.systemUuid,
      bootID: machine.bootId,
      kernelVersion: machine.kernelVersion,
      osImage: machine.osImage,
      containerRuntimeVersion: `${version.runtimeName}://${version.runtimeVersion}`,
      kubeletVersion: options.version,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: machine.architecture,
    },
    images: facts.images
      .map(imageEntry)
      .toSorted((a, b) => (b.sizeBytes ?? 0) - (a.sizeBytes ?? 0))
      .slice(0, MAX_IMAGES),
    ...(runtime !== undefined &&
      runtime.handlers.length > 0 && {
        runtimeHandlers: runtime.handlers.map(({ name, recursiveReadOnlyMounts, userNamespaces }) => ({
          name,
          features: { recursiveReadOnlyMounts, userNamespaces },
        })),
        features: { supplementalGroupsPolicy: runtime.supplementalGroupsPolicy },
      }),
  }
}

const imageEntry = ({ repoTags, repoDigests, size }: Image): ContainerImage => ({
  names: [...repoDigests, ...repoTags].slice(0, MAX_NAMES),
  sizeBytes: size,
})

function nodeConditions({ fault, now, last }: NodeFacts): NodeCondition[] {
  const wanted = [
    ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
    ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    fault === undefined
      ? ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status']
      : ['Ready', 'False', 'KubeletNotReady', fault],
  ] as const
  return wanted.map(([type, status, reason, message]) => {
    const old = last?.conditions?.find((condition) => condition.type === type)
    const since = old?.status === status ? old.lastTransitionTime : undefined
    return { type, status, lastHeartbeatTime: toTime(now), lastTransitionTime: since ?? toTime(now), reason, message }
  })
}
