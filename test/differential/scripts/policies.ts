/** Admission policies: what they say about requests, with which texts. Each case is a policy about objects of its label. */

import { type Case, holds, type Json, scriptOf, simple } from './policy-cases.ts'

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

export const policyScripts = [
  scriptOf('policies/expressions', 'Validating', expressions),
  scriptOf('policies/parameters', 'Validating', parameters),
]
