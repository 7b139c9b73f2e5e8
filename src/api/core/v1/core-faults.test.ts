import { describe, expect, test } from 'vitest'
import { type Body, faultsOfNew, updated } from '../../judged.ts'

const KEY_FAULT =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
const claim = (more: Body = {}) => ({
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...more },
})
const volume = (more: Body = {}) => ({
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' }, ...more },
})
const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }

describe('new objects', () => {
  const cases: [resource: string, body: Body, faults: readonly string[]][] = [
    ['namespaces', {}, []],
    [
      'namespaces',
      { spec: { finalizers: ['mine'] } },
      ['spec.finalizers: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified'],
    ],
    ['configmaps', { data: { 'bad key': 'v' } }, [`data[bad key]: Invalid value: "bad key": ${KEY_FAULT}`]],
    ['configmaps', { data: { '..': 'v' } }, [`data[..]: Invalid value: "..": must not be '..'`]],
    [
      'configmaps',
      { data: { k: 'v' }, binaryData: { k: 'dg==' } },
      [
        'data[k]: Invalid value: "k": duplicate of key present in binaryData',
        'binaryData[k]: Invalid value: "k": duplicate of key present in data',
      ],
    ],
    ['configmaps', { data: { k: 'x'.repeat(1024 * 1024 + 1) } }, ['[]: Too long: may not be more than 1048576 bytes']],
    ['secrets', { stringData: { a: 'b' } }, []],
    ['secrets', { type: 'kubernetes.io/tls' }, ['data[tls.crt]: Required value', 'data[tls.key]: Required value']],
    [
      'secrets',
      { type: 'kubernetes.io/basic-auth' },
      ['data[username]: Required value', 'data[password]: Required value'],
    ],
    ['secrets', { type: 'kubernetes.io/dockerconfigjson' }, ['data[.dockerconfigjson]: Required value']],
    [
      'secrets',
      { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '{' } },
      ['data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": unexpected end of JSON input'],
    ],
    [
      'secrets',
      { type: 'kubernetes.io/service-account-token' },
      ['metadata.annotations[kubernetes.io/service-account.name]: Required value'],
    ],
    ['services', { spec: { ports: [{ port: 80 }] } }, []],
    [
      'services',
      { spec: { ports: [{ port: 80 }], externalIPs: ['010.0.0.1', '::ffff:10.0.0.1', 'x'] } },
      [
        'spec.externalIPs[0]: Invalid value: "010.0.0.1": must not have leading 0s',
        'spec.externalIPs[1]: Invalid value: "::ffff:10.0.0.1": must not be an IPv4-mapped IPv6 address',
        'spec.externalIPs[2]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      ],
    ],
    [
      'services',
      { spec: { type: 'LoadBalancer', ports: [{ port: 80 }], loadBalancerSourceRanges: [' 10.0.0.1/8'] } },
      [
        'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length',
      ],
    ],
    [
      'services',
      {
        metadata: { annotations: { 'service.beta.kubernetes.io/load-balancer-source-ranges': '10.0.0.0/8, x' } },
        spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
      },
      [
        'metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      ],
    ],
    [
      'resourcequotas',
      { spec: { hard: { pods: '1', services: '1' }, scopes: ['NotTerminating'] } },
      ['spec.scopes: Invalid value: ["NotTerminating"]: unsupported scope applied to resource'],
    ],
    [
      'resourcequotas',
      { spec: { hard: { pods: '1', cpu: '1', 'count/jobs.batch': '1' }, scopes: ['Terminating'] } },
      [],
    ],
    ['services', {}, ['spec.ports: Required value']],
    ['services', { spec: { clusterIP: 'None' } }, []],
    [
      'services',
      { spec: { type: 'Weird', ports: [{ port: 80 }] } },
      [
        'spec.type: Unsupported value: "Weird": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
      ],
    ],
    [
      'services',
      { spec: { ports: [{ port: 80 }], sessionAffinity: 'Sticky' } },
      ['spec.sessionAffinity: Unsupported value: "Sticky": supported values: "ClientIP", "None"'],
    ],
    [
      'services',
      { spec: { ports: [{ port: 80 }], clusterIP: 'not-an-ip' } },
      ['spec.clusterIPs[0]: Invalid value: "not-an-ip": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
    ],
    ['services', { spec: { type: 'ExternalName' } }, ['spec.externalName: Required value']],
    [
      'services',
      { spec: { ports: [{ port: 80, nodePort: 30999 }] } },
      ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    ],
    [
      'services',
      { spec: { type: 'NodePort', clusterIP: 'None', ports: [{ port: 80 }] } },
      [`spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for NodePort services`],
    ],
    [
      'services',
      { spec: { ports: [{ port: 80 }, { name: 'b', port: 80 }, { name: 'b', port: 0, targetPort: 'x' }] } },
      [
        'spec.ports[0].name: Required value',
        'spec.ports[2].name: Duplicate value: "b"',
        'spec.ports[2].port: Invalid value: 0: must be between 1 and 65535, inclusive',
        'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
      ],
    ],
    [
      'services',
      { spec: { ports: [{ port: 80 }], externalIPs: ['127.0.0.1'], healthCheckNodePort: 1 } },
      [
        'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        "spec.healthCheckNodePort: Invalid value: 1: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      ],
    ],
    [
      'nodes',
      { spec: { taints: [{ key: 'a', effect: 'No' }], podCIDRs: ['10.0.0.0/24', '10.0.1.0/24'] } },
      [
        'metadata.taints[0].effect: Unsupported value: "No": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
        'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family',
      ],
    ],
    ['events', { involvedObject: { namespace: 'default' } }, []],
    [
      'events',
      { involvedObject: { namespace: 'other' } },
      ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
    ],
    ['replicationcontrollers', { spec: { template } }, []],
    [
      'replicationcontrollers',
      { spec: { replicas: -1, selector: { a: 'c' }, template } },
      [
        'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
        'spec.template.metadata.labels: Invalid value: {"a":"b"}: `selector` does not match template `labels`',
      ],
    ],
    ['endpoints', { subsets: [{}] }, ['subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`']],
    ['persistentvolumeclaims', claim(), []],
    [
      'persistentvolumeclaims',
      claim({ accessModes: [] }),
      ['spec.accessModes: Required value: at least 1 access mode is required'],
    ],
    ['persistentvolumeclaims', claim({ resources: {} }), ['spec.resources[storage]: Required value']],
    [
      'persistentvolumeclaims',
      claim({ accessModes: ['Sometimes'] }),
      [
        'spec.accessModes: Unsupported value: "Sometimes": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
      ],
    ],
    [
      'persistentvolumeclaims',
      claim({ resources: { requests: { storage: '-1Gi' } } }),
      ['spec.resources[storage]: Invalid value: "-1Gi": must be greater than zero'],
    ],
    ['persistentvolumes', volume(), []],
    ['persistentvolumes', volume({ hostPath: undefined }), ['spec: Required value: must specify a volume type']],
    [
      'persistentvolumes',
      volume({ nfs: { server: 's', path: '/p' }, capacity: {} }),
      [
        'spec.capacity: Required value',
        'spec.capacity: Unsupported value: {}: supported values: "storage"',
        'spec.nfs: Forbidden: may not specify more than 1 volume type',
      ],
    ],
    [
      'limitranges',
      { spec: { limits: [{ type: 'Container', max: { cpu: '100m' }, min: { cpu: '200m' } }] } },
      [
        'spec.limits[0].min[cpu]: Invalid value: "200m": min value 200m is greater than max value 100m',
        'spec.limits[0].defaultRequest[cpu]: Invalid value: "100m": min value 200m is greater than default request value 100m',
        'spec.limits[0].default[cpu]: Invalid value: "200m": min value 200m is greater than default value 100m',
      ],
    ],
    [
      'limitranges',
      {
        spec: { limits: [{ type: 'Pod', max: { cpu: '2' }, min: { cpu: '-1' }, maxLimitRequestRatio: { cpu: '4' } }] },
      },
      ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "4": ratio 4 is greater than max/min = -2.000000'],
    ],
    [
      'limitranges',
      { spec: { limits: [{ type: 'Pod', max: { cpu: '1' }, min: { cpu: '0' }, maxLimitRequestRatio: { cpu: '4' } }] } },
      [],
    ],
    [
      'limitranges',
      { spec: { limits: [{ type: 'Pod', max: { a: '1e30' }, min: { a: '1' }, maxLimitRequestRatio: { a: '4' } }] } },
      expect.arrayContaining([
        'spec.limits[0].maxLimitRequestRatio[a]: Invalid value: "4": ratio 4 is greater than max/min = 0.000000',
      ]) as unknown as string[],
    ],
    [
      'limitranges',
      {
        spec: { limits: [{ type: 'Pod', max: { cpu: '0' }, min: { cpu: '-1' }, maxLimitRequestRatio: { cpu: '4' } }] },
      },
      ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "4": ratio 4 is greater than max/min = -0.000000'],
    ],
    [
      'limitranges',
      {
        spec: {
          limits: [{ type: 'Pod', max: { cpu: '1E' }, min: { cpu: '100m' }, maxLimitRequestRatio: { cpu: '4' } }],
        },
      },
      [],
    ],
    [
      'limitranges',
      {
        spec: { limits: [{ type: 'Pod', max: { cpu: '2' }, min: { cpu: '1' }, maxLimitRequestRatio: { cpu: '1E' } }] },
      },
      ['spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "1E": ratio 1E is greater than max/min = 2.000000'],
    ],
    [
      'nodes',
      { spec: { podCIDRs: ['fd00::/64', '10.0.0.1/8'] } },
      ['spec.podCIDRs[1]: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length'],
    ],
    [
      'resourcequotas',
      { spec: { hard: { nonsense: '1', pods: '1500m' }, scopes: ['Terminating', 'NotTerminating'] } },
      [
        'spec.hard[nonsense]: Invalid value: "nonsense": must be a standard resource type or fully qualified',
        'spec.hard[nonsense]: Invalid value: "nonsense": must be a standard resource for quota',
        'spec.hard[pods]: Invalid value: "1500m": must be an integer',
        'spec.scopes: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes',
      ],
    ],
    ['podtemplates', { template }, []],
    ['podtemplates', {}, ['template.spec.containers: Required value']],
    [
      'bindings',
      { target: { kind: 'Pod' } },
      ['target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"', 'target.name: Required value'],
    ],
  ]
  for (const [resource, body, faults] of cases) {
    const text = JSON.stringify(body)
    test(`${resource} ${text.slice(0, 90)}: ${faults.length} faults`, () => {
      expect(faultsOfNew(`v1/${resource}`, body)).toEqual(faults)
    })
  }
})

describe('changed objects', () => {
  const service = (spec: Body) => ({ spec: { ports: [{ port: 80 }], ...spec } })
  const cases: [resource: string, before: Body, after: Body, faults: readonly string[]][] = [
    [
      'configmaps',
      { data: { x: '1' }, immutable: true },
      { data: { x: '2' } },
      [
        'immutable: Forbidden: field is immutable when `immutable` is set',
        'data: Forbidden: field is immutable when `immutable` is set',
      ],
    ],
    ['configmaps', { data: { x: '1' }, immutable: true }, { data: { x: '1' }, immutable: true }, []],
    ['secrets', { type: 'a/b' }, { type: 'a/c' }, ['type: Invalid value: "a/c": field is immutable']],
    ['services', service({ clusterIP: '10.0.0.1' }), service({}), []],
    [
      'services',
      service({ clusterIP: '10.0.0.1' }),
      service({ clusterIP: '10.0.0.2', clusterIPs: ['10.0.0.1'] }),
      ['spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set'],
    ],
    ['services', service({ clusterIP: '10.0.0.1' }), { spec: { type: 'ExternalName', externalName: 'a.b' } }, []],
    [
      'persistentvolumeclaims',
      claim(),
      claim({ accessModes: ['ReadOnlyMany'] }),
      [
        'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
      ],
    ],
    ['persistentvolumeclaims', claim(), claim({ volumeName: 'v' }), []],
    [
      'persistentvolumes',
      volume(),
      volume({ hostPath: { path: '/y' } }),
      ['spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation'],
    ],
    [
      'nodes',
      { spec: { podCIDR: '10.0.0.0/24' } },
      { spec: { podCIDR: '10.0.1.0/24' } },
      ['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'],
    ],
    [
      'resourcequotas',
      { spec: { scopes: ['Terminating'] } },
      { spec: {} },
      ['spec.scopes: Invalid value: []: field is immutable'],
    ],
  ]
  for (const [resource, before, after, faults] of cases) {
    test(`${resource} to ${JSON.stringify(after).slice(0, 90)}: ${faults.length} faults`, () => {
      expect(updated(`v1/${resource}`, before, after).faults).toEqual(faults)
    })
  }

  test('a Service keeps the node ports an update leaves out, and loses what its new type lacks', () => {
    const nodePort = service({ type: 'NodePort', clusterIP: '10.0.0.1', ports: [{ port: 80, nodePort: 30080 }] })
    expect(updated('v1/services', nodePort, service({ type: 'NodePort' })).object).toMatchObject({
      spec: { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'], ports: [{ port: 80, nodePort: 30080 }] },
    })
    const plain = updated('v1/services', nodePort, {
      spec: { type: 'ClusterIP', externalTrafficPolicy: 'Cluster', ports: [{ port: 80, nodePort: 30080 }] },
    })
    expect(plain.faults).toEqual([])
    expect(plain.object).not.toHaveProperty('spec.externalTrafficPolicy')
    expect(plain.object).not.toHaveProperty('spec.ports[0].nodePort')
  })

  test('a Service keeps the node ports that it names, where no others are to be given', () => {
    const ports = [{ port: 80, nodePort: 30080 }]
    const balanced = (more: Body) => service({ type: 'LoadBalancer', clusterIP: '10.0.0.1', ports, ...more })
    const { object } = updated('v1/services', balanced({}), balanced({ allocateLoadBalancerNodePorts: false }))
    expect(object).toMatchObject({ spec: { ports } })
  })

  test('a name outside the cluster has no policy for traffic within', () => {
    const outside = (internalTrafficPolicy: string) => ({
      spec: { type: 'ExternalName', externalName: 'a.b', internalTrafficPolicy },
    })
    const { object } = updated('v1/services', outside('Local'), outside('Local'))
    expect(object).not.toHaveProperty('spec.internalTrafficPolicy')
    expect(updated('v1/services', outside('Local'), outside('x')).faults).toEqual([
      'spec.internalTrafficPolicy: Unsupported value: "x": supported values: "Cluster", "Local"',
    ])
  })

  test('a namespace keeps its finalizers', () => {
    const { object } = updated('v1/namespaces', { spec: { finalizers: ['a.b/c'] } }, { spec: { finalizers: [] } })
    expect(object).toMatchObject({ spec: { finalizers: ['a.b/c', 'kubernetes'] }, status: { phase: 'Active' } })
  })
})
