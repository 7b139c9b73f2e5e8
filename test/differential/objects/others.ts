/** Valid objects of the other groups that the differential corpus is bred from. */

import type { Base } from '../corpus.ts'

const of = (
  apiVersion: string,
  kind: string,
  plural: string,
  name: string,
  rest: object,
  namespaced: boolean,
  more: Partial<Base> = {},
): Base => ({
  name: name === '' ? plural : name,
  key: `${apiVersion}/${plural}`,
  object: { apiVersion, kind, metadata: namespaced ? { name, namespace: 'default' } : { name }, ...rest },
  ...more,
})
const NET = 'networking.k8s.io/v1'
const RBAC = 'rbac.authorization.k8s.io/v1'
const STORAGE = 'storage.k8s.io/v1'
const ADM = 'admissionregistration.k8s.io/v1'
const RES = 'resource.k8s.io/v1'
const FLOW = 'flowcontrol.apiserver.k8s.io/v1'
const CSR_PEM = 'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K'

const backend = { service: { name: 's', port: { number: 80 } } }
const rule = {
  apiGroups: ['apps'],
  apiVersions: ['v1'],
  operations: ['CREATE'],
  resources: ['deployments'],
  scope: '*',
}
const selector = { matchLabels: { a: 'b' } }
const webhook = {
  name: 'w.example.com',
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  clientConfig: { service: { name: 's', namespace: 'n', path: '/p', port: 443 }, caBundle: '' },
  rules: [rule],
  failurePolicy: 'Fail',
  matchPolicy: 'Exact',
  namespaceSelector: selector,
  objectSelector: selector,
  timeoutSeconds: 5,
  matchConditions: [{ name: 'c', expression: 'true' }],
}
const { caBundle: _, ...service } = webhook.clientConfig
const hook = { ...webhook, clientConfig: service }
const deviceRequest = {
  name: 'r',
  exactly: {
    deviceClassName: 'c',
    selectors: [{ cel: { expression: 'device.driver == "d"' } }],
    allocationMode: 'ExactCount',
    count: 2,
    adminAccess: false,
    tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoSchedule' }],
  },
}
const claimSpec = {
  devices: {
    requests: [
      deviceRequest,
      {
        name: 'f',
        firstAvailable: [
          { name: 'a', deviceClassName: 'c' },
          { name: 'b', deviceClassName: 'c', count: 2 },
        ],
      },
    ],
    constraints: [{ requests: ['r'], matchAttribute: 'd.example/a' }],
    config: [{ requests: ['r'], opaque: { driver: 'd.example', parameters: { a: 1 } } }],
  },
}

export const otherBases: readonly Base[] = [
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
    RBAC,
    'Role',
    'roles',
    'role',
    { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'], resourceNames: ['x'] }] },
    true,
  ),
  of(
    RBAC,
    'ClusterRole',
    'clusterroles',
    'crole',
    {
      rules: [
        { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
        { nonResourceURLs: ['/healthz', '/x/*'], verbs: ['get'] },
      ],
      aggregationRule: { clusterRoleSelectors: [selector] },
    },
    false,
  ),
  of(
    RBAC,
    'RoleBinding',
    'rolebindings',
    'rb',
    {
      subjects: [
        { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'u' },
        { kind: 'ServiceAccount', name: 's', namespace: 'n' },
        { kind: 'Group', name: 'g' },
      ],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
    },
    true,
  ),
  of(
    RBAC,
    'ClusterRoleBinding',
    'clusterrolebindings',
    'crb',
    {
      subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'g' }],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' },
    },
    false,
  ),
  of(
    STORAGE,
    'StorageClass',
    'storageclasses',
    'sc',
    {
      provisioner: 'example.com/p',
      parameters: { a: 'b' },
      reclaimPolicy: 'Retain',
      mountOptions: ['ro'],
      allowVolumeExpansion: true,
      volumeBindingMode: 'WaitForFirstConsumer',
      allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['a'] }] }],
    },
    false,
  ),
  of(
    STORAGE,
    'CSIDriver',
    'csidrivers',
    'd.example',
    {
      spec: {
        attachRequired: true,
        podInfoOnMount: true,
        volumeLifecycleModes: ['Persistent', 'Ephemeral'],
        storageCapacity: true,
        fsGroupPolicy: 'File',
        tokenRequests: [{ audience: 'a', expirationSeconds: 3600 }],
        requiresRepublish: true,
        seLinuxMount: true,
        nodeAllocatableUpdatePeriodSeconds: 30,
      },
    },
    false,
  ),
  of(
    STORAGE,
    'CSINode',
    'csinodes',
    'csin',
    { spec: { drivers: [{ name: 'd.example', nodeID: 'n', topologyKeys: ['k'], allocatable: { count: 3 } }] } },
    false,
  ),
  of(
    STORAGE,
    'CSIStorageCapacity',
    'csistoragecapacities',
    'csic',
    { storageClassName: 'sc', nodeTopology: selector, capacity: '1Gi', maximumVolumeSize: '1Mi' },
    true,
  ),
  of(
    STORAGE,
    'VolumeAttachment',
    'volumeattachments',
    'va',
    { spec: { attacher: 'd.example', nodeName: 'n', source: { persistentVolumeName: 'pv' } } },
    false,
  ),
  of(
    STORAGE,
    'VolumeAttributesClass',
    'volumeattributesclasses',
    'vac',
    { driverName: 'd.example', parameters: { a: 'b' } },
    false,
  ),
  of(
    'scheduling.k8s.io/v1',
    'PriorityClass',
    'priorityclasses',
    'pc',
    { value: 10, globalDefault: false, description: 'd', preemptionPolicy: 'Never' },
    false,
  ),
  of(
    'node.k8s.io/v1',
    'RuntimeClass',
    'runtimeclasses',
    'rc',
    {
      handler: 'runc',
      overhead: { podFixed: { cpu: '10m' } },
      scheduling: { nodeSelector: { a: 'b' }, tolerations: [{ key: 'k', operator: 'Exists' }] },
    },
    false,
  ),
  of(
    'coordination.k8s.io/v1',
    'Lease',
    'leases',
    'lease',
    {
      spec: {
        holderIdentity: 'h',
        leaseDurationSeconds: 1,
        acquireTime: '2020-01-01T00:00:00.000000Z',
        renewTime: '2020-01-01T00:00:00.000000Z',
        leaseTransitions: 1,
      },
    },
    true,
  ),
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
  of(
    'events.k8s.io/v1',
    'Event',
    'events',
    'nev',
    {
      eventTime: '2020-01-01T00:00:00.000001Z',
      reportingController: 'c.example/x',
      reportingInstance: 'i',
      action: 'A',
      reason: 'R',
      regarding: { kind: 'Pod', namespace: 'default', name: 'p' },
      note: 'n',
      type: 'Normal',
    },
    true,
  ),
  of(
    'certificates.k8s.io/v1',
    'CertificateSigningRequest',
    'certificatesigningrequests',
    'csr',
    {
      spec: {
        request: CSR_PEM,
        signerName: 'kubernetes.io/kube-apiserver-client',
        usages: ['client auth', 'digital signature'],
        expirationSeconds: 3600,
      },
    },
    false,
  ),
  of(ADM, 'ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', 'vwc', { webhooks: [hook] }, false, {
    dry: true,
  }),
  of(
    ADM,
    'MutatingWebhookConfiguration',
    'mutatingwebhookconfigurations',
    'mwc',
    { webhooks: [{ ...hook, reinvocationPolicy: 'IfNeeded', clientConfig: { url: 'https://h.example/p' } }] },
    false,
    { dry: true },
  ),
  of(
    ADM,
    'ValidatingAdmissionPolicy',
    'validatingadmissionpolicies',
    'vap',
    {
      spec: {
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        matchConstraints: {
          resourceRules: [rule],
          excludeResourceRules: [{ ...rule, resourceNames: ['x'] }],
          matchPolicy: 'Equivalent',
          namespaceSelector: selector,
          objectSelector: selector,
        },
        validations: [
          { expression: 'object.spec.replicas <= 5', message: 'm', reason: 'Invalid' },
          { expression: 'true', messageExpression: '"a"' },
        ],
        failurePolicy: 'Fail',
        auditAnnotations: [{ key: 'k', valueExpression: '"v"' }],
        matchConditions: [{ name: 'c', expression: 'true' }],
        variables: [{ name: 'v', expression: '1' }],
      },
    },
    false,
    { dry: true },
  ),
  of(
    ADM,
    'ValidatingAdmissionPolicyBinding',
    'validatingadmissionpolicybindings',
    'vapb',
    {
      spec: {
        policyName: 'vap',
        paramRef: { name: 'p', namespace: 'n', parameterNotFoundAction: 'Deny' },
        matchResources: { resourceRules: [rule] },
        validationActions: ['Deny', 'Audit'],
      },
    },
    false,
    { dry: true },
  ),
  of(
    ADM,
    'MutatingAdmissionPolicy',
    'mutatingadmissionpolicies',
    'map',
    {
      spec: {
        matchConstraints: { resourceRules: [rule] },
        mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } }],
        failurePolicy: 'Fail',
        reinvocationPolicy: 'Never',
        variables: [{ name: 'v', expression: '1' }],
      },
    },
    false,
    { dry: true },
  ),
  of(
    ADM,
    'MutatingAdmissionPolicyBinding',
    'mutatingadmissionpolicybindings',
    'mapb',
    { spec: { policyName: 'map', paramRef: { selector, parameterNotFoundAction: 'Allow' } } },
    false,
    { dry: true },
  ),
  of(
    FLOW,
    'FlowSchema',
    'flowschemas',
    'fs',
    {
      spec: {
        priorityLevelConfiguration: { name: 'global-default' },
        matchingPrecedence: 100,
        distinguisherMethod: { type: 'ByUser' },
        rules: [
          {
            subjects: [
              { kind: 'User', user: { name: 'u' } },
              { kind: 'Group', group: { name: 'g' } },
              { kind: 'ServiceAccount', serviceAccount: { name: 's', namespace: 'n' } },
            ],
            resourceRules: [
              { verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['*'], clusterScope: true },
            ],
            nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['/healthz'] }],
          },
        ],
      },
    },
    false,
    { dry: true },
  ),
  of(
    FLOW,
    'PriorityLevelConfiguration',
    'prioritylevelconfigurations',
    'plc',
    {
      spec: {
        type: 'Limited',
        limited: {
          nominalConcurrencyShares: 10,
          lendablePercent: 10,
          borrowingLimitPercent: 20,
          limitResponse: { type: 'Queue', queuing: { queues: 8, handSize: 2, queueLengthLimit: 10 } },
        },
      },
    },
    false,
    { dry: true },
  ),
  of(
    FLOW,
    'PriorityLevelConfiguration',
    'prioritylevelconfigurations',
    'plc-exempt',
    { spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 10, lendablePercent: 10 } } },
    false,
    { dry: true },
  ),
  of(
    RES,
    'DeviceClass',
    'deviceclasses',
    'dc',
    {
      spec: {
        selectors: [{ cel: { expression: 'true' } }],
        config: [{ opaque: { driver: 'd.example', parameters: { a: 1 } } }],
        extendedResourceName: 'example.com/gpu',
      },
    },
    false,
  ),
  of(RES, 'ResourceClaim', 'resourceclaims', 'rclaim', { spec: claimSpec }, true),
  of(
    RES,
    'ResourceClaimTemplate',
    'resourceclaimtemplates',
    'rct',
    { spec: { metadata: { labels: { a: 'b' } }, spec: { devices: { requests: [deviceRequest] } } } },
    true,
  ),
  of(
    RES,
    'ResourceSlice',
    'resourceslices',
    'rslice',
    {
      spec: {
        driver: 'd.example',
        pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
        nodeName: 'n',
        devices: [
          {
            name: 'dev',
            attributes: { a: { int: 1 }, b: { string: 's' }, c: { bool: true }, d: { version: '1.0.0' } },
            capacity: { mem: { value: '1Gi' } },
            taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }],
          },
        ],
      },
    },
    false,
  ),
  of(
    'apiregistration.k8s.io/v1',
    'APIService',
    'apiservices',
    'v1.g.example',
    {
      spec: {
        group: 'g.example',
        version: 'v1',
        groupPriorityMinimum: 100,
        versionPriority: 10,
        service: { name: 's', namespace: 'n', port: 443 },
        insecureSkipTLSVerify: true,
      },
    },
    false,
    { dry: true },
  ),
  of(
    'authorization.k8s.io/v1',
    'SubjectAccessReview',
    'subjectaccessreviews',
    '',
    {
      metadata: undefined,
      spec: {
        user: 'u',
        groups: ['g'],
        uid: 'x',
        extra: { k: ['v'] },
        resourceAttributes: {
          namespace: 'n',
          verb: 'get',
          resource: 'pods',
          group: '',
          version: 'v1',
          name: 'x',
          subresource: 'log',
        },
      },
    },
    false,
    { review: true },
  ),
  of(
    'authorization.k8s.io/v1',
    'SelfSubjectAccessReview',
    'selfsubjectaccessreviews',
    '',
    { metadata: undefined, spec: { nonResourceAttributes: { path: '/x', verb: 'get' } } },
    false,
    { review: true },
  ),
  of(
    'authorization.k8s.io/v1',
    'SelfSubjectRulesReview',
    'selfsubjectrulesreviews',
    '',
    { metadata: undefined, spec: { namespace: 'default' } },
    false,
    { review: true },
  ),
  of(
    'authentication.k8s.io/v1',
    'TokenReview',
    'tokenreviews',
    '',
    { metadata: undefined, spec: { token: 'x', audiences: ['a'] } },
    false,
    { review: true },
  ),
  of('authentication.k8s.io/v1', 'SelfSubjectReview', 'selfsubjectreviews', '', { metadata: undefined }, false, {
    review: true,
  }),
]
