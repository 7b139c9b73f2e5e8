/** Addresses and ranges in every form, wherever a field holds one (https://kubernetes.io/docs/reference/access-authn-authz/ip-validation/). */

import { of, pod, service } from './objects.ts'
import { at, patch, post, script, type Step } from './script.ts'

const IPS = ['10.0.0.9', '010.0.0.9', '::ffff:10.0.0.9', 'FD00::9', 'fd00:0::9', 'fd00::9%1', '10.0.0', 'x']
const RANGES = [
  '10.0.0.0/8',
  '010.0.0.0/8',
  '10.0.0.1/8',
  '10.0.0.0/08',
  '::ffff:10.0.0.0/120',
  'FD00::/64',
  'fd00::1/64',
  '10.0.0.0',
  'x',
]
const dry = (path: string, body: object): Step => post(`${path}?dryRun=All`, body)

const ofIp = (ip: string): Step[] => [
  dry(at('pods'), pod('p', { hostAliases: [{ ip, hostnames: ['a'] }], dnsConfig: { nameservers: [ip] } })),
  dry(at('services'), service('s', { externalIPs: [ip], clusterIP: 'None' })),
  dry(at('services'), service('s', { type: 'LoadBalancer', loadBalancerIP: ip })),
  dry(at('endpoints'), of('v1', 'Endpoints', 'e', { subsets: [{ addresses: [{ ip }], ports: [{ port: 1 }] }] })),
  ...['IPv4', 'IPv6'].map((addressType) =>
    dry(
      at('endpointslices'),
      of('discovery.k8s.io/v1', 'EndpointSlice', 'e', { addressType, endpoints: [{ addresses: [ip] }], ports: [] }),
    ),
  ),
  dry(
    '/apis/networking.k8s.io/v1/ipaddresses',
    of('networking.k8s.io/v1', 'IPAddress', ip, { spec: { parentRef: { resource: 'services', name: 'x' } } }),
  ),
  patch(`${at('ingresses', 'i')}/status?dryRun=All`, { status: { loadBalancer: { ingress: [{ ip }] } } }),
  patch(`${at('services', 'b')}/status?dryRun=All`, { status: { loadBalancer: { ingress: [{ ip }] } } }),
  patch(`${at('pods', 'q')}/status?dryRun=All`, {
    status: { podIP: ip, podIPs: [{ ip }], hostIP: ip, hostIPs: [{ ip }] },
  }),
]

const ofRange = (range: string): Step[] => [
  dry(at('services'), service('s', { type: 'LoadBalancer', loadBalancerSourceRanges: [range] })),
  dry(at('services'), {
    ...service('s', { type: 'LoadBalancer' }),
    metadata: { name: 's', annotations: { 'service.beta.kubernetes.io/load-balancer-source-ranges': range } },
  }),
  dry(
    at('networkpolicies'),
    of('networking.k8s.io/v1', 'NetworkPolicy', 'n', {
      spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: range, except: [range, '10.1.0.0/16'] } }] }] },
    }),
  ),
  dry(
    '/apis/networking.k8s.io/v1/servicecidrs',
    of('networking.k8s.io/v1', 'ServiceCIDR', 'c', { spec: { cidrs: [range] } }),
  ),
  dry('/api/v1/nodes', of('v1', 'Node', 'n', { spec: { podCIDR: range, podCIDRs: [range] } })),
]

export const addressFormScripts = [
  script(
    'address forms/all',
    post(
      at('ingresses'),
      of('networking.k8s.io/v1', 'Ingress', 'i', {
        spec: { defaultBackend: { service: { name: 's', port: { number: 1 } } } },
      }),
    ),
    post(at('services'), service('b', { type: 'LoadBalancer' })),
    post(at('pods'), pod('q')),
    ...IPS.flatMap(ofIp),
    ...RANGES.flatMap(ofRange),
  ),
]
