/** What the Node object tells of this node (https://kubernetes.io/docs/reference/node/node-status/). Pure. */

import { isExtendedResource } from '../../api/core/v1/resource-names.ts'
import type { ContainerImage, NodeCondition, NodeStatus } from '../../api/generated/core-v1.ts'
import { toTime } from '../../base/clock.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import {
  addQuantity,
  addResources,
  formatQuantity,
  type QuantityValue,
  quantityValue,
  subQuantity,
} from '../../meta/quantity.ts'
import { DEFAULT_KUBELET_CONFIG, type KubeletConfig } from '../config/kubelet-config.ts'
import type { Image, RuntimeStatus, RuntimeVersion } from '../cri/runtime.ts'
import type { PressureCondition } from '../eviction/signals.ts'
import { hardReservation } from '../eviction/thresholds.ts'
import type { MachineFacts } from '../host/host.ts'
import type { NodeOptions } from '../options.ts'

/** The Node tells of no more names of each image. */
const MAX_NAMES = 5

type Quantities = Readonly<Record<string, string>>

const kibibytes = (bytes: number) => `${Math.floor(bytes / 1024)}Ki`

/** How the node treats Pods. */
export const configOf = ({ config }: NodeOptions): KubeletConfig => config ?? DEFAULT_KUBELET_CONFIG

export function capacityOf(machine: MachineFacts, options: NodeOptions): Quantities {
  const pages = Object.entries(machine.hugepages).map(([size, bytes]) => [
    `hugepages-${size}`,
    bytes === 0 ? '0' : kibibytes(bytes),
  ])
  return {
    cpu: String(machine.cpus),
    memory: kibibytes(machine.memoryBytes),
    'ephemeral-storage': kibibytes(machine.ephemeralStorageBytes),
    pods: String(configOf(options).maxPods),
    ...Object.fromEntries(pages),
    ...options.capacity,
  }
}

/** What all Pods may have together before they are evicted: the capacity less what is reserved for others. */
export function reservedOf(config: KubeletConfig): Quantities {
  return addResources(config.systemReserved, config.kubeReserved)
}

/** What Pods may ask for: the capacity less what is reserved, and less what would be short if they used it all. */
export function allocatableOf(capacity: Quantities, config: KubeletConfig): Quantities {
  const reserved = reservedOf(config)
  const kept = (name: string): readonly string[] => {
    const amount = quantityValue(capacity[name] ?? '0')
    const own = reserved[name] ?? '0'
    if (name === 'ephemeral-storage') return [own, hardReservation(config, 'nodefs.available', amount)]
    if (name !== 'memory') return [own]
    // Memory that huge pages are made of is theirs.
    const pages = Object.entries(capacity).flatMap(([other, bytes]) => (other.startsWith('hugepages-') ? [bytes] : []))
    return [own, hardReservation(config, 'memory.available', amount), ...pages]
  }
  return Object.fromEntries(
    Object.entries(capacity).map(([name, amount]) => {
      const left = kept(name).reduce<QuantityValue>((rest, less) => subQuantity(rest, less), asQuantity(amount))
      return [name, left.nano < 0n ? '0' : formatQuantity(left)]
    }),
  )
}

const asQuantity = (text: string) => addQuantity(text, '0')

/** What the node has of the resources of device plugins. */
export interface DeviceAmounts {
  readonly capacity: Quantities
  readonly allocatable: Quantities
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
  /** The capacity that the API tells, with what others say that the node has. */
  readonly advertised: Readonly<Record<string, string>>
  /** What the node is short of. */
  readonly pressure: readonly PressureCondition[]
  readonly isShuttingDown: boolean
  /** Attachable volumes that Pods here use, or that are still mounted. */
  readonly volumesInUse: readonly string[]
  readonly devices?: DeviceAmounts | undefined
}

/** What not every kubelet can do, and this one can (https://kubernetes.io/docs/concepts/scheduling-eviction/node-declared-features/). */
const DECLARED_FEATURES = [
  'ExtendWebSocketsToKubelet',
  'InPlacePodLevelResourcesVerticalScaling',
  'InPlacePodVerticalScalingInitContainers',
  'RestartAllContainersOnContainerExits',
]

export function nodeStatus(facts: NodeFacts): NodeStatus {
  const { options, machine, version, runtime } = facts
  const capacity = capacityOf(machine, options)
  return {
    addresses: [
      ...options.addresses.map((address) => ({ type: 'InternalIP', address })),
      { type: 'Hostname', address: options.name },
    ],
    capacity: { ...capacity, ...facts.devices?.capacity },
    allocatable: {
      ...allocatableOf(capacity, configOf(options)),
      ...extendedOf(facts.advertised),
      ...facts.devices?.allocatable,
    },
    conditions: nodeConditions(facts),
    daemonEndpoints: { kubeletEndpoint: { Port: options.port } },
    nodeInfo: {
      machineID: machine.machineId,
      systemUUID: machine.systemUuid,
      bootID: machine.bootId,
      kernelVersion: machine.kernelVersion,
      osImage: machine.osImage,
      containerRuntimeVersion: `${version.runtimeName}://${plainVersion(version.runtimeVersion)}`,
      kubeletVersion: options.version,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: machine.architecture,
      ...(machine.swapBytes > 0 && { swap: { capacity: machine.swapBytes } }),
    },
    declaredFeatures: [...DECLARED_FEATURES],
    ...(hasOrHadVolumes(facts) && { volumesInUse: [...facts.volumesInUse] }),
    images: imageEntries(facts.images, configOf(options).nodeStatusMaxImages),
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

/** A list that is left out of a patch stays as it was. */
const hasOrHadVolumes = ({ volumesInUse, last }: NodeFacts): boolean =>
  volumesInUse.length > 0 || (last?.volumesInUse ?? []).length > 0

/**
 * Resources that somebody advertised for the node. Pods may ask for all of them
 * (https://kubernetes.io/docs/tasks/administer-cluster/extended-resource-node/).
 */
const extendedOf = (capacity: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(capacity).filter(([name]) => isExtendedResource(name)))

const SEMANTIC = /^v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)$/
const DIGITS = /^v?(\d+(?:\.\d+)*)/

/** Without what distributions add: `1.6.20~ds1` is `1.6.20`. */
const plainVersion = (version: string): string => (SEMANTIC.exec(version) ?? DIGITS.exec(version))?.[1] ?? version

/** The largest ones; `most` -1: all. */
const imageEntries = (images: readonly Image[], most: number): ContainerImage[] =>
  images
    .map(imageEntry)
    .toSorted((a, b) => (b.sizeBytes ?? 0) - (a.sizeBytes ?? 0))
    .slice(0, most < 0 ? undefined : most)

const imageEntry = ({ repoTags, repoDigests, size }: Image): ContainerImage => ({
  names: [...repoDigests, ...repoTags].slice(0, MAX_NAMES),
  sizeBytes: size,
})

interface PressureWords {
  readonly [status: string]: readonly [reason: string, message: string]
}

const PRESSURES: readonly (readonly [PressureCondition, PressureWords])[] = [
  [
    'MemoryPressure',
    {
      True: ['KubeletHasInsufficientMemory', 'kubelet has insufficient memory available'],
      False: ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
    },
  ],
  [
    'DiskPressure',
    {
      True: ['KubeletHasDiskPressure', 'kubelet has disk pressure'],
      False: ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    },
  ],
  [
    'PIDPressure',
    {
      True: ['KubeletHasInsufficientPID', 'kubelet has insufficient PID available'],
      False: ['KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    },
  ],
]

function nodeConditions({ fault: unready, now, last, pressure, isShuttingDown }: NodeFacts): NodeCondition[] {
  const faults = [unready, isShuttingDown ? 'node is shutting down' : undefined]
  const fault = faults.filter((each) => each !== undefined).join(', ')
  const pressures = PRESSURES.map(([type, words]) => {
    const status = pressure.includes(type) ? 'True' : 'False'
    const [reason = '', message = ''] = words[status] ?? []
    return [type, status, reason, message] as const
  })
  const ready =
    fault === ''
      ? (['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'] as const)
      : (['Ready', 'False', 'KubeletNotReady', fault] as const)
  return [...pressures, ready].map(([type, status, reason, message]) => {
    const old = last?.conditions?.find((condition) => condition.type === type)
    const since = old?.status === status ? (old.lastTransitionTime ?? undefined) : undefined
    return { type, status, lastHeartbeatTime: toTime(now), lastTransitionTime: since ?? toTime(now), reason, message }
  })
}
