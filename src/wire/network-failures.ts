/** Failures of connections in the words of Go's network library (https://pkg.go.dev/net#OpError): events and refusals quote them. */

/** Where a connection was to lead. */
export interface Address {
  readonly host: string
  readonly port: number
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  ENETUNREACH: 'connect: network is unreachable',
  EHOSTUNREACH: 'connect: no route to host',
  ECONNRESET: 'read: connection reset by peer',
  ENOTFOUND: 'lookup: no such host',
  EPROTO: 'http: server gave HTTP response to HTTPS client',
}

/** `10.0.0.1:80`, `[::1]:80`. */
export const hostPort = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

/** A failure before there was a connection. */
export const dialFailure = (address: Address, reason: string): string => `dial tcp ${hostPort(address)}: ${reason}`

/** Why nothing came of a connection to `address`. */
export function networkFailure(address: Address, error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const reason = ('code' in error ? REASONS[String(error.code)] : undefined) ?? error.message
  return 'syscall' in error && error.syscall === 'connect' ? dialFailure(address, reason) : reason
}
