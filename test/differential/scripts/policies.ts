/** Admission policies: what they say about requests, with which texts. Each case is a policy about objects of its label. */

import { configMap, deployment, of, pod } from './objects.ts'
import { at, get, patch, post, put, remove, script, type Step } from './script.ts'

const API = '/apis/admissionregistration.k8s.io/v1'
const POLICIES = `${API}/validatingadmissionpolicies`
const BINDINGS = `${API}/validatingadmissionpolicybindings`
const GROUP = 'admissionregistration.k8s.io/v1'
/** A real API server notices policies once a second. */
const NOTICED = 2_500

type Json = Readonly<Record<string, unknown>>

interface Case {
  readonly name: string
  readonly spec: Json
  readonly binding?: Json
  readonly rule?: Json
  readonly steps: readonly Step[]
}

const rule = (resources: string, operations = 'CREATE UPDATE', group = '', version = 'v1') => ({
  apiGroups: [group],
  apiVersions: [version],
  operations: operations.split(' '),
  resources: resources.split(' '),
})
const holds = (expression: string, more: Json = {}) => ({ expression, ...more })
/** A ConfigMap that only the case's policy is about. */
const labelled = (name: string, data: Json = { a: '1' }) => configMap(`c-${name}`, { data }, { labels: { case: name } })
const made = (name: string, data?: Json) => post(at('configmaps'), labelled(name, data))

/** A policy about ConfigMaps of its label, and one of these made. */
const simple = (name: string, spec: Json, more: Partial<Case> = {}): Case => ({
  name,
  spec,
  steps: [made(name)],
  ...more,
})

const expressions: readonly Case[] = [
  simple('plain', { validations: [holds('object.data.a == "2"')] }),
  simple('allowed', { validations: [holds('object.data.a == "1"')] }),
  simple('message', { validations: [holds('false', { message: ' no way ' })] }),
  simple('made-message', { validations: [holds('false', { messageExpression: '"no " + object.metadata.name' })] }),
  simple('long-message', {
    validations: [holds('false', { message: 'short', messageExpression: '"a\\nb"' })],
  }),
  simple('failing-message', { validations: [holds('false', { messageExpression: 'string(object.data.none)' })] }),
  simple('forbidden', { validations: [holds('false', { reason: 'Forbidden' })] }),
  simple('too-large', { validations: [holds('false', { reason: 'RequestEntityTooLarge' })] }),
  simple('second', { validations: [holds('true'), holds('false', { message: 'second' }), holds('false')] }),
  simple('missing-key', { validations: [holds('object.spec.x == 1')] }),
  simple('missing-ignored', { failurePolicy: 'Ignore', validations: [holds('object.spec.x == 1')] }),
  simple('division', { validations: [holds('1 / (size(object.data) - 1) == 1')] }),
  simple('index', { validations: [holds('[1][size(object.data)] == 1')] }),
  simple('overload', { validations: [holds('object.data.a + 1 == 2')] }),
  simple('conversion', { validations: [holds('int(object.metadata.name) == 2')] }),
  simple('old', { validations: [holds('oldObject == null')] }),
  simple('request', {
    validations: [
      holds('false', {
        messageExpression:
          'request.operation + " " + request.kind.kind + " " + request.resource.resource + " " + request.name + " " + request.namespace + " " + request.userInfo.username + " " + string(request.dryRun) + " " + request.requestKind.version',
      }),
    ],
  }),
  simple('request-subresource', { validations: [holds('request.subResource == ""')] }),
  simple('request-has', { validations: [holds('!has(request.subResource) && !has(request.options.dryRun)')] }),
  simple('options', {
    validations: [holds('false', { messageExpression: 'string(request.options.kind) + request.options.apiVersion' })],
  }),
  simple('groups', { validations: [holds('false', { messageExpression: 'request.userInfo.groups.join(",")' })] }),
  simple('namespace-object', {
    validations: [
      holds('false', { messageExpression: 'namespaceObject.metadata.name + namespaceObject.status.phase' }),
    ],
  }),
  simple('variables', {
    variables: [
      { name: 'a', expression: 'object.data.a' },
      { name: 'b', expression: 'variables.a + "x"' },
    ],
    validations: [holds('variables.b == "y"', { messageExpression: '"b is " + variables.b' })],
  }),
  simple('failing-variable', {
    variables: [{ name: 'a', expression: 'object.spec.none' }],
    validations: [holds('variables.a == 1')],
  }),
  simple('unused-variable', {
    variables: [{ name: 'a', expression: 'object.spec.none' }],
    validations: [holds('true || variables.a == 1')],
  }),
  simple('condition-no', { matchConditions: [{ name: 'n', expression: 'false' }], validations: [holds('false')] }),
  simple('condition-yes', {
    matchConditions: [{ name: 'n', expression: 'object.data.a == "1"' }],
    validations: [holds('false')],
  }),
  simple('condition-fails', {
    matchConditions: [
      { name: 'n', expression: 'object.x.y == 1' },
      { name: 'm', expression: 'object.z.y == 1' },
    ],
    validations: [holds('true')],
  }),
  simple('condition-ignored', {
    failurePolicy: 'Ignore',
    matchConditions: [{ name: 'n', expression: 'object.x.y == 1' }],
    validations: [holds('false')],
  }),
  simple('condition-decides', {
    matchConditions: [
      { name: 'n', expression: 'object.x.y == 1' },
      { name: 'm', expression: 'false' },
    ],
    validations: [holds('false')],
  }),
  simple('condition-namespace', {
    matchConditions: [{ name: 'n', expression: 'namespaceObject.metadata.name != ""' }],
    validations: [holds('true')],
  }),
  simple('authorizer', {
    validations: [
      holds('authorizer.group("").resource("pods").namespace("default").check("get").allowed()'),
      holds('authorizer.requestResource.check("delete").allowed()'),
      holds('authorizer.serviceAccount("default", "nobody").path("/healthz").check("get").allowed()', {
        message: 'third',
      }),
    ],
  }),
  simple('authorizer-reason', {
    validations: [
      holds('authorizer.serviceAccount("default", "nobody").group("").resource("pods").check("get").allowed()', {
        message: 'not allowed',
      }),
    ],
  }),
  simple('annotation', { auditAnnotations: [{ key: 'k', valueExpression: 'string(object.data.a)' }] }),
  simple('failing-annotation', { auditAnnotations: [{ key: 'k', valueExpression: 'string(object.spec.none)' }] }),
  simple(
    'failing-annotation-warns',
    { auditAnnotations: [{ key: 'k', valueExpression: 'string(object.spec.none)' }] },
    { binding: { validationActions: ['Warn'] } },
  ),
  simple('annotation-ignored', {
    failurePolicy: 'Ignore',
    auditAnnotations: [{ key: 'k', valueExpression: 'string(object.spec.none)' }],
  }),
  simple('costly', {
    validations: [
      holds(
        '[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, [1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, a+b+c+d+e > 0)))))',
      ),
    ],
  }),
  simple('costly-together', {
    validations: Array.from({ length: 30 }, () =>
      holds('authorizer.group("").resource("pods").check("get").allowed()'),
    ),
  }),
  simple(
    'warns',
    { validations: [holds('false', { message: 'careful' })] },
    { binding: { validationActions: ['Warn'] } },
  ),
  simple('audits', { validations: [holds('false')] }, { binding: { validationActions: ['Audit'] } }),
  simple('warns-audits', { validations: [holds('false')] }, { binding: { validationActions: ['Warn', 'Audit'] } }),
  simple('denies-audits', { validations: [holds('false')] }, { binding: { validationActions: ['Deny', 'Audit'] } }),
]

const params = {
  paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
  validations: [
    holds('object.data.a == params.data.a', { messageExpression: '"want " + params.data.a + params.kind' }),
  ],
}
const withRef = (paramRef: Json) => ({ binding: { validationActions: ['Deny'], paramRef } })
const parameters: readonly Case[] = [
  simple('param-name', params, withRef({ name: 'p1', namespace: '$NS', parameterNotFoundAction: 'Deny' })),
  simple('param-own-namespace', params, withRef({ name: 'p1', parameterNotFoundAction: 'Deny' })),
  simple('param-missing-denied', params, withRef({ name: 'none', parameterNotFoundAction: 'Deny' })),
  simple('param-missing-allowed', params, withRef({ name: 'none', parameterNotFoundAction: 'Allow' })),
  simple(
    'param-selector',
    params,
    withRef({ selector: { matchLabels: { p: 'only' } }, parameterNotFoundAction: 'Deny' }),
  ),
  simple(
    'param-selector-none',
    params,
    withRef({ selector: { matchLabels: { p: 'no' } }, parameterNotFoundAction: 'Deny' }),
  ),
  simple('param-no-ref', params, {}),
  simple('param-null', { ...params, validations: [holds('params == null')] }, {}),
  simple(
    'param-unknown',
    { ...params, paramKind: { apiVersion: 'nope.io/v1', kind: 'Foo' } },
    withRef({ name: 'p1', parameterNotFoundAction: 'Deny' }),
  ),
  simple(
    'param-cluster',
    {
      ...params,
      paramKind: { apiVersion: 'v1', kind: 'Namespace' },
      validations: [holds('params.metadata.name != "default"')],
    },
    withRef({ name: 'default', parameterNotFoundAction: 'Deny' }),
  ),
  simple(
    'param-cluster-namespace',
    { ...params, paramKind: { apiVersion: 'v1', kind: 'Namespace' } },
    withRef({ name: 'default', namespace: 'x', parameterNotFoundAction: 'Deny' }),
  ),
]

const matching: readonly Case[] = [
  simple('excluded', { validations: [holds('false')] }, { rule: { excludeResourceRules: [rule('configmaps')] } }),
  simple(
    'named',
    { validations: [holds('false')] },
    { rule: { resourceRules: [{ ...rule('configmaps'), resourceNames: ['c-named'] }] } },
  ),
  simple(
    'named-other',
    { validations: [holds('false')] },
    { rule: { resourceRules: [{ ...rule('configmaps'), resourceNames: ['other'] }] } },
  ),
  simple(
    'wild',
    { validations: [holds('false')] },
    { rule: { resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'] }] } },
  ),
  simple(
    'cluster-scope',
    { validations: [holds('false')] },
    { rule: { resourceRules: [{ ...rule('configmaps'), scope: 'Cluster' }] } },
  ),
  simple(
    'binding-rules',
    { validations: [holds('false')] },
    { binding: { validationActions: ['Deny'], matchResources: { resourceRules: [rule('pods')] } } },
  ),
  simple(
    'binding-namespace',
    { validations: [holds('false')] },
    {
      binding: {
        validationActions: ['Deny'],
        matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': '$NS' } } },
      },
    },
  ),
  simple(
    'updates',
    { validations: [holds('object.data.a == oldObject.data.a')] },
    {
      rule: { resourceRules: [rule('configmaps', 'UPDATE')] },
      steps: [
        made('updates'),
        put(at('configmaps', 'c-updates'), labelled('updates', { a: '2' })),
        patch(at('configmaps', 'c-updates'), { data: { a: '3' } }),
        patch(at('configmaps', 'c-updates'), { data: { b: '3' } }),
      ],
    },
  ),
  simple(
    'deletes',
    {
      validations: [
        holds('object == null && oldObject.data.a == "2"', {
          messageExpression: 'request.operation + string(request.options.kind)',
        }),
      ],
    },
    {
      rule: { resourceRules: [rule('configmaps', 'DELETE')] },
      steps: [
        made('deletes'),
        remove(at('configmaps', 'c-deletes')),
        remove(`${at('configmaps')}?labelSelector=case%3Ddeletes`),
      ],
    },
  ),
  simple(
    'deployments',
    { validations: [holds('object.spec.replicas > 1', { message: 'more' })] },
    {
      rule: { resourceRules: [rule('deployments', 'CREATE', 'apps')] },
      steps: [
        post(at('deployments'), deployment('d1', {}, { labels: { case: 'deployments' } })),
        post(at('deployments'), deployment('d2', { replicas: 2 }, { labels: { case: 'deployments' } })),
      ],
    },
  ),
  simple(
    'generated',
    { validations: [holds('false', { messageExpression: 'has(request.name) ? "named" : "nameless"' })] },
    {
      steps: [post(at('configmaps'), { ...configMap('', {}, { generateName: 'g-', labels: { case: 'generated' } }) })],
    },
  ),
  simple(
    'equivalent',
    {
      validations: [
        holds('false', {
          messageExpression:
            'request.kind.version + request.requestKind.version + (has(object.spec.metrics) ? "2" : "1")',
        }),
      ],
    },
    {
      rule: { resourceRules: [rule('horizontalpodautoscalers', 'CREATE', 'autoscaling', 'v2')] },
      steps: [
        post(
          '/apis/autoscaling/v1/namespaces/$NS/horizontalpodautoscalers',
          of(
            'autoscaling/v1',
            'HorizontalPodAutoscaler',
            'h',
            { spec: { maxReplicas: 3, targetCPUUtilizationPercentage: 5, scaleTargetRef: { kind: 'D', name: 'd' } } },
            { labels: { case: 'equivalent' } },
          ),
        ),
      ],
    },
  ),
  simple(
    'exact',
    { validations: [holds('false')] },
    {
      rule: { matchPolicy: 'Exact', resourceRules: [rule('horizontalpodautoscalers', 'CREATE', 'autoscaling', 'v2')] },
      steps: [
        post(
          '/apis/autoscaling/v1/namespaces/$NS/horizontalpodautoscalers?dryRun=All',
          of(
            'autoscaling/v1',
            'HorizontalPodAutoscaler',
            'h',
            { spec: { maxReplicas: 3, scaleTargetRef: { kind: 'D', name: 'd' } } },
            { labels: { case: 'exact' } },
          ),
        ),
      ],
    },
  ),
  simple(
    'status',
    { validations: [holds('false', { messageExpression: 'request.subResource + request.kind.kind' })] },
    {
      rule: { resourceRules: [rule('pods/status', 'UPDATE')] },
      steps: [
        post(at('pods'), pod('p-status', {}, { labels: { case: 'status' } })),
        patch(`${at('pods', 'p-status')}/status`, { status: { message: 'm' } }),
        patch(at('pods', 'p-status'), { metadata: { labels: { x: 'y' } } }),
      ],
    },
  ),
]

/** Subresources have objects without labels: these policies are about everything in the namespace. */
const parts: readonly Case[] = [
  simple(
    'p-scale',
    {
      validations: [
        holds('object.spec.replicas < 3', {
          messageExpression:
            'object.kind + " " + request.kind.kind + " " + request.subResource + string(oldObject.spec.replicas)',
        }),
      ],
    },
    {
      rule: { objectSelector: {}, resourceRules: [rule('deployments/scale', '*', 'apps')] },
      steps: [
        post(at('deployments'), deployment('ds')),
        patch(`${at('deployments', 'ds')}/scale`, { spec: { replicas: 3 } }),
        patch(`${at('deployments', 'ds')}/scale`, { spec: { replicas: 2 } }),
      ],
    },
  ),
  simple(
    'p-evict',
    {
      validations: [
        holds('false', { messageExpression: 'object.kind + request.operation + request.name + request.kind.group' }),
      ],
    },
    {
      rule: { objectSelector: {}, resourceRules: [rule('pods/eviction', '*')] },
      steps: [post(at('pods'), pod('pe')), post(`${at('pods', 'pe')}/eviction`, of('policy/v1', 'Eviction', 'pe'))],
    },
  ),
  simple(
    'p-bind',
    {
      validations: [
        holds('false', { messageExpression: 'object.kind + request.operation + request.name + object.target.name' }),
      ],
    },
    {
      rule: { objectSelector: {}, resourceRules: [rule('pods/binding', '*')] },
      steps: [
        post(at('pods'), pod('pb')),
        post(`${at('pods', 'pb')}/binding`, of('v1', 'Binding', 'pb', { target: { name: 'n' } })),
      ],
    },
  ),
  simple(
    'p-token',
    {
      validations: [
        holds('false', { messageExpression: 'object.kind + request.operation + request.name + request.kind.group' }),
      ],
    },
    {
      rule: { objectSelector: {}, resourceRules: [rule('serviceaccounts/token', '*')] },
      steps: [
        post(`${at('serviceaccounts', 'default')}/token`, {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec: {},
        }),
      ],
    },
  ),
  simple(
    'p-exec',
    {
      validations: [
        holds('false', {
          messageExpression:
            'object.kind + request.operation + request.name + object.container + object.command[0] + string(object.stdin) + request.kind.kind',
        }),
      ],
    },
    {
      rule: {
        objectSelector: {},
        resourceRules: [rule('pods/exec pods/attach pods/portforward pods/proxy', 'CONNECT')],
      },
      steps: [
        post(at('pods'), pod('px')),
        post(`${at('pods', 'px')}/exec?container=c&command=ls&stdin=true`, undefined),
        post(`${at('pods', 'px')}/attach?container=c`, undefined),
        get(`${at('pods', 'px')}/proxy/x`),
      ],
    },
  ),
  simple(
    'p-namespace',
    {
      validations: [
        holds('false', {
          messageExpression:
            'request.name + (has(request.namespace) ? request.namespace : "none") + string(namespaceObject == null)',
        }),
      ],
    },
    {
      rule: { resourceRules: [rule('namespaces', 'UPDATE')], objectSelector: {} },
      steps: [patch('/api/v1/namespaces/$NS', { metadata: { labels: { a: 'b' } } })],
    },
  ),
]

function scriptOf(name: string, cases: readonly Case[]) {
  const prepare = cases.flatMap((each): Step[] => {
    const whole = {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': '$NS' } },
      objectSelector: { matchLabels: { case: each.name } },
      resourceRules: [rule('configmaps')],
      ...each.rule,
    }
    const policyName = `$NS-${each.name}`
    return [
      post(
        POLICIES,
        of(GROUP, 'ValidatingAdmissionPolicy', policyName, { spec: { matchConstraints: whole, ...each.spec } }),
      ),
      post(
        BINDINGS,
        of(GROUP, 'ValidatingAdmissionPolicyBinding', policyName, {
          spec: { policyName, validationActions: ['Deny'], ...each.binding },
        }),
      ),
    ]
  })
  const [first, ...rest] = cases.flatMap(({ steps }) => steps)
  const forget = cases.flatMap((each) => [
    remove(`${BINDINGS}/$NS-${each.name}`),
    remove(`${POLICIES}/$NS-${each.name}`),
  ])
  return script(
    name,
    post(at('configmaps'), configMap('p1', { data: { a: '5' } }, { labels: { p: 'only' } })),
    ...prepare,
    { ...(first as Step), waitMs: NOTICED },
    ...rest,
    ...forget,
  )
}

export const policyScripts = [
  scriptOf('policies/expressions', expressions),
  scriptOf('policies/parameters', parameters),
  scriptOf('policies/matching', matching),
  scriptOf('policies/parts', parts),
]
