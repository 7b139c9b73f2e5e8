/** Ingresses, network policies, ServiceCIDRs and EndpointSlices that the differential corpus is bred from. */

import type { Base } from '../corpus.ts'
import { baseOf as of } from './base-of.ts'

const NET = 'networking.k8s.io/v1'

const backend = { service: { name: 's', port: { number: 80 } } }
const selector = { matchLabels: { a: 'b' } }

export const networkingBases: readonly Base[] = [
  of(
    NET,
    'Ingress',
    'ingresses',
    'ing',
    {
      spec: {
        ingressClassName: 'c',
        defaultBackend: backend,
        tls: [{ hosts: ['a.example'], secretName: 's' }],
        rules: [
          {
            host: 'a.example',
            http: {
              paths: [
                { path: '/', pathType: 'Prefix', backend },
                {
                  path: '/x',
                  pathType: 'Exact',
                  backend: { resource: { apiGroup: 'g.example', kind: 'K', name: 'n' } },
                },
              ],
            },
          },
        ],
      },
    },
    true,
  ),
  of(
    NET,
    'IngressClass',
    'ingressclasses',
    'ic',
    {
      spec: {
        controller: 'example.com/c',
        parameters: { apiGroup: 'g.example', kind: 'K', name: 'n', scope: 'Namespace', namespace: 'ns' },
      },
    },
    false,
  ),
  of(
    NET,
    'NetworkPolicy',
    'networkpolicies',
    'np',
    {
      spec: {
        podSelector: selector,
        policyTypes: ['Ingress', 'Egress'],
        ingress: [
          {
            from: [
              { podSelector: selector, namespaceSelector: selector },
              { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } },
            ],
            ports: [{ port: 80, protocol: 'TCP', endPort: 90 }, { port: 'http' }],
          },
        ],
        egress: [{ to: [{ namespaceSelector: {} }], ports: [{ port: 53, protocol: 'UDP' }] }],
      },
    },
    true,
  ),
  of(NET, 'NetworkPolicy', 'networkpolicies', 'np-min', { spec: { podSelector: {} } }, true),
  of(
    NET,
    'IPAddress',
    'ipaddresses',
    '192.168.1.5',
    { spec: { parentRef: { group: '', resource: 'services', namespace: 'default', name: 's' } } },
    false,
  ),
  of(NET, 'ServiceCIDR', 'servicecidrs', 'sc-test', { spec: { cidrs: ['10.97.0.0/16'] } }, false, { dry: true }),
  of(
    'discovery.k8s.io/v1',
    'EndpointSlice',
    'endpointslices',
    'eps',
    {
      addressType: 'IPv4',
      endpoints: [
        {
          addresses: ['1.2.3.4'],
          conditions: { ready: true, serving: true, terminating: false },
          hostname: 'h',
          targetRef: { kind: 'Pod', name: 'p' },
          deprecatedTopology: undefined,
          nodeName: 'n',
          zone: 'z',
          hints: { forZones: [{ name: 'z' }], forNodes: [{ name: 'n' }] },
        },
      ],
      ports: [{ name: 'a', protocol: 'TCP', port: 80, appProtocol: 'http' }],
    },
    true,
  ),
]
