/**
 * Reads a KubeletConfiguration strictly: what is misspelt, of the wrong kind or not done here is refused by name,
 * never ignored (https://kubernetes.io/docs/tasks/administer-cluster/kubelet-config-file/).
 */

import { isDeepStrictEqual } from 'node:util'

import type { Taint } from '../../api/generated/core-v1.ts'
import { readYamlBody } from '../../wire/yaml/parse.ts'
import { SIGNALS } from '../eviction/signals.ts'
import {
  DEFAULT_EVICTION_HARD,
  DEFAULT_KUBELET_CONFIG,
  type KubeletConfig,
  type ShutdownPriority,
  type SwapBehavior,
} from './kubelet-config.ts'
import {
  ConfigFault,
  duration,
  flag,
  fraction,
  httpAddress,
  listOf,
  mapOf,
  membersOf,
  oneOf,
  partOf,
  quantity,
  type Reader,
  text,
  whole,
  wholeOf,
} from './readers.ts'
import { configFaults } from './config-faults.ts'
import { FIXED, REFUSED } from './fixed-config.ts'

const RESERVABLE = ['cpu', 'memory', 'ephemeral-storage', 'pid']
const SECOND = 1_000

const effect = oneOf<Taint['effect']>('NoSchedule', 'PreferNoSchedule', 'NoExecute')

const taint: Reader<Taint> = (value, path) => {
  const read = partOf<Omit<Taint, 'timeAdded'>>({ key: text, value: text, effect })(value, path)
  if (read.key === undefined || read.key === '') throw new ConfigFault(`${path}.key`, 'is required')
  if (read.effect === undefined) throw new ConfigFault(`${path}.effect`, 'is required')
  return { ...read, key: read.key, effect: read.effect }
}

const thresholds = mapOf(text, SIGNALS)

/** The features that are off unless the file says otherwise, and those that cannot be switched off, though it may name them. */
const GATES = ['MemoryQoS', 'NodeLogQuery']

const FIELDS: { readonly [K in keyof KubeletConfig]-?: Reader<NonNullable<KubeletConfig[K]>> } = {
  maxPods: whole(1),
  podPidsLimit: whole(-1, Number.MAX_SAFE_INTEGER),
  systemReserved: mapOf(quantity, RESERVABLE),
  kubeReserved: mapOf(quantity, RESERVABLE),
  enforceNodeAllocatable: listOf(text),
  evictionHard: thresholds,
  evictionSoft: thresholds,
  evictionSoftGracePeriod: thresholds,
  evictionMinimumReclaim: thresholds,
  evictionPressureTransitionPeriod: duration(),
  evictionMaxPodGracePeriod: whole(0),
  mergeDefaultEvictionSettings: flag,
  imageGCHighThresholdPercent: whole(0, 100),
  imageGCLowThresholdPercent: whole(0, 100),
  imageMinimumGCAge: duration(),
  imageMaximumGCAge: duration(),
  serializeImagePulls: flag,
  maxParallelImagePulls: whole(1),
  registryPullQPS: whole(0),
  registryBurst: whole(0),
  containerLogMaxSize: quantity,
  containerLogMaxFiles: whole(2),
  containerLogMonitorInterval: duration(3 * SECOND),
  shutdownGracePeriod: duration(),
  shutdownGracePeriodCriticalPods: duration(),
  shutdownGracePeriodByPodPriority: listOf(
    wholeOf<ShutdownPriority>({ priority: whole(-(2 ** 31)), shutdownGracePeriodSeconds: whole(0) }),
  ),
  crashLoopBackOff: wholeOf<KubeletConfig['crashLoopBackOff']>({ maxContainerRestartPeriod: duration(SECOND) }),
  nodeStatusUpdateFrequency: duration(SECOND),
  nodeStatusReportFrequency: duration(SECOND),
  nodeStatusMaxImages: whole(-1),
  nodeLeaseDurationSeconds: whole(1),
  registerWithTaints: listOf(taint),
  allowedUnsafeSysctls: listOf(text),
  singleProcessOOMKill: flag,
  memorySwap: partOf<KubeletConfig['memorySwap']>({ swapBehavior: oneOf<SwapBehavior>('', 'NoSwap', 'LimitedSwap') }),
  memoryThrottlingFactor: fraction(0, 1),
  memoryReservationPolicy: oneOf('None', 'TieredReservation'),
  featureGates: mapOf(flag, GATES),
  clusterDomain: text,
  clusterDNS: listOf(text),
  staticPodURL: httpAddress,
  staticPodURLHeader: mapOf(listOf(text)),
  httpCheckFrequency: duration(SECOND),
  enableSystemLogHandler: flag,
  enableSystemLogQuery: flag,
  healthzPort: whole(0, 65_535),
  healthzBindAddress: text,
}

/** The file's kubelet, with defaults for what it does not state. Throws an `Error` that tells all faults, a line each. */
export function readKubeletConfig(file: string): KubeletConfig {
  const { value, duplicates } = readYamlBody(Buffer.from(file))
  return kubeletConfigOf(value, duplicates)
}

/** The same, of an object that was read already. */
export function kubeletConfigOf(value: unknown, duplicates: readonly string[] = []): KubeletConfig {
  const members = membersOf(value, 'the configuration')
  const faults = [
    ...duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`),
    ...typeFaults(new Map(members)),
  ]
  const read: Record<string, unknown> = {}
  for (const [key, member] of members) {
    if (key === 'apiVersion' || key === 'kind' || member === null) continue
    try {
      const field = readField(key, member)
      if (field !== undefined) read[key] = field.value
    } catch (error) {
      if (!(error instanceof ConfigFault)) throw error
      faults.push(error.message)
    }
  }
  const config = { ...DEFAULT_KUBELET_CONFIG, ...(read as Partial<KubeletConfig>) }
  const settled = {
    ...config,
    ...evictionOf(read as Partial<KubeletConfig>),
    ...pullsOf(read as Partial<KubeletConfig>),
  }
  faults.push(...(faults.length === 0 ? configFaults(settled) : []))
  if (faults.length > 0) throw new Error(faults.join('\n'))
  return settled
}

function typeFaults(members: ReadonlyMap<string, unknown>): string[] {
  const wanted = { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration' }
  return Object.entries(wanted).flatMap(([key, name]) =>
    members.get(key) === name ? [] : [`${key}: has to be ${JSON.stringify(name)}`],
  )
}

/** Undefined: it says what holds anyway. */
function readField(key: string, value: unknown): { readonly value: unknown } | undefined {
  if (Object.hasOwn(FIELDS, key)) return { value: FIELDS[key as keyof KubeletConfig](value, key) }
  if (Object.hasOwn(FIXED, key)) {
    if (isDeepStrictEqual(value, FIXED[key])) return undefined
    throw new ConfigFault(key, `only ${JSON.stringify(FIXED[key])} is supported`)
  }
  if (REFUSED.has(key)) throw new ConfigFault(key, 'is not supported')
  throw new ConfigFault(key, 'unknown field')
}

/** Stating some hard thresholds takes the others' defaults away, unless they are to be merged. */
function evictionOf({ evictionHard, mergeDefaultEvictionSettings }: Partial<KubeletConfig>) {
  if (evictionHard === undefined || mergeDefaultEvictionSettings !== true) return {}
  return { evictionHard: { ...DEFAULT_EVICTION_HARD, ...evictionHard } }
}

/** Pulls that are not one after the other have no limit but the one stated. */
function pullsOf({ serializeImagePulls, maxParallelImagePulls }: Partial<KubeletConfig>) {
  if (serializeImagePulls === undefined && maxParallelImagePulls === undefined) return {}
  return { serializeImagePulls: serializeImagePulls ?? (maxParallelImagePulls ?? 1) < 2, maxParallelImagePulls }
}
