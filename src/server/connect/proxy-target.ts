/**
 * Whom `proxy` asks: a Pod, one of a Service's Pods, a node, by a name that may say a scheme and a port, `https:web:8443`
 * (https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/#manually-constructing-apiserver-proxy-urls).
 */

import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import { BlockList, isIP, isIPv6 } from 'node:net'
import type { Endpoints, Pod, Service } from '../../api/generated/core-v1.ts'
import type { DeepReadonly } from '../../meta/deep-readonly.ts'
import { badRequest, notFound, serviceUnavailable } from '../../meta/errors.ts'
import { type Address, hostPort } from '../../wire/network-failures.ts'
import type { ApiCore, RequestContext } from '../core.ts'
import { getObject } from '../verbs/read.ts'
import { notFoundPath } from '../verbs/attributes.ts'
import { type ConnectTarget, kubeletOf } from './target.ts'

/** Who answers a proxied request. */
export interface ProxyTarget extends Omit<ConnectTarget, 'path'> {
  /** Host and port as the proxied themselves would write them. */
  readonly authority: string
}

type Scheme = 'http' | 'https'

const DEFAULT_PORTS: Readonly<Record<Scheme, number>> = { http: 80, https: 443 }

/** Throws `BadRequest`, `NotFound` and `ServiceUnavailable` where the name leads nowhere. */
export async function proxyTarget(core: ApiCore, context: RequestContext): Promise<ProxyTarget> {
  const { key, kind } = context.resource
  const { scheme, name, port } = splitName(context.name, kind.toLowerCase())
  const inner = { ...context, name, subresource: '' }
  switch (key) {
    case 'v1/nodes': {
      const kubelet = kubeletOf(core, name)
      for (const { address } of await addressesOf(kubelet.host)) demandProxyable(address)
      if (port === '' || port === String(kubelet.port)) return at(kubelet, 'kubelet')
      return at({ host: kubelet.host, port: portNumber(port) }, scheme)
    }
    case 'v1/pods':
      return podTarget(core, inner, port, scheme)
    case 'v1/services':
      return at(serviceAddress(core, inner, { asked: context.name, port }), scheme)
    default:
      throw notFoundPath()
  }
}

const at = (address: Address, scheme: ProxyTarget['scheme']): ProxyTarget => ({
  ...address,
  scheme,
  authority: hostPort(address),
})

interface ProxiedName {
  readonly scheme: Scheme
  readonly name: string
  readonly port: string
}

/** `name`, `name:port` or `scheme:name:port`. */
function splitName(text: string, noun: string): ProxiedName {
  const parts = text.split(':')
  const [scheme = '', name = '', port = ''] = parts.length < 3 ? ['', ...parts] : parts
  const isScheme = scheme === '' || scheme === 'http' || scheme === 'https'
  if (parts.length > 3 || name === '' || !isScheme) throw badRequest(`invalid ${noun} request ${JSON.stringify(text)}`)
  return { scheme: scheme === '' ? 'http' : scheme, name, port }
}

const NOT_PROXYABLE = new BlockList()
for (const address of ['0.0.0.0', '255.255.255.255']) NOT_PROXYABLE.addAddress(address)
for (const [net, bits] of [
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
] as const)
  NOT_PROXYABLE.addSubnet(net, bits)
for (const [net, bits] of [
  ['::', 127],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  NOT_PROXYABLE.addSubnet(net, bits, 'ipv6')

/** The server lends nobody its way to its own machine. */
function demandProxyable(address: string): void {
  const isProxyable = isIP(address) !== 0 && !NOT_PROXYABLE.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
  if (!isProxyable) throw badRequest('address not allowed')
}

/** What a node's name stands for. */
async function addressesOf(host: string): Promise<readonly LookupAddress[]> {
  try {
    return await lookup(host, { all: true })
  } catch (cause) {
    throw badRequest(`lookup ${host}: no such host`, cause)
  }
}

function podTarget(core: ApiCore, context: RequestContext, port: string, scheme: Scheme): ProxyTarget {
  const pod = getObject(core, context).object as DeepReadonly<Pod>
  const host = pod.status?.podIP ?? ''
  demandProxyable(host)
  if (port !== '') return at({ host, port: portNumber(port) }, scheme)
  const [declared] = pod.spec!.containers.flatMap(({ ports }) => ports ?? [])
  if (declared !== undefined) return at({ host, port: declared.containerPort }, scheme)
  return { host, port: DEFAULT_PORTS[scheme], scheme, authority: isIPv6(host) ? `[${host}]` : host }
}

interface AskedPort {
  /** The Service as it was asked for, scheme and port included. */
  readonly asked: string
  readonly port: string
}

function serviceAddress(core: ApiCore, context: RequestContext, { asked, port }: AskedPort): Address {
  const { namespace, name } = context
  const portName = /^[+-]?\d+$/.test(port) ? portNameOf(core, context, Number(port)) : port
  const cache = core.caches.of(core.resources.need('v1/endpoints'))
  const endpoints = cache.get(namespace, name)?.object as DeepReadonly<Endpoints> | undefined
  if (endpoints === undefined) throw notFound({ resource: 'services', name })
  const subsets = endpoints.subsets ?? []
  const found = subsets.flatMap(({ addresses = [], ports = [] }) => {
    const target = ports.find((one) => (one.name ?? '') === portName)?.port
    if (target === undefined) return []
    return addresses
      .filter(
        ({ ip, targetRef }) => targetRef?.namespace === namespace && isPodsOwn(core, namespace, targetRef.name, ip),
      )
      .map(({ ip }) => ({ host: ip, port: target }))
  })
  const [pick] = found.slice(Math.floor(core.random.next() * found.length))
  if (pick !== undefined) return pick
  const missed = JSON.stringify(subsets.length === 0 ? name : asked)
  throw serviceUnavailable(`no endpoints available for service ${missed}`)
}

/** What a Service calls the port of a number. */
function portNameOf(core: ApiCore, context: RequestContext, number: number): string {
  const service = getObject(core, context).object as DeepReadonly<Service>
  const port = service.spec?.ports?.find((one) => one.port === number)
  if (port !== undefined) return port.name ?? ''
  throw serviceUnavailable(`no service port ${number} found for service ${JSON.stringify(context.name)}`)
}

/** Endpoints may be written by hand: only addresses that are a Pod's are asked. */
function isPodsOwn(core: ApiCore, namespace: string, name: string | undefined, ip: string): boolean {
  const pods = core.caches.of(core.resources.need('v1/pods'))
  const pod = pods.get(namespace, name ?? '')?.object as DeepReadonly<Pod> | undefined
  return pod?.status?.podIPs?.some((own) => own.ip === ip) ?? false
}

function portNumber(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : undefined
  if (port !== undefined && port <= 65_535) return port
  const why = port === undefined ? `lookup tcp/${text}: unknown port` : `address ${text}: invalid port`
  throw serviceUnavailable(`error trying to reach service: dial tcp: ${why}`)
}
