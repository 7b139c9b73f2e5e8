/** Webhooks, admission policies and API services, for the differential corpus. */

import type { Base } from '../corpus.ts'
import { baseOf as of } from './base-of.ts'

const ADM = 'admissionregistration.k8s.io/v1'

const selector = { matchLabels: { a: 'b' } }
const rule = {
  apiGroups: ['apps'],
  apiVersions: ['v1'],
  operations: ['CREATE'],
  resources: ['deployments'],
  scope: '*',
}
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

export const extensionBases: readonly Base[] = [
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
]
