/** Decoded CRI messages as the boundary's types. */

import type { Plain } from '../../grpc/protocol.ts'
import { message, messages, numberOf, text, textMap, texts } from '../../grpc/read.ts'
import type {
  Container,
  ContainerState,
  ContainerStats,
  ContainerStatus,
  FilesystemUsage,
  Image,
  ImageSpec,
  LinuxContainerResources,
  Mount,
  PodSandbox,
  PodSandboxState,
  PodSandboxStatus,
} from '../runtime.ts'

const wrapped = (value: unknown): number | undefined => {
  const inner = message(value)
  return inner === undefined ? undefined : Number(inner['value'] ?? 0)
}
const present = <K extends string, V>(key: K, value: V | undefined) =>
  value === undefined ? {} : ({ [key]: value } as Record<K, V>)

/** Nanoseconds as text to milliseconds with microsecond fractions. */
function millisOf(nanos: unknown): number {
  const value = BigInt(text(nanos) === '' ? '0' : text(nanos))
  return value <= 0n ? 0 : Number(value / 1000n) / 1000
}

const podMetadata = (value: unknown) => {
  const metadata = message(value) ?? {}
  return {
    name: text(metadata['name']),
    uid: text(metadata['uid']),
    namespace: text(metadata['namespace']),
    attempt: numberOf(metadata['attempt']),
  }
}

const containerMetadata = (value: unknown) => {
  const metadata = message(value) ?? {}
  return { name: text(metadata['name']), attempt: numberOf(metadata['attempt']) }
}

const imageSpec = (value: unknown): ImageSpec => {
  const spec = message(value) ?? {}
  const asked = text(spec['userSpecifiedImage'])
  return { image: text(spec['image']), ...present('userSpecifiedImage', asked === '' ? undefined : asked) }
}

export const sandboxOf = (value: Plain): PodSandbox => ({
  id: text(value['id']),
  metadata: podMetadata(value['metadata']),
  state: text(value['state']) as PodSandboxState,
  createdAt: millisOf(value['createdAt']),
  labels: textMap(value['labels']),
  annotations: textMap(value['annotations']),
  runtimeHandler: text(value['runtimeHandler']),
})

export function sandboxStatusOf(value: Plain): PodSandboxStatus {
  const network = message(value['network']) ?? {}
  const addresses = [text(network['ip']), ...messages(network['additionalIps']).map((more) => text(more['ip']))]
  return { ...sandboxOf(value), ips: addresses.filter((address) => address !== '') }
}

export const containerOf = (value: Plain): Container => ({
  id: text(value['id']),
  podSandboxId: text(value['podSandboxId']),
  metadata: containerMetadata(value['metadata']),
  image: imageSpec(value['image']),
  imageRef: text(value['imageRef']),
  state: text(value['state']) as ContainerState,
  createdAt: millisOf(value['createdAt']),
  labels: textMap(value['labels']),
  annotations: textMap(value['annotations']),
})

const mountOf = (value: Plain): Mount => ({
  containerPath: text(value['containerPath']),
  hostPath: text(value['hostPath']),
  readonly: value['readonly'] === true,
  recursiveReadOnly: value['recursiveReadOnly'] === true,
})

function resourcesOf(value: unknown): LinuxContainerResources | undefined {
  const linux = message(message(value)?.['linux'])
  if (linux === undefined) return undefined
  return {
    cpuPeriod: numberOf(linux['cpuPeriod']),
    cpuQuota: numberOf(linux['cpuQuota']),
    cpuShares: numberOf(linux['cpuShares']),
    memoryLimitInBytes: numberOf(linux['memoryLimitInBytes']),
    oomScoreAdj: numberOf(linux['oomScoreAdj']),
  }
}

function userOf(value: unknown): ContainerStatus['user'] {
  const linux = message(message(value)?.['linux'])
  if (linux === undefined) return undefined
  return {
    uid: numberOf(linux['uid']),
    gid: numberOf(linux['gid']),
    supplementalGroups: texts(linux['supplementalGroups']).map(Number),
  }
}

export const containerStatusOf = (value: Plain): ContainerStatus => ({
  id: text(value['id']),
  metadata: containerMetadata(value['metadata']),
  image: imageSpec(value['image']),
  imageRef: text(value['imageRef']),
  state: text(value['state']) as ContainerState,
  createdAt: millisOf(value['createdAt']),
  startedAt: millisOf(value['startedAt']),
  finishedAt: millisOf(value['finishedAt']),
  exitCode: numberOf(value['exitCode']),
  reason: text(value['reason']),
  message: text(value['message']),
  labels: textMap(value['labels']),
  annotations: textMap(value['annotations']),
  mounts: messages(value['mounts']).map(mountOf),
  logPath: text(value['logPath']),
  ...present('resources', resourcesOf(value['resources'])),
  ...present('user', userOf(value['user'])),
})

export const imageOf = (value: Plain): Image => ({
  id: text(value['id']),
  repoTags: texts(value['repoTags']),
  repoDigests: texts(value['repoDigests']),
  size: numberOf(value['size']),
  ...present('uid', wrapped(value['uid'])),
  ...present('username', text(value['username']) === '' ? undefined : text(value['username'])),
  pinned: value['pinned'] === true,
})

export const filesystemUsageOf = (value: Plain): FilesystemUsage => ({
  timestamp: millisOf(value['timestamp']),
  mountpoint: text(message(value['fsId'])?.['mountpoint']),
  ...present('usedBytes', wrapped(value['usedBytes'])),
  ...present('inodesUsed', wrapped(value['inodesUsed'])),
})

export function statsOf(value: Plain): ContainerStats {
  const attributes = message(value['attributes']) ?? {}
  const cpu = message(value['cpu'])
  const memory = message(value['memory'])
  const layer = message(value['writableLayer'])
  return {
    id: text(attributes['id']),
    name: containerMetadata(attributes['metadata']).name,
    labels: textMap(attributes['labels']),
    ...(cpu && {
      cpu: {
        timestamp: millisOf(cpu['timestamp']),
        ...present('usageCoreNanoSeconds', wrapped(cpu['usageCoreNanoSeconds'])),
        ...present('usageNanoCores', wrapped(cpu['usageNanoCores'])),
      },
    }),
    ...(memory && {
      memory: {
        timestamp: millisOf(memory['timestamp']),
        ...present('workingSetBytes', wrapped(memory['workingSetBytes'])),
        ...present('availableBytes', wrapped(memory['availableBytes'])),
        ...present('usageBytes', wrapped(memory['usageBytes'])),
        ...present('rssBytes', wrapped(memory['rssBytes'])),
        ...present('pageFaults', wrapped(memory['pageFaults'])),
        ...present('majorPageFaults', wrapped(memory['majorPageFaults'])),
      },
    }),
    ...(layer && { writableLayer: filesystemUsageOf(layer) }),
  }
}
