import { describe, expect, test } from 'vitest'
import { catalog, definitionOf } from '../../catalog.ts'
import { type Body, cellsOf, made, objectOf } from '../../judged.ts'

const claim = (more: Body = {}) => ({
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...more },
})
const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }

describe('defaults', () => {
  const cases: [resource: string, body: Body, result: Body][] = [
    [
      'namespaces',
      {},
      { metadata: { labels: { 'kubernetes.io/metadata.name': 'a' } }, spec: { finalizers: ['kubernetes'] } },
    ],
    ['secrets', { stringData: { a: 'b' }, data: { c: 'Yw==' } }, { type: 'Opaque', data: { a: 'Yg==', c: 'Yw==' } }],
    [
      'services',
      {
        spec: {
          selector: { a: 'b' },
          sessionAffinity: 'ClientIP',
          ports: [{ port: 80, targetPort: 'web' }, { port: 81 }],
        },
      },
      {
        spec: {
          type: 'ClusterIP',
          sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } },
          internalTrafficPolicy: 'Cluster',
          ipFamilies: ['IPv4'],
          ipFamilyPolicy: 'SingleStack',
          ports: [
            { port: 80, targetPort: 'web', protocol: 'TCP' },
            { port: 81, targetPort: 81, protocol: 'TCP' },
          ],
        },
        status: { loadBalancer: {} },
      },
    ],
    [
      'limitranges',
      {
        spec: {
          limits: [{ type: 'Container', default: { cpu: '500m', memory: '256Mi' }, defaultRequest: { cpu: '100m' } }],
        },
      },
      { spec: { limits: [{ defaultRequest: { cpu: '100m', memory: '256Mi' } }] } },
    ],
    [
      'limitranges',
      { spec: { limits: [{ type: 'Pod', max: { cpu: '1u', memory: '2500n' }, min: { cpu: '100u' } }] } },
      { spec: { limits: [{ max: { cpu: '1m', memory: '1m' }, min: { cpu: '1m' } }] } },
    ],
    [
      'resourcequotas',
      { spec: { hard: { 'requests.cpu': '1000500u' } } },
      { spec: { hard: { 'requests.cpu': '1001m' } } },
    ],
    [
      'persistentvolumes',
      { spec: { capacity: { storage: '1u' }, hostPath: { path: '/x' } } },
      { spec: { capacity: { storage: '1m' } } },
    ],
    [
      'persistentvolumeclaims',
      claim({ resources: { requests: { storage: '1u' }, limits: { storage: '100n' } } }),
      { spec: { resources: { requests: { storage: '1m' }, limits: { storage: '1m' } } } },
    ],
    [
      'pods',
      {
        spec: {
          containers: [],
          volumes: [
            { name: 'v', ephemeral: { volumeClaimTemplate: claim({ resources: { requests: { storage: '1u' } } }) } },
          ],
        },
      },
      {
        spec: {
          volumes: [{ ephemeral: { volumeClaimTemplate: claim({ resources: { requests: { storage: '1m' } } }) } }],
        },
      },
    ],
    ['persistentvolumeclaims', claim(), { spec: { volumeMode: 'Filesystem' }, status: { phase: 'Pending' } }],
    [
      'replicationcontrollers',
      { spec: { template } },
      { metadata: { labels: { a: 'b' } }, spec: { replicas: 1, selector: { a: 'b' } }, status: { replicas: 0 } },
    ],
  ]
  const fine = { cpu: '1u' }
  const coarse = { cpu: '1m' }
  const statuses: [resource: string, given: Body, result: Body][] = [
    ['nodes', { capacity: fine }, { capacity: coarse, allocatable: coarse }],
    ['nodes', { capacity: fine, allocatable: fine }, { capacity: coarse, allocatable: coarse }],
    [
      'persistentvolumeclaims',
      { capacity: fine, allocatedResources: fine },
      { capacity: coarse, allocatedResources: coarse },
    ],
    ['resourcequotas', { hard: fine, used: fine }, { hard: coarse, used: coarse }],
    [
      'pods',
      {
        allocatedResources: fine,
        resources: { limits: fine, requests: fine },
        initContainerStatuses: [{ allocatedResources: fine }],
        containerStatuses: [{ allocatedResources: fine, resources: { requests: fine } }],
        ephemeralContainerStatuses: [{ resources: { limits: fine } }],
      },
      {
        allocatedResources: coarse,
        resources: { limits: coarse, requests: coarse },
        initContainerStatuses: [{ allocatedResources: coarse }],
        containerStatuses: [{ allocatedResources: coarse, resources: { requests: coarse } }],
        ephemeralContainerStatuses: [{ resources: { limits: coarse } }],
      },
    ],
  ]
  test.each(statuses)('round up amounts in the status of %s: %j', (resource, given, result) => {
    const object = objectOf({ spec: {}, status: given })
    definitionOf(`v1/${resource}`).setDefaults?.(object, 0)
    expect(object).toMatchObject({ status: result })
  })

  for (const [resource, body, result] of cases) {
    test(`of ${resource}`, () => expect(made(`v1/${resource}`, body)).toMatchObject(result))
  }

  test('are filled in once: a second time changes nothing', () => {
    for (const [resource, body] of cases) {
      const once = made(`v1/${resource}`, body)
      const twice = structuredClone(once)
      definitionOf(`v1/${resource}`).setDefaults?.(twice, 0)
      expect(twice).toEqual(once)
    }
  })
})

describe('tables', () => {
  const aged = { creationTimestamp: '1970-01-01T00:00:00Z' }
  const cases: [resource: string, body: Body, cells: readonly unknown[]][] = [
    ['configmaps', { metadata: aged, data: { x: '', y: '' } }, ['a', 2, '0s']],
    ['secrets', { metadata: aged, type: 'Opaque', data: { x: '' } }, ['a', 'Opaque', 1, '0s']],
    [
      'services',
      {
        metadata: aged,
        spec: {
          type: 'ClusterIP',
          clusterIPs: ['None'],
          selector: { app: 'x' },
          ports: [
            { port: 80, protocol: 'TCP' },
            { port: 53, nodePort: 30053, protocol: 'UDP' },
          ],
        },
      },
      ['a', 'ClusterIP', 'None', '<none>', '80/TCP,53:30053/UDP', '0s', 'app=x'],
    ],
    [
      'services',
      { metadata: aged, spec: { type: 'LoadBalancer', clusterIPs: ['1.2.3.4'] } },
      ['a', 'LoadBalancer', '1.2.3.4', '<pending>', '<none>', '0s', '<none>'],
    ],
    [
      'nodes',
      {
        metadata: {
          ...aged,
          labels: { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/control-plane': '' },
        },
        spec: { unschedulable: true },
        status: {
          conditions: [{ type: 'Ready', status: 'True' }],
          addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
          nodeInfo: { kubeletVersion: 'v1.36.0', osImage: 'Debian' },
        },
      },
      [
        'a',
        'Ready,SchedulingDisabled',
        'control-plane,worker',
        '0s',
        'v1.36.0',
        '10.0.0.1',
        '<none>',
        'Debian',
        '<unknown>',
        '<unknown>',
      ],
    ],
    [
      'events',
      {
        metadata: aged,
        involvedObject: { kind: 'Pod', name: 'p' },
        type: 'Normal',
        reason: 'Pulled',
        message: ' m ',
        source: { component: 'kubelet', host: 'n' },
        firstTimestamp: '1970-01-01T00:00:00Z',
        count: 0,
      },
      ['0s', 'Normal', 'Pulled', 'pod/p', '', 'kubelet, n', 'm', '0s', 1, 'a'],
    ],
    [
      'endpoints',
      {
        metadata: aged,
        subsets: [{ addresses: [{ ip: '1.1.1.1' }, { ip: '1.1.1.2' }], ports: [{ port: 80 }, { port: 81 }] }],
      },
      ['a', '1.1.1.1:80,1.1.1.2:80,1.1.1.1:81 + 1 more...', '0s'],
    ],
    [
      'persistentvolumeclaims',
      {
        metadata: aged,
        spec: { volumeName: 'v', storageClassName: 's', volumeMode: 'Filesystem' },
        status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteMany', 'ReadWriteOnce'] },
      },
      ['a', 'Bound', 'v', '1Gi', 'RWO,RWX', 's', '<unset>', '0s', 'Filesystem'],
    ],
    [
      'resourcequotas',
      { metadata: aged, status: { hard: { pods: '4', 'limits.cpu': '2' }, used: { pods: '1', 'limits.cpu': '1' } } },
      ['a', 'pods: 1/4', 'limits.cpu: 1/2', '0s'],
    ],
  ]
  for (const [resource, body, cells] of cases) {
    test(`of ${resource}`, () => expect(cellsOf(`v1/${resource}`, body)).toEqual(cells))
  }
})

test('all kinds of the core group that are stored have a meaning', () => {
  const keys = catalog.map(({ key }) => key).filter((key) => key.startsWith('v1/'))
  expect(keys).toHaveLength(17)
})
