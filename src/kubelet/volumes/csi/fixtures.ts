/** A CSI driver for tests: it answers over a real socket, keeps what it was asked, and fails where a test says so. */

import { mkdir, rm, writeFile } from 'node:fs/promises'

import type { Plain } from '../../grpc/protocol.ts'
import { type GrpcMethod, serveGrpc } from '../../grpc/server.ts'
import { CSI_PROTOCOL, type NodeCapability } from './messages.ts'

export interface AskedCall {
  readonly method: string
  readonly request: Plain
}

export interface DriverOptions {
  readonly capabilities?: readonly NodeCapability[]
  readonly info?: object
  /** The path as the driver finds it. */
  readonly path?: (told: string) => string
  /** What there is at a volume's target. Absent: an empty folder, or an empty file for a device. */
  readonly mount?: {
    readonly publish: (target: string, request: Plain) => Promise<void>
    readonly unpublish: (target: string) => Promise<void>
  }
}

const ANSWERS: Readonly<Record<string, string>> = {
  NodeGetInfo: 'NodeGetInfoResponse',
  NodeGetCapabilities: 'NodeGetCapabilitiesResponse',
  NodeStageVolume: 'Empty',
  NodeUnstageVolume: 'Empty',
  NodePublishVolume: 'Empty',
  NodeUnpublishVolume: 'Empty',
  NodeExpandVolume: 'NodeExpandVolumeResponse',
  NodeGetVolumeStats: 'NodeGetVolumeStatsResponse',
}

const PLAIN: NonNullable<DriverOptions['mount']> = {
  async publish(target, { volumeCapability }) {
    const { block } = volumeCapability as { readonly block?: object | null }
    if (block === undefined || block === null) await mkdir(target, { recursive: true })
    else await writeFile(target, '')
  },
  unpublish: (target) => rm(target, { recursive: true, force: true }),
}

/** Listens until it is closed. */
export async function aDriver(socketPath: string, options: DriverOptions = {}) {
  const { info = { nodeId: 'node-of-driver' }, path = (told) => told, mount = PLAIN } = options
  let capabilities = options.capabilities ?? ['STAGE_UNSTAGE_VOLUME']
  const asked: AskedCall[] = []
  const faults = new Map<string, Error>()

  const act: Readonly<Record<string, (request: Plain) => Promise<object>>> = {
    NodeGetInfo: async () => info,
    NodeGetCapabilities: async () => ({ capabilities: capabilities.map((type) => ({ rpc: { type } })) }),
    async NodePublishVolume(request) {
      await mount.publish(path(String(request['targetPath'])), request)
      return {}
    },
    async NodeUnpublishVolume(request) {
      await mount.unpublish(path(String(request['targetPath'])))
      return {}
    },
    NodeGetVolumeStats: async () => ({
      usage: [
        { unit: 'BYTES', available: 60, total: 100, used: 40 },
        { unit: 'INODES', available: 7, total: 10, used: 3 },
      ],
    }),
  }

  const methods = Object.entries(ANSWERS).map(([method, response]): GrpcMethod => {
    const hasRequest = method !== 'NodeGetInfo' && method !== 'NodeGetCapabilities'
    return {
      procedure: { path: `/csi.v1.Node/${method}`, request: hasRequest ? `${method}Request` : 'Empty', response },
      async answer(request) {
        if (hasRequest) asked.push({ method: method.replace(/^Node|Volume$/g, ''), request })
        const fault = faults.get(method)
        if (fault !== undefined) throw fault
        return (await act[method]?.(request)) ?? {}
      },
    }
  })
  const server = await serveGrpc({ socketPath, protocol: CSI_PROTOCOL, methods })

  return {
    /** All calls that change something or ask of a volume, in order. */
    asked,
    /** Their names, e.g. `Stage`. What was told before is forgotten. */
    calls: () => asked.splice(0).map(({ method }) => method),
    /** From now on calls of the method fail so; `undefined`: they do not. */
    fail(method: keyof typeof ANSWERS, error: Error | undefined) {
      if (error === undefined) faults.delete(method)
      else faults.set(method, error)
    },
    can(...next: readonly NodeCapability[]) {
      capabilities = next
    },
    close: () => server.close(),
  }
}
