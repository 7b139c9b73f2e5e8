import { describe, expect, test } from 'vitest'
import { fieldPath } from '../meta/field-path.ts'
import type { KubeObject } from '../meta/types.ts'
import { definitionOf } from './catalog.ts'

type Body = Record<string, unknown>

const ROOT = fieldPath()
const texts = (faults: readonly { field: string; message: string }[]) =>
  faults.map(({ field, message }) => `${field}: ${message}`)

/** An object as the server makes it of what a client sends. */
function made(key: string, body: Body): KubeObject & Body {
  const metadata = { name: 'a', namespace: 'default', ...(body['metadata'] as object | undefined) }
  const object = { ...structuredClone(body), metadata }
  definitionOf(key).setDefaults?.(object, 0)
  return object
}

const faultsOfNew = (key: string, body: Body) => texts(definitionOf(key).validate?.(made(key, body), ROOT) ?? [])
const faultsOfChange = (key: string, before: Body, after: Body) =>
  texts(definitionOf(key).validateUpdate?.(made(key, after), made(key, before), ROOT) ?? [])
const cellsOf = (key: string, body: Body) =>
  (definitionOf(key).columns ?? []).map(({ cell }) => cell(made(key, body), 0))

const CRDS = 'apiextensions.k8s.io/v1/customresourcedefinitions'
const CSRS = 'certificates.k8s.io/v1/certificatesigningrequests'
const HOOKS = 'admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
const SCHEMA = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } }
const crd = (spec: Body = {}, name = 'things.example.com') => ({
  metadata: { name },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'things', kind: 'Thing' },
    versions: [{ name: 'v1', served: true, storage: true, schema: SCHEMA }],
    ...spec,
  },
})
const schemaOf = (schema: Body) =>
  crd({ versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }] })
const AT = 'spec.versions[0].schema.openAPIV3Schema'
const hook = (more: Body = {}) => ({
  webhooks: [
    {
      name: 'a.example.com',
      clientConfig: { url: 'https://example.com/x' },
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      ...more,
    },
  ],
})

test('a signer has a domain of labels, and a name', () => {
  const ofSigner = faultsOfNew(CSRS, { spec: { signerName: '/a.B.C', usages: ['any'], request: '' } }).filter((text) =>
    text.startsWith('spec.signerName'),
  )
  expect(ofSigner).toEqual([
    expect.stringMatching(/^spec\.signerName: Invalid value: "": validating label "": a lowercase RFC 1123 label/),
    'spec.signerName: Invalid value: "": should be a domain with at least two segments separated by dots',
    expect.stringMatching(
      /^spec\.signerName: Invalid value: "a\.B\.C": validating label "B": a lowercase RFC 1123 subdomain/,
    ),
  ])
})

describe('kinds are judged', () => {
  const cases: [key: string, body: Body, faults: string[]][] = [
    [CRDS, crd(), []],
    [
      CRDS,
      crd({}, 'wrong.name'),
      ['metadata.name: Invalid value: "wrong.name": must be spec.names.plural+"."+spec.group'],
    ],
    [
      CRDS,
      crd({ scope: 'Everywhere' }),
      ['spec.scope: Unsupported value: "Everywhere": supported values: "Cluster", "Namespaced"'],
    ],
    [
      CRDS,
      crd({ versions: [{ name: 'v1', served: true, storage: false, schema: SCHEMA }] }),
      ['spec.versions: Invalid value: ["v1"]: must have exactly one version marked as storage version'],
    ],
    [
      CRDS,
      crd({ versions: [{ name: 'v1', served: true, storage: true }] }),
      [`${AT}: Required value: schemas are required`],
    ],
    [
      CRDS,
      schemaOf({ type: 'object', properties: { a: {} } }),
      [`${AT}.properties[a].type: Required value: must not be empty for specified object fields`],
    ],
    [
      CRDS,
      schemaOf({ type: 'object', properties: { a: { type: 'array' } } }),
      [`${AT}.properties[a].items: Required value: must be specified`],
    ],
    [
      CRDS,
      schemaOf({ type: 'object', properties: { a: { type: 'string', uniqueItems: true } } }),
      [
        `${AT}.properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
      ],
    ],
    [
      CRDS,
      schemaOf({
        type: 'object',
        properties: { a: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] } },
      }),
      [],
    ],
    [
      CRDS,
      schemaOf({ type: 'object', anyOf: [{ type: 'object' }] }),
      [`${AT}.anyOf[0].type: Forbidden: must be empty to be structural`],
    ],
    [HOOKS, hook(), []],
    [
      HOOKS,
      hook({ clientConfig: {} }),
      ['webhooks[0].clientConfig: Required value: exactly one of url or service is required'],
    ],
    [
      HOOKS,
      hook({ sideEffects: 'Some', timeoutSeconds: 31 }),
      [
        'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
        'webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds',
      ],
    ],
    [
      'apiregistration.k8s.io/v1/apiservices',
      {
        metadata: { name: 'v1.example.com' },
        spec: { group: 'example.com', version: 'v1', groupPriorityMinimum: 0, versionPriority: 1 },
      },
      ['spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000'],
    ],
    [
      'apiregistration.k8s.io/v1/apiservices',
      {
        metadata: { name: 'v1/example.com' },
        spec: { group: 'example.com', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1 },
      },
      // Its name is what the rules of names tell.
      [],
    ],
    [
      'apiregistration.k8s.io/v1/apiservices',
      {
        metadata: { name: 'v2.' },
        spec: { version: 'v2', groupPriorityMinimum: 1, versionPriority: 1 },
      },
      ['spec.group: Required value: only v1 may have an empty group and it better be legacy kube'],
    ],
    [
      'networking.k8s.io/v1/ingresses',
      { spec: { rules: [{ host: '::1' }, { host: '01.2.3.4' }] } },
      [
        'spec.rules[0].host: Invalid value: "::1": must be a DNS name, not an IP address',
        expect.stringMatching(
          /^spec\.rules\[0\]\.host: Invalid value: "::1": a lowercase RFC 1123/,
        ) as unknown as string,
        'spec.rules[1].host: Invalid value: "01.2.3.4": must be a DNS name, not an IP address',
      ],
    ],
    [
      'networking.k8s.io/v1/ingresses',
      { spec: {} },
      ['spec: Invalid value: null: either `defaultBackend` or `rules` must be specified'],
    ],
    [
      'storage.k8s.io/v1/csistoragecapacities',
      { storageClassName: 'c', maximumVolumeSize: '-1', capacity: '-1' },
      ['capacity: Invalid value: "-1": must be greater than or equal to 0'],
    ],
    [
      'discovery.k8s.io/v1/endpointslices',
      { addressType: 'IPv4', endpoints: [], ports: [{ protocol: '' }] },
      ['ports[0].protocol: Unsupported value: "": supported values: "SCTP", "TCP", "UDP"'],
    ],
    [
      'storage.k8s.io/v1/volumeattachments',
      { spec: { attacher: 'a'.repeat(64), nodeName: 'n', source: { persistentVolumeName: 'v' } } },
      ['spec.attacher: Too long: may not be more than 63 bytes'],
    ],
    [
      'networking.k8s.io/v1/servicecidrs',
      { spec: { cidrs: ['10.0.0.0/33'] } },
      ['spec.cidrs[0]: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
    ],
    [
      'networking.k8s.io/v1/servicecidrs',
      { spec: { cidrs: ['FD00::/64'] } },
      ['spec.cidrs[0]: Invalid value: "FD00::/64": must be in canonical form ("fd00::/64")'],
    ],
    [
      'networking.k8s.io/v1/networkpolicies',
      { spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: '10.0.0.1/8', except: ['11.0.0.0/16'] } }] }] } },
      [
        'spec.egress[0].to[0].ipBlock.cidr: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length',
        'spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
      ],
    ],
    ['networking.k8s.io/v1/ipaddresses', { spec: {} }, ['spec.parentRef: Required value']],
    [
      'storage.k8s.io/v1/volumeattachments',
      { spec: { attacher: 'a.example.com', nodeName: 'n', source: {} } },
      ['spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName'],
    ],
    [
      'storage.k8s.io/v1/csidrivers',
      { spec: { volumeLifecycleModes: ['Sometimes'] } },
      ['spec.volumeLifecycleModes: Unsupported value: "Sometimes": supported values: "Persistent", "Ephemeral"'],
    ],
    [
      'flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations',
      { spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: { handSize: 9, queues: 2 } } } } },
      ['spec.limited.limitResponse.queuing.handSize: Invalid value: 9: should not be greater than queues (2)'],
    ],
    [
      'flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations',
      { spec: { type: 'Limited', limited: { limitResponse: {} } } },
      ['spec.limited.limitResponse.type: Required value'],
    ],
    [
      'flowcontrol.apiserver.k8s.io/v1/flowschemas',
      {
        spec: {
          matchingPrecedence: 10,
          priorityLevelConfiguration: { name: 'l' },
          distinguisherMethod: { type: '' },
          rules: [
            {
              subjects: [{ kind: 'Group', group: { name: 'g' } }],
              resourceRules: [{ verbs: ['*', 'get'], apiGroups: [''], resources: ['pods'], namespaces: ['A'] }],
              nonResourceRules: [{ verbs: ['fly'], nonResourceURLs: ['/a/*', 'b', '', '/a*'] }],
            },
          ],
        },
      },
      [
        'spec.distinguisherMethod.type: Unsupported value: {"Type":""}: supported values: "ByNamespace", "ByUser"',
        'spec.rules[0].resourceRules[0].verbs: Invalid value: ["*","get"]: if \'*\' is present, must not specify other verbs',
        expect.stringMatching(
          /^spec\.rules\[0\]\.resourceRules\[0\]\.namespaces\[0\]: Invalid value: "A": each member of this list must be/,
        ) as unknown as string,
        'spec.rules[0].nonResourceRules[0].verbs: Unsupported value: ["fly"]: supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"',
        'spec.rules[0].nonResourceRules[0].nonResourceURLs[1]: Invalid value: "b": must start with slash',
        'spec.rules[0].nonResourceRules[0].nonResourceURLs[2]: Invalid value: "": must not be empty',
        'spec.rules[0].nonResourceRules[0].nonResourceURLs[3]: Invalid value: "/a*": wildcard can only do suffix matching',
      ],
    ],
    [
      'admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
      {
        spec: {
          policyName: 'p',
          validationActions: ['Deny'],
          paramRef: { name: 'n', selector: {}, parameterNotFoundAction: '' },
        },
      },
      [
        'spec.paramRef.name: Forbidden: name and selector are mutually exclusive',
        'spec.paramRef.selector: Forbidden: name and selector are mutually exclusive',
        'spec.paramRef.parameterNotFoundAction: Required value',
      ],
    ],
    [
      'authorization.k8s.io/v1/subjectaccessreviews',
      { spec: { user: 'x' } },
      [
        'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ],
    ],
    [
      'resource.k8s.io/v1/resourceclaims',
      { spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c', allocationMode: 'Some' } }] } } },
      [
        'spec.devices.requests[0].exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"',
      ],
    ],
    [
      'scheduling.k8s.io/v1/priorityclasses',
      { value: 1_000_000_001 },
      ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
    ],
    [
      'rbac.authorization.k8s.io/v1/roles',
      { rules: [{ apiGroups: [''], resources: ['pods'] }] },
      ['rules[0].verbs: Required value: verbs must contain at least one value'],
    ],
    [
      'rbac.authorization.k8s.io/v1/rolebindings',
      { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Bogus', name: 'r' } },
      ['roleRef.kind: Unsupported value: "Bogus": supported values: "Role", "ClusterRole"'],
    ],
    [
      'coordination.k8s.io/v1/leases',
      { spec: { leaseDurationSeconds: 0 } },
      ['spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0'],
    ],
    [
      'policy/v1/poddisruptionbudgets',
      { spec: { selector: {}, minAvailable: 1, maxUnavailable: 1 } },
      [
        'spec: Invalid value: {"selector":{},"minAvailable":1,"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set',
      ],
    ],
    [
      'storage.k8s.io/v1/storageclasses',
      { provisioner: '', reclaimPolicy: 'Burn' },
      ['provisioner: Required value', 'reclaimPolicy: Unsupported value: "Burn": supported values: "Delete", "Retain"'],
    ],
    [
      'storage.k8s.io/v1/volumeattributesclasses',
      { driverName: 'example.com/My_Driver!', parameters: { a: 'b' } },
      [expect.stringContaining('driverName: Invalid value: "example.com/my_driver!": name part must') as string],
    ],
    [
      'storage.k8s.io/v1/csinodes',
      { spec: { drivers: [{ name: 'd.example', nodeID: 'n', topologyKeys: ['a', 'a'] }] } },
      ['spec.drivers[0]: Duplicate value: "a"'],
    ],
    [
      'scheduling.k8s.io/v1/priorityclasses',
      { value: 1, preemptionPolicy: 'Maybe' },
      ['preemptionPolicy: Unsupported value: "Maybe": supported values: "PreemptLowerPriority", "Never"'],
    ],
    [
      'node.k8s.io/v1/runtimeclasses',
      {
        handler: '',
        overhead: { podFixed: { cpu: '-1' } },
        scheduling: { tolerations: [{ key: 'k', operator: 'Exists' }, { key: 'k', operator: 'Exists' }, {}] },
      },
      [
        'handler: Required value',
        'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
        'scheduling.tolerations[2].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"',
        'scheduling.tolerations[1]: Duplicate value: {"Key":"k","Operator":"Exists","Value":"","Effect":"","TolerationSeconds":null}',
      ],
    ],
    [
      CSRS,
      { spec: { request: 'bm90IHBlbQ==', signerName: 'nobody', usages: ['flying'] } },
      [
        'spec.request: Invalid value: "bm90IHBlbQ==": PEM block type must be CERTIFICATE REQUEST',
        expect.stringContaining(
          'spec.usages[0]: Unsupported value: "flying": supported values: "any"',
        ) as unknown as string,
        'spec.signerName: Invalid value: "nobody": must be a fully qualified domain and path of the form \'example.com/signer-name\'',
      ],
    ],
  ]
  for (const [key, body, faults] of cases) {
    test(`${key}: ${faults.map(String).join(', ') || 'nothing is wrong'}`, () => {
      expect(faultsOfNew(key, body)).toEqual(faults)
    })
  }
})

describe('kinds change only so far', () => {
  test('a class keeps its value', () => {
    expect(faultsOfChange('scheduling.k8s.io/v1/priorityclasses', { value: 1 }, { value: 2 })).toEqual([
      'value: Forbidden: may not be changed in an update.',
    ])
  })

  test('a storage class keeps who makes its volumes, and what becomes of them', () => {
    const before = { provisioner: 'a.example', reclaimPolicy: 'Delete' }
    const after = { provisioner: 'b.example', reclaimPolicy: 'Retain' }
    expect(faultsOfChange('storage.k8s.io/v1/storageclasses', before, after)).toEqual([
      'provisioner: Invalid value: "b.example": field is immutable',
      'reclaimPolicy: Invalid value: "Retain": field is immutable',
    ])
  })

  test('a definition keeps its names once it is established', () => {
    const status = { conditions: [{ type: 'Established', status: 'True' }] }
    const changed = crd({ scope: 'Cluster' })
    expect(faultsOfChange(CRDS, { ...crd(), status }, changed)).toEqual([
      'spec.scope: Invalid value: "Cluster": field is immutable',
    ])
    expect(faultsOfChange(CRDS, crd(), changed)).toEqual([])
  })

  test('a binding keeps its role', () => {
    const binding = (name: string) => ({ roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name } })
    expect(faultsOfChange('rbac.authorization.k8s.io/v1/rolebindings', binding('a'), binding('b'))).toEqual([
      expect.stringMatching(/^roleRef: Invalid value: .*: cannot change roleRef$/),
    ])
  })
})

describe('kinds are filled in and shown', () => {
  test('a definition names what follows from its kind', () => {
    expect(made(CRDS, crd())).toMatchObject({
      spec: { names: { singular: 'thing', listKind: 'ThingList' }, conversion: { strategy: 'None' } },
    })
  })

  test('a webhook fails closed, about everything', () => {
    expect(made(HOOKS, hook({ rules: [{ resources: ['pods'] }] }))).toMatchObject({
      webhooks: [
        {
          failurePolicy: 'Fail',
          matchPolicy: 'Equivalent',
          timeoutSeconds: 10,
          namespaceSelector: {},
          objectSelector: {},
          rules: [{ scope: '*' }],
        },
      ],
    })
  })

  test.each<[string, Body, readonly unknown[]]>([
    [
      'networking.k8s.io/v1/ingresses',
      { metadata: { annotations: { 'kubernetes.io/ingress.class': 'old' } } },
      ['<none>'],
    ],
    ['networking.k8s.io/v1/ingresses', { spec: { ingressClassName: 'new' } }, ['new']],
    [
      'discovery.k8s.io/v1/endpointslices',
      { addressType: 'IPv4', ports: [{ port: 1 }, { name: 'b' }] },
      ['IPv4', '1,b'],
    ],
    ['batch/v1/jobs', { spec: { suspend: true } }, ['Running']],
    ['batch/v1/jobs', { status: { conditions: [{ type: 'Suspended', status: 'True' }] } }, ['Suspended']],
  ])('%s are shown as their status tells: %j', (key, body, cells) => {
    expect(cellsOf(key, body).slice(1, cells.length + 1)).toEqual(cells)
  })

  test('a request for a certificate tells how it stands', () => {
    const spec = { signerName: 's/x', username: 'u' }
    const shown = (status: Body) => cellsOf(CSRS, { spec, status }).at(-1)
    expect(shown({})).toBe('Pending')
    expect(shown({ conditions: [{ type: 'Approved' }], certificate: 'eA==' })).toBe('Approved,Issued')
    expect(shown({ conditions: [{ type: 'Denied' }] })).toBe('Denied')
  })
})

const BINDINGS = 'admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings'
const selector = { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'x', operator: 'In', values: ['y', 'z'] }] }
test.each([
  [undefined, '<unset>'],
  [{ name: 'p' }, '*/p'],
  [{ name: 'p', namespace: 'n' }, 'n/p'],
  [
    { selector, namespace: 'n' },
    '&LabelSelector{MatchLabels:map[string]string{a: b,},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:x,Operator:In,Values:[y z],},},}',
  ],
])('the parameters %j of a binding are shown as %s', (paramRef, text) => {
  const spec = { policyName: 'map', ...(paramRef === undefined ? {} : { paramRef }) }
  expect(cellsOf(BINDINGS, { spec })[2]).toBe(text)
})

test('the precedence of a flow schema is shown as text', () => {
  const columns = definitionOf('flowcontrol.apiserver.k8s.io/v1/flowschemas').columns ?? []
  expect(columns.find(({ name }) => name === 'MatchingPrecedence')?.type).toBe('string')
})
