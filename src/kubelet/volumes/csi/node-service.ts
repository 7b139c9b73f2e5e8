/** The node service of one CSI driver: what the kubelet asks of it (https://kubernetes-csi.github.io/docs/developing.html). */

import type { GrpcChannel } from '../../grpc/channel.ts'
import { message, messages, numberOf, text, textMap } from '../../grpc/read.ts'
import type { FilesystemFacts } from '../../host/usage.ts'
import type { CsiAccessMode, NodeCapability } from './messages.ts'

/** No call lasts longer; what becomes of it then is not known. */
export const CALL_TIMEOUT_MS = 120_000

type Texts = Readonly<Record<string, string>>

/** What a driver tells of the node that it runs on. */
export interface DriverNodeInfo {
  readonly nodeId: string
  /** How many volumes the node may have; 0: nobody knows. */
  readonly maxVolumes: number
  /** From where volumes can be reached, as labels of the node. */
  readonly topology: Texts
}

/** How a volume is to be used. */
export interface VolumeCapability {
  readonly accessMode: { readonly mode: CsiAccessMode }
  readonly block?: object
  readonly mount?: {
    readonly fsType: string
    readonly mountFlags: readonly string[]
    readonly volumeMountGroup?: string
  }
}

export interface StageRequest {
  readonly volumeId: string
  readonly publishContext: Texts
  readonly stagingTargetPath: string
  readonly volumeCapability: VolumeCapability
  readonly secrets: Texts
  readonly volumeContext: Texts
}

export interface PublishRequest extends Omit<StageRequest, 'stagingTargetPath'> {
  /** Absent: the driver stages nothing. */
  readonly stagingTargetPath?: string | undefined
  readonly targetPath: string
  readonly readonly: boolean
}

export interface ExpandRequest {
  readonly volumeId: string
  readonly volumePath: string
  readonly stagingTargetPath?: string | undefined
  readonly requiredBytes: number
  readonly volumeCapability: VolumeCapability
  readonly secrets: Texts
}

/** Of one unit, bytes or inodes. */
export interface VolumeUsage {
  readonly unit: 'BYTES' | 'INODES'
  readonly available: number
  readonly total: number
  readonly used: number
}

/** Every call may be repeated. Failures are `GrpcError`s. */
export interface NodeService {
  info(signal: AbortSignal): Promise<DriverNodeInfo>
  capabilities(signal: AbortSignal): Promise<ReadonlySet<NodeCapability>>
  stage(request: StageRequest, signal: AbortSignal): Promise<void>
  unstage(volumeId: string, stagingTargetPath: string, signal: AbortSignal): Promise<void>
  publish(request: PublishRequest, signal: AbortSignal): Promise<void>
  unpublish(volumeId: string, targetPath: string, signal: AbortSignal): Promise<void>
  expand(request: ExpandRequest, signal: AbortSignal): Promise<void>
  usage(volumeId: string, volumePath: string, signal: AbortSignal): Promise<readonly VolumeUsage[]>
}

/** The service behind a channel. */
export function nodeService(channel: Pick<GrpcChannel, 'unary'>): NodeService {
  const call = (method: string, request: object, response: string, signal: AbortSignal) => {
    const isEmpty = Object.keys(request).length === 0
    const procedure = { path: `/csi.v1.Node/${method}`, request: isEmpty ? 'Empty' : `${method}Request`, response }
    return channel.unary(procedure, request, { signal, timeoutMs: CALL_TIMEOUT_MS })
  }
  return {
    async info(signal) {
      const answer = await call('NodeGetInfo', {}, 'NodeGetInfoResponse', signal)
      const topology = textMap(message(answer['accessibleTopology'])?.['segments'])
      return { nodeId: text(answer['nodeId']), maxVolumes: numberOf(answer['maxVolumesPerNode']), topology }
    },
    async capabilities(signal) {
      const answer = await call('NodeGetCapabilities', {}, 'NodeGetCapabilitiesResponse', signal)
      const names = messages(answer['capabilities']).map(({ rpc }) => text(message(rpc)?.['type']))
      return new Set(names as NodeCapability[])
    },
    async stage(request, signal) {
      await call('NodeStageVolume', request, 'Empty', signal)
    },
    async unstage(volumeId, stagingTargetPath, signal) {
      await call('NodeUnstageVolume', { volumeId, stagingTargetPath }, 'Empty', signal)
    },
    async publish(request, signal) {
      await call('NodePublishVolume', request, 'Empty', signal)
    },
    async unpublish(volumeId, targetPath, signal) {
      await call('NodeUnpublishVolume', { volumeId, targetPath }, 'Empty', signal)
    },
    async expand({ requiredBytes, ...request }, signal) {
      const body = { ...request, capacityRange: { requiredBytes } }
      await call('NodeExpandVolume', body, 'NodeExpandVolumeResponse', signal)
    },
    async usage(volumeId, volumePath, signal) {
      const body = { volumeId, volumePath }
      const answer = await call('NodeGetVolumeStats', body, 'NodeGetVolumeStatsResponse', signal)
      return messages(answer['usage']).flatMap(({ unit, available, total, used }) =>
        unit === 'BYTES' || unit === 'INODES'
          ? { unit, available: numberOf(available), total: numberOf(total), used: numberOf(used) }
          : [],
      )
    },
  }
}

/** The same as facts of a file system. */
export function usageFacts(device: string, usages: readonly VolumeUsage[]): FilesystemFacts {
  const of = (wanted: VolumeUsage['unit']) => usages.find(({ unit }) => unit === wanted)
  const bytes = of('BYTES')
  const inodes = of('INODES')
  return {
    device,
    capacityBytes: bytes?.total ?? 0,
    availableBytes: bytes?.available ?? 0,
    usedBytes: bytes?.used ?? 0,
    inodes: inodes?.total ?? 0,
    inodesFree: inodes?.available ?? 0,
  }
}
