/** Calls of CRI's two services (https://kubernetes.io/docs/concepts/containers/cri/). */

import type { GrpcChannel } from '../../grpc/channel.ts'
import { isRuntimeNotFound } from '../runtime.ts'

/** What most calls may take; the kubelet's own default. */
export const CALL_TIMEOUT_MS = 120_000
/** Starting and stopping sandboxes includes the network plugin's work. */
export const SANDBOX_TIMEOUT_MS = 240_000
export const NO_LIMIT = 0

/** A call by its method, and the messages that it sends and gets. */
export type Call = (
  names: readonly [method: string, request: string, response: string],
  value: object,
  signal: AbortSignal,
  timeoutMs?: number,
) => ReturnType<GrpcChannel['unary']>

/** The calls of one service. */
export function callsOf(channel: GrpcChannel, service: 'RuntimeService' | 'ImageService'): Call {
  return ([method, request, response], value, signal, timeoutMs = CALL_TIMEOUT_MS) => {
    const procedure = { path: `/runtime.v1.${service}/${method}`, request, response }
    return channel.unary(procedure, value, { signal, timeoutMs })
  }
}

/** Taking away what is gone already is a success, whatever the runtime says of it. */
export async function unlessGone(taking: Promise<unknown>): Promise<void> {
  try {
    await taking
  } catch (error) {
    if (!isRuntimeNotFound(error)) throw error
  }
}
