/** Which addresses a cluster of this machine uses: every cluster its own, none that the machine routes already. */

/** The address plan of one cluster. */
export interface Ranges {
  readonly pods: string
  readonly services: string
  /** Node addresses, and the host's own end of the link. */
  readonly nodes: string
  /** Where nodes and Pods reach the host, and so the API server. */
  readonly host: string
  /** The `kubernetes` Service. */
  readonly apiService: string
  readonly dnsService: string
  /** The host's link. */
  readonly link: string
}

/** How many clusters one network namespace holds. */
export const MAX_CLUSTERS = 32

/** How many nodes a cluster of one machine has at most: each has a /24 of the Pod range. */
export const MAX_NODES = 200

export function rangesOf(index: number): Ranges {
  return {
    pods: `10.${244 - index}.0.0/16`,
    services: `10.${96 + index}.0.0/16`,
    nodes: `10.${64 + index}.0.0/16`,
    host: `10.${64 + index}.0.1`,
    apiService: `10.${96 + index}.0.1`,
    dnsService: `10.${96 + index}.0.10`,
    link: `gorae-${index}`,
  }
}

/** The address of a node; numbers count from 1. */
export const nodeAddress = (index: number, number: number): string => `10.${64 + index}.0.${10 + number}`

const KUBELET_PORT = 10_250

/** Where a node's kubelet listens. */
export interface Endpoint {
  readonly address: string
  readonly port: number
}

/** That of a node which runs containers; numbers count from 1. */
export const nodeEndpoint = (index: number, number: number): Endpoint => ({
  address: nodeAddress(index, number),
  port: KUBELET_PORT,
})

/**
 * That of a node which only pretends: any address of loopback will do, and needs nobody's leave. macOS and the BSDs have
 * one such address, where ports tell the nodes apart.
 */
export function simulatedEndpoint(index: number, number: number, platform = process.platform): Endpoint {
  if (platform === 'linux' || platform === 'win32')
    return { address: `127.${1 + index}.0.${10 + number}`, port: KUBELET_PORT }
  return { address: '127.0.0.1', port: KUBELET_PORT + index * MAX_NODES + number - 1 }
}

/** The Pods of a node. */
export const podRangeOf = (index: number, number: number): string => `10.${244 - index}.${number}.0/24`

/** Whether two ranges (or addresses) share an address. */
export function overlap(a: string, b: string): boolean {
  const [first, second] = [parse(a), parse(b)]
  if (first === undefined || second === undefined) return false
  const shared = Math.min(first.bits, second.bits)
  return shared === 0 || first.base >>> (32 - shared) === second.base >>> (32 - shared)
}

/** Whether the machine's routes leave this cluster's ranges alone. `default` claims nothing. */
export function isFree(index: number, routes: readonly { readonly dst: string }[]): boolean {
  const { pods, services, nodes } = rangesOf(index)
  return routes.every(
    ({ dst }) => dst === 'default' || dst === '0.0.0.0/0' || ![pods, services, nodes].some((own) => overlap(own, dst)),
  )
}

function parse(text: string): { readonly base: number; readonly bits: number } | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)(?:\/(\d+))?$/.exec(text)
  if (match === null) return undefined
  const [, a, b, c, d, bits = '32'] = match
  return { base: ((Number(a) << 24) | (Number(b) << 16) | (Number(c) << 8) | Number(d)) >>> 0, bits: Number(bits) }
}
