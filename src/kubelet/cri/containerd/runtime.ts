/**
 * containerd, or any runtime that speaks CRI v1 over gRPC on a Unix socket
 * (https://kubernetes.io/docs/setup/production-environment/container-runtimes/).
 */

import type { Clock } from '../../../base/clock.ts'
import type { ImageService, RuntimeService } from '../runtime.ts'
import { message, messages, text } from '../../grpc/read.ts'
import { type Call, callsOf } from './calls.ts'
import { containerChangesOver, containerLivesOver, containerViewsOver } from './containers.ts'
import { runtimeEvents } from './events.ts'
import { imagesOver } from './images.ts'
import { CRI } from './cri-messages.ts'
import { type GrpcChannel, openGrpcChannel } from '../../grpc/channel.ts'
import { sandboxesOver } from './sandboxes.ts'
import { streamsOver } from './streams.ts'

/** A runtime and its images behind one socket. `close` ends the connection. */
export interface ContainerdRuntime {
  readonly runtime: RuntimeService
  readonly images: ImageService
  close(): void
}

export interface ContainerdOptions {
  readonly socketPath: string
  readonly clock: Clock
}

/** Connects lazily; building it does no I/O. */
export function connectContainerd({ socketPath, clock }: ContainerdOptions): ContainerdRuntime {
  const channel = openGrpcChannel({ socketPath, clock, protocol: CRI })
  return { runtime: runtimeOver(channel, clock), images: imagesOver(channel), close: () => channel.close() }
}

function runtimeOver(channel: GrpcChannel, clock: Clock): RuntimeService {
  const call = callsOf(channel, 'RuntimeService')
  const runtime: RuntimeService = {
    ...runtimeFactsOver(call),
    ...sandboxesOver(call),
    ...containerLivesOver(call, channel),
    ...containerViewsOver(call),
    ...containerChangesOver(call),
    ...streamsOver(call),
    events: (signal) => runtimeEvents({ channel, clock, runtime }, signal),
  }
  return runtime
}

/** Which runtime it is, and what it can do. */
const runtimeFactsOver = (call: Call): Pick<RuntimeService, 'version' | 'status'> => ({
  async version(signal) {
    const answer = await call(['Version', 'VersionRequest', 'VersionResponse'], { version: 'v1' }, signal)
    return {
      runtimeName: text(answer['runtimeName']),
      runtimeVersion: text(answer['runtimeVersion']),
      runtimeApiVersion: text(answer['runtimeApiVersion']),
    }
  },
  async status(signal) {
    const answer = await call(['Status', 'StatusRequest', 'StatusResponse'], {}, signal)
    return {
      conditions: messages(message(answer['status'])?.['conditions']).map((condition) => ({
        type: text(condition['type']),
        status: condition['status'] === true,
        reason: text(condition['reason']),
        message: text(condition['message']),
      })),
      handlers: messages(answer['runtimeHandlers']).map((handler) => ({
        name: text(handler['name']),
        recursiveReadOnlyMounts: message(handler['features'])?.['recursiveReadOnlyMounts'] === true,
        userNamespaces: message(handler['features'])?.['userNamespaces'] === true,
      })),
      supplementalGroupsPolicy: message(answer['features'])?.['supplementalGroupsPolicy'] === true,
    }
  },
})
