/** How a call over gRPC fails (https://grpc.io/docs/guides/status-codes/). */

/** Why a server refused, in the names gRPC has for it. */
export type GrpcCode =
  | 'Cancelled'
  | 'Unknown'
  | 'InvalidArgument'
  | 'DeadlineExceeded'
  | 'NotFound'
  | 'AlreadyExists'
  | 'PermissionDenied'
  | 'ResourceExhausted'
  | 'FailedPrecondition'
  | 'Aborted'
  | 'OutOfRange'
  | 'Unimplemented'
  | 'Internal'
  | 'Unavailable'
  | 'DataLoss'
  | 'Unauthenticated'

/** A failure that the server reported. `message` is the text as Kubernetes's events and statuses quote it. */
export class GrpcError extends Error {
  override readonly name = 'GrpcError'
  readonly code: GrpcCode
  /** The server's words alone. */
  readonly description: string

  constructor(code: GrpcCode, description: string, options?: ErrorOptions) {
    super(`rpc error: code = ${code} desc = ${description}`, options)
    this.code = code
    this.description = description
  }
}
