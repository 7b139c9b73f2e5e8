/** Admission policies: which requests they are about, subresources and connections included. */

import { configMap, deployment, of, pod } from './objects.ts'
import { type Case, holds, labelled, made, rule, scriptOf, simple } from './policy-cases.ts'
import { at, get, patch, post, put, remove } from './script.ts'

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

export const policyMatchingScripts = [
  scriptOf('policies/matching', 'Validating', matching),
  scriptOf('policies/parts', 'Validating', parts),
]
