/** Roles, reviews of access and certificate requests, for the differential corpus. */

import type { Base } from '../corpus.ts'
import { CERTIFICATE_REQUEST } from './certificate-request.ts'
import { baseOf as of } from './base-of.ts'

const RBAC = 'rbac.authorization.k8s.io/v1'
const selector = { matchLabels: { a: 'b' } }

export const accessBases: readonly Base[] = [
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
    'certificates.k8s.io/v1',
    'CertificateSigningRequest',
    'certificatesigningrequests',
    'csr',
    {
      spec: {
        request: CERTIFICATE_REQUEST,
        signerName: 'kubernetes.io/kube-apiserver-client',
        usages: ['client auth', 'digital signature'],
        expirationSeconds: 3600,
      },
    },
    false,
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
