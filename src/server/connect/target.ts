/** Where a request that ends in another program goes, and under which path (https://kubernetes.io/docs/concepts/architecture/control-plane-node-communication/). */

import type { Node, Pod } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { badRequest, notFound, serviceUnavailable } from '../../meta/errors.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import { getObject } from '../verbs/read.ts'
import { isOn } from './admit-connect.ts'
import { logOptions } from './log-options.ts'

export interface ConnectTarget {
  readonly host: string
  readonly port: number
  readonly path: string
  /** `kubelet`: with the server's own certificate. */
  readonly scheme: 'http' | 'https' | 'kubelet'
}

/** What follows the subresource in the path, and the query. */
export interface ConnectTail {
  readonly tail: string
  readonly query: URLSearchParams
}

const KUBELET_PORT = 10_250

/** Where a node's kubelet listens. Throws when the node is not known or has no address. */
export function kubeletOf(core: ApiCore, name: string): { readonly host: string; readonly port: number } {
  const node = core.caches.of(core.resources.need('v1/nodes')).get('', name)?.object as DeepReadonly<Node> | undefined
  if (node === undefined) throw notFound({ resource: 'nodes', name })
  const addresses = node.status?.addresses ?? []
  const host = (addresses.find(({ type }) => type === 'InternalIP') ?? addresses[0])?.address
  if (host === undefined) throw serviceUnavailable(`no preferred addresses found; known addresses: []`)
  return { host, port: node.status?.daemonEndpoints?.kubeletEndpoint?.Port ?? KUBELET_PORT }
}

type Spec = NonNullable<DeepReadonly<Pod>['spec']>

/** The container a request is about; with only one there is no need to name it. */
function containerOf(name: string, spec: Spec, asked: string): string {
  const own = spec.containers.map((container) => container.name)
  const init = (spec.initContainers ?? []).map((container) => container.name)
  const ephemeral = (spec.ephemeralContainers ?? []).map((container) => container.name)
  if (asked !== '') {
    if ([...own, ...init, ...ephemeral].includes(asked)) return asked
    throw badRequest(`container ${asked} is not valid for pod ${name}`)
  }
  const [only] = own
  if (only !== undefined && own.length === 1) return only
  const others = init.length === 0 ? '' : ` or one of the init containers: [${init.join(' ')}]`
  throw badRequest(
    own.length === 0
      ? `a container name must be specified for pod ${name}`
      : `a container name must be specified for pod ${name}, choose one of: [${own.join(' ')}]${others}`,
  )
}

/** Where a container's log is; `undefined` while the Pod has no node. */
export function logTarget(core: ApiCore, context: RequestContext, query: URLSearchParams): ConnectTarget | undefined {
  const { namespace, name } = context
  const wanted = logOptions(name, query)
  const pod = getObject(core, context).object as DeepReadonly<Pod>
  const container = containerOf(name, pod.spec!, query.get('container') ?? '')
  const node = pod.spec?.nodeName ?? ''
  if (node === '') return undefined
  const path = `/containerLogs/${namespace}/${name}/${container}?${wanted.toString()}`
  return { ...kubeletOf(core, node), path, scheme: 'kubelet' }
}

/** Where `exec`, `attach` and `portforward` go. */
export function streamTarget(core: ApiCore, context: RequestContext, query: URLSearchParams): ConnectTarget {
  const { namespace, name, subresource } = context
  const pod = getObject(core, context).object as DeepReadonly<Pod>
  const node = pod.spec?.nodeName ?? ''
  const wanted = new URLSearchParams()
  let container = ''
  if (subresource === 'portforward') {
    for (const ports of query.getAll('ports')) for (const port of ports.split(',')) wanted.append('port', port)
  } else {
    container = containerOf(name, pod.spec!, query.get('container') ?? '')
    for (const [theirs, ours, byDefault] of STREAMS) if (isOn(query.get(theirs), byDefault)) wanted.set(ours, '1')
    for (const word of query.getAll('command')) wanted.append('command', word)
  }
  if (node === '') throw badRequest(`pod ${name} does not have a host assigned`)
  const at = subresource === 'portforward' ? 'portForward' : subresource
  const path = `/${at}/${namespace}/${name}${container === '' ? '' : `/${container}`}?${wanted.toString()}`
  return { ...kubeletOf(core, node), path, scheme: 'kubelet' }
}

const STREAMS = [
  ['stdin', 'input', false],
  ['stdout', 'output', true],
  ['stderr', 'error', true],
  ['tty', 'tty', false],
] as const
