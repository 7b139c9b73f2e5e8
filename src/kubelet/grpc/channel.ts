/** Calls to a gRPC server on a Unix socket, by message name, under an AbortSignal and a time limit. */

import {
  Client,
  type ClientReadableStream,
  connectivityState,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js'

import type { Clock } from '../../base/clock.ts'
import { codeOf } from './codes.ts'
import { GrpcError } from './error.ts'
import type { Plain, Protocol } from './protocol.ts'
import { socketTarget } from './socket-target.ts'

/** A container runtime may answer with whole command outputs, two streams of at most 16 MiB. */
const MAX_MESSAGE_BYTES = 40 * 1024 * 1024

/** One remote procedure. */
export interface Procedure {
  /** `/package.Service/Method` */
  readonly path: string
  readonly request: string
  readonly response: string
}

export interface GrpcChannel {
  /** `timeoutMs` 0: no limit. Throws `GrpcError`; on abort, the signal's reason. */
  unary(procedure: Procedure, request: object, options: CallOptions): Promise<Plain>
  /** Reads until the server ends, the loop is left, or the signal aborts. */
  stream(procedure: Procedure, request: object, options: CallOptions): AsyncIterable<Plain>
  /** Connects, and again whenever it is lost; tells at once, and each time that it changes, whether it is connected. */
  followConnection(changed: (isConnected: boolean) => void, signal: AbortSignal): void
  close(): void
}

export interface CallOptions {
  readonly signal: AbortSignal
  readonly timeoutMs: number
  readonly headers?: Readonly<Record<string, string>>
}

const isServiceError = (error: unknown): error is ServiceError =>
  error instanceof Error && 'code' in error && typeof error.code === 'number'

/** The server's failure as ours. */
function grpcErrorOf(error: unknown): unknown {
  if (!isServiceError(error)) return error
  return new GrpcError(codeOf(error.code), error.details === '' ? error.message : error.details, {
    cause: error,
  })
}

function metadataOf(headers: Readonly<Record<string, string>> | undefined): Metadata {
  const metadata = new Metadata()
  for (const [key, value] of Object.entries(headers ?? {})) metadata.set(key, value)
  return metadata
}

export interface ChannelOptions {
  readonly socketPath: string
  /** What the server's messages look like. */
  readonly protocol: Protocol
  readonly clock: Clock
}

/** Connects lazily, again and again. */
export function openGrpcChannel({ socketPath, protocol, clock }: ChannelOptions): GrpcChannel {
  const { target, release } = socketTarget(socketPath)
  const client = new Client(target, credentials.createInsecure(), {
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': 1000,
    'grpc.enable_retries': 0,
    // The authority of a Unix socket's path is no host name, and servers refuse it.
    'grpc.default_authority': 'localhost',
  })

  function unary(procedure: Procedure, request: object, { signal, timeoutMs, headers }: CallOptions): Promise<Plain> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      let late = false
      const call = client.makeUnaryRequest<object, Plain>(
        procedure.path,
        (value) => protocol.encode(procedure.request, value),
        (bytes) => protocol.decode(procedure.response, bytes),
        request,
        metadataOf(headers),
        (error, answer) => {
          signal.removeEventListener('abort', onAbort)
          stopTimer()
          if (signal.aborted) reject(signal.reason)
          else if (late) reject(new GrpcError('DeadlineExceeded', 'context deadline exceeded'))
          else if (error !== null) reject(grpcErrorOf(error))
          else resolve(answer ?? {})
        },
      )
      const onAbort = () => call.cancel()
      const stopTimer =
        timeoutMs === 0
          ? () => {}
          : clock.after(timeoutMs, () => {
              late = true
              call.cancel()
            })
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  async function* stream(procedure: Procedure, request: object, { signal, headers }: CallOptions) {
    signal.throwIfAborted()
    const call: ClientReadableStream<Plain> = client.makeServerStreamRequest<object, Plain>(
      procedure.path,
      (value) => protocol.encode(procedure.request, value),
      (bytes) => protocol.decode(procedure.response, bytes),
      request,
      metadataOf(headers),
    )
    const onAbort = () => call.cancel()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      for await (const message of call) yield message as Plain
    } catch (error) {
      signal.throwIfAborted()
      throw grpcErrorOf(error)
    } finally {
      signal.removeEventListener('abort', onAbort)
      call.cancel()
    }
  }

  function followConnection(changed: (isConnected: boolean) => void, signal: AbortSignal): void {
    const connection = client.getChannel()
    const look = () => {
      if (signal.aborted) return
      const state = connection.getConnectivityState(true)
      changed(state === connectivityState.READY)
      connection.watchConnectivityState(state, Infinity, look)
    }
    look()
  }

  return {
    unary,
    stream,
    followConnection,
    close() {
      client.close()
      release()
    },
  }
}
