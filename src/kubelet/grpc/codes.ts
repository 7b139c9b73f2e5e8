/** gRPC's codes by their names (https://grpc.io/docs/guides/status-codes/). */

import { status } from '@grpc/grpc-js'

import type { GrpcCode } from './error.ts'

const CODES: Readonly<Record<number, GrpcCode>> = {
  [status.CANCELLED]: 'Cancelled',
  [status.UNKNOWN]: 'Unknown',
  [status.INVALID_ARGUMENT]: 'InvalidArgument',
  [status.DEADLINE_EXCEEDED]: 'DeadlineExceeded',
  [status.NOT_FOUND]: 'NotFound',
  [status.ALREADY_EXISTS]: 'AlreadyExists',
  [status.PERMISSION_DENIED]: 'PermissionDenied',
  [status.RESOURCE_EXHAUSTED]: 'ResourceExhausted',
  [status.FAILED_PRECONDITION]: 'FailedPrecondition',
  [status.ABORTED]: 'Aborted',
  [status.OUT_OF_RANGE]: 'OutOfRange',
  [status.UNIMPLEMENTED]: 'Unimplemented',
  [status.INTERNAL]: 'Internal',
  [status.UNAVAILABLE]: 'Unavailable',
  [status.DATA_LOSS]: 'DataLoss',
  [status.UNAUTHENTICATED]: 'Unauthenticated',
}

/** The name of a code. */
export const codeOf = (number: number): GrpcCode => CODES[number] ?? 'Unknown'

/** The code of a name. */
export const statusOf = (code: GrpcCode): status =>
  Number(Object.entries(CODES).find(([, name]) => name === code)?.[0] ?? status.UNKNOWN)
