/** Serves gRPC on a Unix socket (https://grpc.io/docs/what-is-grpc/core-concepts/). */

import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js'

import { statusOf } from './codes.ts'
import type { Procedure } from './channel.ts'
import { GrpcError } from './error.ts'
import type { Plain, Protocol } from './protocol.ts'
import { socketTarget } from './socket-target.ts'

/**
 * What a server does when it is called: one answer, or many. A `GrpcError` is told with its code, any other with its
 * text. `signal` aborts when the caller does not wait any more.
 */
export type GrpcMethod = { readonly procedure: Procedure } & (
  | { readonly answer: (request: Plain, signal: AbortSignal) => Promise<object> }
  | { readonly stream: (request: Plain, signal: AbortSignal) => AsyncIterable<object> }
)

export interface ServerOptions {
  readonly socketPath: string
  readonly protocol: Protocol
  readonly methods: readonly GrpcMethod[]
}

/** Listens until `close()` is called, which takes the socket away. */
export interface GrpcServer {
  close(): void
}

/** Resolves when it listens. The socket must not be there yet. */
export async function serveGrpc({ socketPath, protocol, methods }: ServerOptions): Promise<GrpcServer> {
  const server = new Server()
  for (const method of methods) addMethod(server, protocol, method)
  const { target, release } = socketTarget(socketPath)
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(target, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    )
  })
  return {
    close() {
      server.forceShutdown()
      release()
    },
  }
}

function addMethod(server: Server, protocol: Protocol, method: GrpcMethod): void {
  const { path, request, response } = method.procedure
  const definition = {
    path,
    requestStream: false,
    responseStream: 'stream' in method,
    requestSerialize: (value: object) => protocol.encode(request, value),
    requestDeserialize: (bytes: Buffer) => protocol.decode(request, bytes),
    responseSerialize: (value: object) => protocol.encode(response, value),
    responseDeserialize: (bytes: Buffer) => protocol.decode(response, bytes),
  }
  const handler = 'stream' in method ? streaming(method.stream) : unary(method.answer)
  server.addService({ method: definition }, { method: handler })
}

function unary(answer: (request: Plain, signal: AbortSignal) => Promise<object>) {
  return (call: ServerUnaryCall<Plain, object>, tell: sendUnaryData<object>): void => {
    answer(call.request, signalOf(call)).then(
      (value) => tell(null, value),
      (error: unknown) => tell(failureOf(error)),
    )
  }
}

function streaming(answers: (request: Plain, signal: AbortSignal) => AsyncIterable<object>) {
  const pass = async (call: ServerWritableStream<Plain, object>) => {
    for await (const message of answers(call.request, signalOf(call))) call.write(message)
  }
  return (call: ServerWritableStream<Plain, object>): void => {
    pass(call).then(
      () => call.end(),
      (error: unknown) => call.emit('error', failureOf(error)),
    )
  }
}

/** Aborts when the caller has gone. */
function signalOf(call: { on(event: 'cancelled', then: () => void): unknown }): AbortSignal {
  const gone = new AbortController()
  call.on('cancelled', () => gone.abort(new GrpcError('Cancelled', 'context canceled')))
  return gone.signal
}

function failureOf(error: unknown) {
  const details =
    error instanceof GrpcError ? error.description : error instanceof Error ? error.message : String(error)
  return { code: statusOf(error instanceof GrpcError ? error.code : 'Unknown'), details }
}
