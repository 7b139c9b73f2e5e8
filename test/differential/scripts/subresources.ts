/** Subresources: eviction, scale, binding, ephemeral containers, resize, status, tokens, reviews. */

import { configMap, deployment, of, pod } from './objects.ts'
import { apply, at, get, jsonPatch, patch, post, put, remove, script, strategic } from './script.ts'

const p = at('pods', 'p')
const d = at('deployments', 'd')
const binding = (rest: object, name = 'p', metadata = {}) => of('v1', 'Binding', name, { ...rest }, metadata)
const scale = (rest: object, metadata = {}) => of('autoscaling/v1', 'Scale', 'd', { ...rest }, metadata)
const account = at('serviceaccounts', 'default')
const request = (spec: object, more: object = {}) => ({
  apiVersion: 'authentication.k8s.io/v1',
  kind: 'TokenRequest',
  spec,
  ...more,
})
const evict = (rest: object = {}, metadata = {}) => of('policy/v1', 'Eviction', 'p', { ...rest }, metadata)

export const subresourceScripts = [
  script(
    'subresources/binding',
    post(at('pods'), pod('p')),
    post(`${p}/binding`, binding({})),
    post(`${p}/binding`, binding({ target: { kind: 'Pod', name: 'x' } })),
    post(`${p}/binding`, binding({ target: { kind: 'Node' } })),
    post(`${p}/binding`, binding({ target: { kind: 'Node', name: 'n' } }, 'other')),
    post(`${p}/binding`, binding({ target: { kind: 'Node', name: 'n' } }, 'p', { uid: 'wrong' })),
    post(`${p}/binding?dryRun=All`, binding({ target: { kind: 'Node', name: 'n' } })),
    post(
      `${p}/binding`,
      binding({ target: { kind: 'Node', name: 'n' } }, 'p', { annotations: { a: 'b' }, labels: { topologyk: 'x' } }),
    ),
    get(p),
    post(`${p}/binding`, binding({ target: { kind: 'Node', name: 'n' } })),
    post(`${p}/binding`, binding({ target: { kind: 'Node', name: 'm' } })),
    post(`${p}/binding?dryRun=All`, binding({ target: { kind: 'Node', name: 'm' } })),
    post(`${at('pods', 'nope')}/binding`, binding({ target: { kind: 'Node', name: 'm' } }, 'nope')),
    post(`${at('pods', 'nope')}/binding?dryRun=All`, binding({ target: { kind: 'Node', name: 'm' } }, 'nope')),
    post(at('bindings'), binding({ target: { kind: 'Node', name: 'm' } })),
    post(at('bindings'), binding({ target: { kind: 'Node', name: 'm' } }, 'nope')),
    post(at('bindings'), pod('x')),
    post(`${p}/binding`, pod('p')),
    post(at('pods'), pod('gated', { schedulingGates: [{ name: 'a.io/g' }] })),
    post(`${at('pods', 'gated')}/binding`, binding({ target: { kind: 'Node', name: 'm' } }, 'gated')),
    post(at('pods'), pod('dying', {}, { finalizers: ['a.io/x'] })),
    remove(at('pods', 'dying')),
    post(`${at('pods', 'dying')}/binding`, binding({ target: { kind: 'Node', name: 'm' } }, 'dying')),
    patch(at('pods', 'dying'), { metadata: { finalizers: null } }),
  ),
  script(
    'subresources/eviction',
    post(at('pods'), pod('p', {}, { labels: { a: 'b' } })),
    post(`${p}/eviction`, of('policy/v1', 'Eviction', 'other')),
    post(`${p}/eviction`, pod('p')),
    post(`${p}/eviction`, of('policy/v1', 'PodDisruptionBudget', 'p')),
    post(`${p}/eviction`, of('policy/v1beta1', 'Eviction', 'p')),
    post(`${p}/eviction`, {}),
    post(`${p}/eviction?dryRun=All`, evict()),
    post(`${p}/eviction`, evict({ deleteOptions: { dryRun: ['All'] } })),
    post(`${p}/eviction`, evict({ deleteOptions: { preconditions: { uid: 'x' } } })),
    post(`${p}/eviction`, evict({ deleteOptions: { gracePeriodSeconds: -1 } })),
    post(`${p}/eviction`, evict({ deleteOptions: { propagationPolicy: 'Bogus' } })),
    post(`${at('pods', 'nope')}/eviction`, of('policy/v1', 'Eviction', 'nope')),
    post(
      at('poddisruptionbudgets'),
      of('policy/v1', 'PodDisruptionBudget', 'one', {
        spec: { minAvailable: 1, selector: { matchLabels: { a: 'b' } } },
      }),
    ),
    patch(`${p}/status`, { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } }),
    post(`${p}/eviction`, evict()),
    put(
      `${at('poddisruptionbudgets', 'one')}/status`,
      of('policy/v1', 'PodDisruptionBudget', 'one', {
        status: { observedGeneration: 1, disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
      }),
    ),
    post(`${p}/eviction`, evict()),
    post(`${p}/eviction?dryRun=All`, evict()),
    put(
      `${at('poddisruptionbudgets', 'one')}/status`,
      of('policy/v1', 'PodDisruptionBudget', 'one', {
        status: { observedGeneration: 1, disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 },
      }),
    ),
    post(
      at('poddisruptionbudgets'),
      of('policy/v1', 'PodDisruptionBudget', 'two', {
        spec: { minAvailable: 1, selector: { matchLabels: { a: 'b' } } },
      }),
    ),
    post(`${p}/eviction`, evict()),
    remove(at('poddisruptionbudgets', 'two')),
    post(`${p}/eviction`, evict()),
    get(at('poddisruptionbudgets', 'one')),
    get(p),
  ),
  script(
    'subresources/scale',
    post(at('deployments'), deployment('d')),
    get(`${d}/scale`),
    put(`${d}/scale`, scale({ spec: { replicas: 3 } })),
    put(`${d}/scale`, scale({ spec: { replicas: -3 } })),
    put(`${d}/scale`, scale({ spec: { replicas: 'x' } })),
    put(`${d}/scale`, scale({})),
    put(`${d}/scale`, of('autoscaling/v1', 'Scale', 'other', { spec: { replicas: 3 } })),
    put(`${d}/scale`, scale({ spec: { replicas: 1 } }, { resourceVersion: '1' })),
    put(`${d}/scale`, scale({ spec: { replicas: 1 } }, { uid: 'x' })),
    put(`${d}/scale`, scale({ spec: { replicas: 1 } }, { namespace: 'other' })),
    put(`${d}/scale`, deployment('d')),
    patch(`${d}/scale`, { spec: { replicas: 5 } }),
    patch(`${d}/scale`, { spec: { replicas: null } }),
    patch(`${d}/scale`, { metadata: { labels: { a: 'b' } }, status: { replicas: 8 } }),
    strategic(`${d}/scale`, { spec: { replicas: 6 } }),
    jsonPatch(`${d}/scale`, [{ op: 'replace', path: '/spec/replicas', value: 7 }]),
    put(`${d}/scale?dryRun=All`, scale({ spec: { replicas: 30 } })),
    get(`${at('deployments', 'nope')}/scale`),
    put(`${at('deployments', 'nope')}/scale`, of('autoscaling/v1', 'Scale', 'nope', { spec: { replicas: 3 } })),
    patch(`${at('deployments', 'nope')}/scale`, { spec: { replicas: 3 } }),
    remove(`${d}/scale`),
    post(`${d}/scale`, scale({})),
    get(d),
  ),
  script(
    'subresources/pod-parts',
    post(
      at('pods'),
      pod('p', {
        containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' }, limits: { cpu: '2' } } }],
      }),
    ),
    get(`${p}/ephemeralcontainers`),
    patch(`${p}/ephemeralcontainers`, { spec: { ephemeralContainers: [{ name: 'e', image: 'i' }] } }),
    strategic(`${p}/ephemeralcontainers`, { spec: { ephemeralContainers: [{ name: 'f', image: 'i' }] } }),
    strategic(`${p}/ephemeralcontainers`, { spec: { ephemeralContainers: [{ name: 'f', image: 'changed' }] } }),
    patch(`${p}/ephemeralcontainers`, { spec: { ephemeralContainers: [] } }),
    strategic(`${p}/ephemeralcontainers`, { spec: { ephemeralContainers: [{ name: 'c', image: 'i' }] } }),
    strategic(`${p}/ephemeralcontainers`, {
      spec: {
        ephemeralContainers: [
          {
            name: 'g',
            image: 'i',
            ports: [{ containerPort: 1 }],
            livenessProbe: {},
            resources: { limits: { cpu: 1 } },
          },
        ],
      },
    }),
    strategic(`${p}/ephemeralcontainers`, {
      spec: { ephemeralContainers: [{ name: 'g', image: 'i', targetContainerName: 'nope' }] },
    }),
    patch(`${p}/ephemeralcontainers`, { spec: { containers: [{ name: 'c', image: 'j' }] } }),
    patch(p, { spec: { ephemeralContainers: [] } }),
    post(at('pods'), pod('q', { ephemeralContainers: [{ name: 'e', image: 'i' }] })),
    get(`${p}/resize`),
    strategic(`${p}/resize`, { spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1500m' } } }] } }),
    strategic(`${p}/resize`, { spec: { containers: [{ name: 'c', resources: { requests: { cpu: '3' } } }] } }),
    strategic(`${p}/resize`, { spec: { containers: [{ name: 'c', resources: { requests: { memory: '1Mi' } } }] } }),
    strategic(`${p}/resize`, { spec: { containers: [{ name: 'c', image: 'j' }] } }),
    strategic(`${p}/resize`, { spec: { containers: [{ name: 'c', resources: { limits: { cpu: null } } }] } }),
    strategic(`${p}/resize`, { spec: { containers: [{ name: 'd', image: 'j' }] } }),
    strategic(p, { spec: { containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }] } }),
    strategic(`${p}/status`, {
      status: { phase: 'Running' },
      spec: { nodeName: 'x' },
      metadata: { labels: { a: 'b' } },
    }),
    patch(`${p}/status`, { status: { phase: 'Bogus' } }),
    patch(`${p}/status`, {
      status: { containerStatuses: [{ name: 'c', ready: true, restartCount: -1, image: 'i', imageID: '' }] },
    }),
    patch(`${p}/status`, { status: { conditions: [{ type: 'Ready', status: 'Bogus' }] } }),
    put(`${p}/status`, of('v1', 'Pod', 'p', { status: { phase: 'Running' } })),
    patch(`${at('pods', 'nope')}/status`, { status: {} }),
    apply(
      `${p}/ephemeralcontainers?fieldManager=m`,
      of('v1', 'Pod', 'p', { spec: { ephemeralContainers: [{ name: 'z', image: 'z' }] } }),
    ),
    get(`${p}/log`),
    get(`${p}/log?container=nope`),
    get(`${p}/log?tailLines=-1`),
    get(`${p}/log?sinceSeconds=0`),
    get(`${p}/log?sinceSeconds=5&sinceTime=2020-01-01T00:00:00Z`),
    get(`${p}/log?limitBytes=0`),
    get(`${p}/log?follow=maybe`),
    get(`${at('pods', 'nope')}/log`),
    get(`${p}/exec?command=x`),
    post(`${p}/exec`, undefined),
    get(`${p}/attach`),
    get(`${p}/portforward`),
    get(`${p}/proxy`),
    get('/api/v1/nodes/nope/proxy/x'),
    get('/api/v1/namespaces/$NS/services/nope/proxy/x'),
  ),
  script(
    'subresources/token',
    post(`${account}/token`, request({}), { unread: true }),
    post(`${account}/token`, request({ expirationSeconds: 10 })),
    post(`${account}/token`, request({ expirationSeconds: 2 ** 33 })),
    post(`${account}/token`, request({ expirationSeconds: 0 })),
    post(`${account}/token`, request({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'nope' } })),
    post(`${account}/token`, request({ boundObjectRef: { kind: 'ConfigMap', apiVersion: 'v1', name: 'nope' } })),
    post(`${account}/token`, request({ boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 'nope' } })),
    post(`${account}/token`, request({ boundObjectRef: { kind: 'Node', apiVersion: 'v1', name: 'nope' } })),
    post(`${account}/token`, request({ boundObjectRef: { kind: 'Pod', apiVersion: 'v2', name: 'nope' } })),
    post(`${account}/token`, request({}, { metadata: { name: 'other' } })),
    post(`${account}/token`, request({}, { metadata: { name: 'default', namespace: 'other' } })),
    post(`${at('serviceaccounts', 'nope')}/token`, request({})),
    post(`${account}/token?dryRun=All`, request({ audiences: ['a'] }), { unread: true }),
    post(`${account}/token`, configMap('x')),
    post(`${account}/token`, {}, { unread: true }),
    put(`${account}/token`, request({})),
  ),
  script(
    'subresources/reviews',
    ...['selfsubjectaccessreviews', 'subjectaccessreviews', 'selfsubjectrulesreviews'].flatMap((plural) => {
      const path = `/apis/authorization.k8s.io/v1/${plural}`
      const kind = {
        selfsubjectaccessreviews: 'SelfSubjectAccessReview',
        subjectaccessreviews: 'SubjectAccessReview',
        selfsubjectrulesreviews: 'SelfSubjectRulesReview',
      }[plural]!
      const review = (spec: object) => ({ apiVersion: 'authorization.k8s.io/v1', kind, spec })
      return [
        {},
        { resourceAttributes: { verb: 'get', resource: 'pods' } },
        { user: 'u', resourceAttributes: { verb: 'get', resource: 'pods', namespace: '$NS' } },
        { user: 'u', nonResourceAttributes: { verb: 'get', path: '/healthz' } },
        { user: 'u', nonResourceAttributes: { verb: 'get', path: '/x' } },
        { user: 'u', resourceAttributes: {}, nonResourceAttributes: {} },
        { user: 'u', groups: ['system:masters'], resourceAttributes: { verb: '*', resource: '*' } },
        {
          user: 'u',
          resourceAttributes: {
            verb: 'list',
            resource: 'pods',
            fieldSelector: { rawSelector: 'a=b', requirements: [{ key: 'a', operator: 'In', values: ['b'] }] },
          },
        },
        {
          user: 'u',
          resourceAttributes: {
            verb: 'list',
            resource: 'pods',
            labelSelector: { requirements: [{ key: '', operator: 'Bogus' }] },
          },
        },
        { namespace: '$NS' },
        ...['a/b', 'a=b', '=', 'a in (b', '!a'].flatMap((rawSelector) =>
          ['fieldSelector', 'labelSelector'].map((field) => ({
            user: 'u',
            resourceAttributes: { verb: 'list', resource: 'pods', [field]: { rawSelector } },
          })),
        ),
        {
          user: 'u',
          resourceAttributes: {
            verb: 'list',
            resource: 'pods',
            fieldSelector: {
              requirements: [
                { key: 'a', operator: 'In', values: ['b'] },
                { key: 'c', operator: 'Exists' },
              ],
            },
          },
        },
      ].map((spec) => post(path, review(spec)))
    }),
    post(
      '/apis/authentication.k8s.io/v1/selfsubjectreviews',
      { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
      { headers: { 'impersonate-user': 'u', 'impersonate-group': 'system:masters' } },
    ),
    post('/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: {},
    }),
    post('/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token: 'x.y.z', audiences: ['a'] },
    }),
    post('/apis/authorization.k8s.io/v1/namespaces/$NS/localsubjectaccessreviews', {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'LocalSubjectAccessReview',
      spec: { user: 'u', resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'other' } },
    }),
    post('/apis/authorization.k8s.io/v1/namespaces/$NS/localsubjectaccessreviews', {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'LocalSubjectAccessReview',
      spec: { user: 'u', resourceAttributes: { verb: 'get', resource: 'pods', namespace: '$NS' } },
    }),
    post('/apis/authorization.k8s.io/v1/namespaces/$NS/localsubjectaccessreviews', {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'LocalSubjectAccessReview',
      spec: { user: 'u', nonResourceAttributes: { verb: 'get', path: '/' } },
    }),
  ),
]
