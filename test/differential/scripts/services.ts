/** How Services get addresses and ports, keep them and give them back. */

import { of, service } from './objects.ts'
import { at, get, post, put, remove, script, strategic, patch } from './script.ts'

const services = at('services')
const s = at('services', 's')
const saved = { save: { RV: 'metadata.resourceVersion', IP: 'spec.clusterIP' } }

export const serviceScripts = [
  script(
    'services/addresses',
    ...[
      { clusterIP: '10.96.77.1' },
      { clusterIP: '10.96.77.1' },
      { clusterIP: '10.97.0.1' },
      { clusterIP: '10.96.0.1' },
      { clusterIP: '10.96.255.255' },
      { clusterIP: 'fd00::1' },
      { clusterIP: 'bogus' },
      { clusterIPs: ['10.96.77.2'] },
      { clusterIP: '10.96.77.3', clusterIPs: ['10.96.77.4'] },
      { clusterIPs: ['10.96.77.5', 'fd00::1'] },
      { ipFamilies: ['IPv6'] },
      { ipFamilies: ['IPv4', 'IPv6'] },
      { ipFamilies: ['IPv4', 'IPv4'] },
      { ipFamilies: ['bogus'] },
      { ipFamilyPolicy: 'RequireDualStack' },
      { ipFamilyPolicy: 'PreferDualStack' },
      { ipFamilyPolicy: 'Bogus' },
      { ipFamilyPolicy: 'PreferDualStack', clusterIP: 'None' },
      { ipFamilyPolicy: 'RequireDualStack', clusterIP: 'None', selector: { a: 'b' } },
      { ipFamilyPolicy: 'RequireDualStack', clusterIP: 'None' },
      { clusterIP: 'None', ipFamilies: ['IPv6'] },
      { type: 'ExternalName' },
      { type: 'ExternalName', externalName: 'a.b', clusterIP: '10.96.77.9' },
      { type: 'ExternalName', externalName: 'a.b', ipFamilies: ['IPv4'] },
      { type: 'ExternalName', externalName: 'A_b' },
      { type: 'ExternalName', externalName: 'a.b', ports: [] },
      { type: 'Bogus' },
      { ports: [] },
    ].map((spec, index) => post(services, service(`a${index}`, spec))),
  ),
  script(
    'services/node-ports',
    ...[
      { ports: [{ port: 80, nodePort: 30777 }] },
      { ports: [{ port: 80, nodePort: 30777 }] },
      { ports: [{ port: 80, nodePort: 29999 }] },
      { ports: [{ port: 80, nodePort: 32768 }] },
      { ports: [{ port: 80, nodePort: 70000 }] },
      { ports: [{ port: 80, nodePort: -1 }] },
      {
        ports: [
          { port: 80, name: 'a', nodePort: 30778 },
          { port: 81, name: 'b', nodePort: 30778 },
        ],
      },
      {
        ports: [
          { port: 53, name: 'a', nodePort: 30779 },
          { port: 53, name: 'b', protocol: 'UDP', nodePort: 30779 },
        ],
      },
      { ports: [{ port: 80 }], healthCheckNodePort: 30780 },
      { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30780 },
      { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30780 },
      { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false },
      { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [{ port: 80, nodePort: 30781 }] },
      { type: 'ClusterIP', ports: [{ port: 80, nodePort: 30782 }] },
      { type: 'ClusterIP', allocateLoadBalancerNodePorts: true },
      { type: 'ClusterIP', externalTrafficPolicy: 'Local' },
      { type: 'LoadBalancer', loadBalancerClass: 'Bad Class' },
      { type: 'ClusterIP', loadBalancerClass: 'a.io/b' },
      { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/33'] },
      { type: 'LoadBalancer', loadBalancerSourceRanges: [' 10.0.0.0/8 '] },
      { type: 'ClusterIP', loadBalancerSourceRanges: ['10.0.0.0/8'] },
      { internalTrafficPolicy: 'Bogus' },
      { sessionAffinity: 'Bogus' },
      { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 0 } } },
      { sessionAffinity: 'None', sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } },
      { externalIPs: ['127.0.0.1', '0.0.0.0', '169.254.1.1', '224.0.0.1'] },
      { trafficDistribution: 'Bogus' },
      { trafficDistribution: 'PreferSameNode' },
    ].map((spec, index) => post(services, service(`p${index}`, { type: 'NodePort', ...spec }))),
  ),
  script(
    'services/changes',
    post(services, service('s'), saved),
    strategic(s, { spec: { clusterIP: '10.96.77.20' } }),
    strategic(s, { spec: { clusterIP: null } }),
    strategic(s, { spec: { clusterIP: 'None' } }),
    strategic(s, { spec: { type: 'NodePort' } }),
    strategic(s, { spec: { type: 'NodePort', ports: [{ port: 81, name: 'b' }] } }),
    strategic(s, { spec: { ports: [{ port: 80, name: 'a' }] } }),
    strategic(s, { spec: { ports: [{ port: 81, name: 'b', nodePort: 31111 }] } }),
    strategic(s, { spec: { type: 'ClusterIP' } }),
    strategic(s, { spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local' } }),
    strategic(s, { spec: { healthCheckNodePort: 31112 } }),
    strategic(s, { spec: { externalTrafficPolicy: 'Cluster' } }),
    strategic(s, { spec: { loadBalancerClass: 'a.io/b' } }),
    strategic(s, { spec: { type: 'ExternalName', externalName: 'a.b' } }),
    strategic(s, { spec: { type: 'ExternalName', externalName: 'a.b', clusterIP: null, clusterIPs: null } }),
    get(s),
    strategic(s, { spec: { type: 'ClusterIP' } }),
    strategic(s, { spec: { ipFamilies: ['IPv6'] } }),
    strategic(s, { spec: { ipFamilyPolicy: 'PreferDualStack' } }),
    strategic(s, { spec: { ipFamilyPolicy: null } }),
    put(s, service('s', { selector: { a: 'b' } })),
    put(s, service('s', { selector: { a: 'b' } }, { resourceVersion: '$RV' })),
    put(s, service('s', { ports: [] })),
    patch(s, { spec: { ports: [{ port: 80 }, { port: 81 }] } }),
    patch(s, { spec: { ports: [{ port: 0 }, { port: 70000 }] } }),
    patch(s, {
      spec: {
        ports: [
          { port: 80, targetPort: 'a_b' },
          { port: 80, name: 'Bad', protocol: 'ICMP' },
        ],
      },
    }),
    patch(s, { spec: { ports: [{ port: 80, targetPort: 0, appProtocol: 'Bad/x/y', name: 'a' }] } }),
    patch(`${s}/status`, { status: { loadBalancer: { ingress: [{ ip: 'bogus' }] } } }),
    patch(`${s}/status`, { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } }),
    patch(`${s}/status`, { status: { conditions: [{ type: 'a', status: 'b' }] } }),
    remove(s),
    post(services, service('s', { type: 'NodePort', ports: [{ port: 80, nodePort: 31111 }] })),
    remove(services),
  ),
  script(
    'services/endpoints',
    ...[
      {
        subsets: [
          { addresses: [{ ip: '127.0.0.1' }, { ip: 'x' }, { ip: '10.0.0.1', nodeName: 'A_b' }], ports: [{ port: 0 }] },
        ],
      },
      { subsets: [{}] },
      { subsets: [{ addresses: [{ ip: '10.0.0.1', hostname: 'A' }], ports: [{ port: 1 }, { port: 2 }] }] },
      {
        subsets: [
          { addresses: [{ ip: '10.0.0.2' }, { ip: '10.0.0.1' }], ports: [{ port: 2, name: 'b' }] },
          { addresses: [{ ip: '10.0.0.3' }], notReadyAddresses: [{ ip: '10.0.0.4' }], ports: [{ port: 1, name: 'a' }] },
          { addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 2, name: 'b' }] },
        ],
      },
    ].map((rest, index) => post(at('endpoints'), of('v1', 'Endpoints', `e${index}`, rest))),
    ...[
      { addressType: 'IPv4', endpoints: [{ addresses: [] }, { addresses: ['fd00::1'] }, { addresses: ['127.0.0.1'] }] },
      { addressType: 'Bogus', endpoints: [] },
      { endpoints: [{ addresses: ['a.b'] }] },
      { addressType: 'FQDN', endpoints: [{ addresses: ['a_b'] }] },
      {
        addressType: 'IPv4',
        ports: [{ port: 0, name: 'A' }, { port: 1, protocol: 'ICMP' }, {}, {}],
        endpoints: [
          {
            addresses: ['10.0.0.1'],
            hints: { forZones: [{ name: 'a' }, { name: 'a' }] },
            deprecatedTopology: { a: 'b' },
          },
        ],
      },
      { addressType: 'IPv4', endpoints: null, ports: null },
    ].map((rest, index) => post(at('endpointslices'), of('discovery.k8s.io/v1', 'EndpointSlice', `e${index}`, rest))),
    get(at('endpointslices')),
  ),
]
