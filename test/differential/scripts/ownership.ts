/**
 * Server-side apply further on: shared owners, upgrades from client-side apply, keys that live objects have twice, atomic
 * and granular fields, defaults that are given up, owners that are forgotten, writes to subresources.
 */

import { configMap, deployment, of, pod, service } from './objects.ts'
import { apply, at, get, jsonPatch, patch, post, put, script, type Step, strategic } from './script.ts'

const LAST = 'kubectl.kubernetes.io/last-applied-configuration'
const by = (path: string, manager: string, force = false) =>
  `${path}?fieldManager=${manager}${force ? '&force=true' : ''}`
const map = (name: string) => at('configmaps', name)
const d = at('deployments', 'd')
const s = at('services', 's')
const p = at('pods', 'p')
const part = (spec: object) => of('apps/v1', 'Deployment', 'd', { spec })
const template = (...containers: object[]) => ({ template: { spec: { containers } } })
const status = (rest: object) => of('apps/v1', 'Deployment', 'd', { status: rest })

/** As kubectl has it: made by client-side apply, then applied by the server. */
const upgrade = (name: string, applied: unknown, ...next: readonly (readonly [string, object, boolean?])[]): Step[] => [
  post(
    by(at('configmaps'), 'kubectl-client-side-apply'),
    configMap(name, { data: { a: '1', b: '1', c: '1' } }, { annotations: { [LAST]: applied } }),
  ),
  ...next.map(([manager, data, force]) => apply(by(map(name), manager, force), configMap(name, { data }))),
  get(map(name)),
]
const applied = JSON.stringify({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x' },
  data: { a: '1', b: '1' },
})

export const ownershipScripts = [
  script(
    'ownership/shared',
    apply(by(d, 'one'), deployment('d', { replicas: 2, paused: true })),
    apply(by(d, 'two'), part({ replicas: 2 })),
    apply(by(d, 'three'), part({ replicas: 2, paused: true })),
    apply(by(d, 'four'), part({ replicas: 3, paused: false, minReadySeconds: 1 })),
    apply(by(d, 'one'), deployment('d', { paused: true })),
    apply(by(d, 'two'), part({})),
    apply(by(d, 'three'), part({ paused: true })),
    patch(by(d, 'five'), { spec: { replicas: 5 } }),
    patch(by(d, 'six'), { spec: { replicas: 5 } }),
    patch(by(d, 'six'), { spec: { replicas: 6 } }),
    apply(by(d, 'two'), part({ replicas: 6 })),
    apply(by(d, 'two'), part({ replicas: 7 })),
    apply(by(d, 'six'), part({ replicas: 7 })),
    apply(by(d, 'two', true), part({ replicas: 7, ...template({ name: 'c', image: 'j' }, { name: 'n', image: 'n' }) })),
    apply(by(d, 'one'), deployment('d')),
    apply(by(d, 'two'), part(template({ name: 'n', image: 'n' }))),
    apply(by(d, 'two'), part({})),
    put(by(d, 'seven'), deployment('d', { replicas: 1 })),
    get(d),
  ),
  script(
    'ownership/of subresources',
    apply(by(d, 'one'), deployment('d')),
    apply(by(`${d}/status`, 'one'), status({ replicas: 1, conditions: [{ type: 'a', status: 'True' }] })),
    apply(by(`${d}/status`, 'two'), status({ replicas: 2 })),
    apply(by(`${d}/status`, 'two', true), status({ replicas: 2, conditions: [{ type: 'b', status: 'True' }] })),
    apply(by(d, 'one'), { ...deployment('d'), status: { replicas: 9 } }),
    apply(by(`${d}/status`, 'one'), status({ conditions: [{ type: 'a', status: 'False' }] })),
    apply(by(`${d}/status`, 'one'), status({})),
    apply(by(`${d}/status`, 'three'), of('apps/v1', 'Deployment', 'd', { spec: { replicas: 8 } })),
    apply(by(`${d}/status`, 'three'), of('apps/v1', 'Deployment', 'd', {}, { labels: { a: 'b' } })),
    apply(by(`${d}/status`, 'three'), of('apps/v1', 'Deployment', 'none', {})),
    apply(by(`${at('deployments', 'none')}/status`, 'three'), of('apps/v1', 'Deployment', 'none', { status: {} })),
    put(by(`${d}/status`, 'four'), { ...deployment('d'), status: { replicas: 3 } }),
    strategic(by(`${d}/status`, 'four'), { status: { conditions: [{ type: 'c', status: 'True' }] } }),
    jsonPatch(by(`${d}/status`, 'four'), [{ op: 'remove', path: '/status/conditions' }]),
    get(d),
    post(by(at('pods'), 'maker'), pod('p')),
    apply(by(`${p}/status`, 'k'), of('v1', 'Pod', 'p', { status: { podIPs: [{ ip: '10.0.0.1' }], phase: 'Running' } })),
    apply(
      by(`${p}/status`, 'l'),
      of('v1', 'Pod', 'p', { status: { podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }] } }),
    ),
    apply(by(`${p}/status`, 'k'), of('v1', 'Pod', 'p', { status: {} })),
    apply(by(`${p}/resize`, 'r'), of('v1', 'Pod', 'p', { spec: { containers: [{ name: 'c', resources: {} }] } })),
    get(p),
  ),
  script(
    'ownership/upgrade with what was applied',
    ...upgrade('a', applied, ['kubectl', { a: '2' }], ['kubectl', { c: '3' }]),
  ),
  script(
    'ownership/upgrade by another manager',
    ...upgrade('a', applied, ['other', { a: '2' }], ['other', { a: '2' }, true]),
  ),
  script('ownership/upgrade without what was applied', ...upgrade('a', '', ['kubectl', { a: '2' }])),
  script(
    'ownership/upgrade of another kind',
    ...upgrade('a', '{"apiVersion":"v1","kind":"Secret"}', ['kubectl', { a: '2' }]),
  ),
  script('ownership/upgrade of a list', ...upgrade('a', '[]', ['kubectl', { a: '2' }])),
  script(
    'ownership/upgrade of an unknown field',
    ...upgrade('a', '{"apiVersion":"v1","kind":"ConfigMap","x":{"y":1}}', ['kubectl', { a: '2' }]),
  ),
  script(
    'ownership/upgrade after other writes',
    ...upgrade('a', applied, ['kubectl', { a: '1', b: '1' }]),
    patch(by(map('a'), 'kubectl-edit'), { data: { b: '9' } }),
    apply(by(map('a'), 'kubectl'), configMap('a', { data: { a: '1', b: '2' } })),
    apply(by(map('a'), 'kubectl', true), configMap('a', { data: { a: '1', b: '2' } })),
    patch(by(map('a'), 'kubectl-client-side-apply'), {
      metadata: { annotations: { [LAST]: '{"apiVersion":"v1","kind":"ConfigMap","data":{"q":"1"}}' } },
      data: { q: '1' },
    }),
    apply(by(map('a'), 'kubectl'), configMap('a', { data: { a: '1' } })),
    get(map('a')),
  ),
  script(
    'ownership/last applied kept by the server',
    apply(by(map('a'), 'kubectl'), configMap('a', { data: { a: '1' } }, { annotations: { [LAST]: 'anything' } })),
    apply(by(map('a'), 'kubectl'), configMap('a', { data: { a: '2', b: '1' } })),
    apply(by(map('a'), 'other'), configMap('a', { data: { c: '2' } })),
    patch(by(map('a'), 'x'), { metadata: { annotations: { [LAST]: null } } }),
    apply(by(map('a'), 'kubectl'), configMap('a', { data: { a: '3' } })),
    get(map('a')),
  ),
  script(
    'ownership/keys that are doubled',
    post(
      by(at('pods'), 'maker'),
      pod('p', {
        containers: [
          {
            name: 'c',
            image: 'i',
            env: [
              { name: 'A', value: '1' },
              { name: 'A', value: '2' },
              { name: 'B', value: '3' },
            ],
          },
        ],
      }),
    ),
    patch(by(p, 'two'), { metadata: { labels: { a: 'b' } } }),
    apply(by(p, 'one'), of('v1', 'Pod', 'p', { metadata: {}, spec: { containers: [{ name: 'c', image: 'j' }] } })),
    apply(by(p, 'one', true), of('v1', 'Pod', 'p', { spec: { containers: [{ name: 'c', image: 'j' }] } })),
    apply(by(p, 'one'), of('v1', 'Pod', 'p', {}, { labels: { c: 'd' } })),
    post(
      by(at('deployments'), 'maker'),
      deployment('d', {
        template: {
          metadata: { labels: { app: 'a' } },
          spec: {
            containers: [
              {
                name: 'c',
                image: 'i',
                env: [
                  { name: 'A', value: '1' },
                  { name: 'A', value: '2' },
                  { name: 'B', value: '3' },
                ],
                ports: [
                  { containerPort: 80, name: 'a' },
                  { containerPort: 80, name: 'b' },
                ],
              },
            ],
          },
        },
      }),
    ),
    apply(by(d, 'one', true), part(template({ name: 'c', image: 'j', env: [{ name: 'B', value: '4' }] }))),
    apply(by(d, 'one', true), part(template({ name: 'c', image: 'j', env: [{ name: 'A', value: '5' }] }))),
    apply(by(d, 'one', true), part(template({ name: 'c', image: 'j', env: [] }))),
    apply(by(d, 'one', true), part(template({ name: 'c', image: 'j', env: [{ name: 'A' }, { name: 'A' }] }))),
    strategic(by(d, 'two'), { spec: template({ name: 'c', env: [{ name: 'A', value: '7' }] }) }),
    apply(by(d, 'one', true), part(template({ name: 'c', ports: [{ containerPort: 80 }] }))),
    get(d),
    post(
      by(at('services'), 'maker'),
      service('s', {
        ports: [
          { port: 80, name: 'a', protocol: 'TCP' },
          { port: 80, name: 'b', protocol: 'UDP' },
        ],
      }),
    ),
    apply(by(s, 'one'), of('v1', 'Service', 's', { spec: { ports: [{ port: 80, targetPort: 81 }] } })),
    apply(
      by(s, 'one', true),
      of('v1', 'Service', 's', { spec: { ports: [{ port: 80, protocol: 'UDP', targetPort: 81 }] } }),
    ),
    get(s),
  ),
  script(
    'ownership/atomic and granular',
    apply(by(d, 'one'), deployment('d', { selector: { matchLabels: { app: 'a' } } })),
    apply(by(d, 'two'), part({ selector: { matchLabels: { app: 'a' } } })),
    apply(by(d, 'two'), part({ selector: { matchLabels: { app: 'a', b: 'c' } } })),
    apply(by(d, 'two'), part({ template: { spec: { nodeSelector: { a: 'b' } } } })),
    apply(by(d, 'three'), part({ template: { spec: { nodeSelector: { c: 'd' } } } })),
    apply(by(d, 'two'), part({ template: { spec: { dnsConfig: { nameservers: ['1.1.1.1'] } } } })),
    apply(by(d, 'three'), part({ template: { spec: { dnsConfig: { nameservers: ['2.2.2.2'] } } } })),
    apply(by(d, 'three'), part({ template: { spec: { dnsConfig: { searches: ['a.b'] } } } })),
    apply(by(d, 'four'), part({ template: { spec: { tolerations: [{ key: 'a' }] } } })),
    apply(by(d, 'five'), part({ template: { spec: { tolerations: [{ key: 'b' }] } } })),
    apply(by(d, 'five', true), part({ template: { spec: { tolerations: [{ key: 'b' }] } } })),
    apply(by(d, 'six'), part({ template: { spec: { imagePullSecrets: [{ name: 'a' }] } } })),
    apply(by(d, 'seven'), part({ template: { spec: { imagePullSecrets: [{ name: 'b' }] } } })),
    apply(by(d, 'six'), part({})),
    apply(by(d, 'eight'), of('apps/v1', 'Deployment', 'd', {}, { finalizers: ['a.io/a'] })),
    apply(by(d, 'nine'), of('apps/v1', 'Deployment', 'd', {}, { finalizers: ['a.io/b', 'a.io/a'] })),
    apply(by(d, 'eight'), of('apps/v1', 'Deployment', 'd', {}, {})),
    apply(
      by(d, 'nine'),
      of(
        'apps/v1',
        'Deployment',
        'd',
        {},
        { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }] },
      ),
    ),
    apply(
      by(d, 'eight'),
      of(
        'apps/v1',
        'Deployment',
        'd',
        {},
        { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'q', uid: 'u' }] },
      ),
    ),
    apply(
      by(d, 'eight'),
      of(
        'apps/v1',
        'Deployment',
        'd',
        {},
        { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'q', uid: 'v' }] },
      ),
    ),
    get(d),
  ),
  script(
    'ownership/defaults given up',
    apply(
      by(d, 'one'),
      deployment('d', {
        replicas: 3,
        strategy: { type: 'Recreate' },
        revisionHistoryLimit: 3,
        progressDeadlineSeconds: 7,
      }),
    ),
    apply(by(d, 'one'), deployment('d')),
    apply(by(d, 'one'), deployment('d', { strategy: { rollingUpdate: { maxSurge: 2 } } })),
    apply(by(d, 'one'), deployment('d', { strategy: { type: 'Recreate' } })),
    apply(by(d, 'one'), deployment('d', { strategy: { type: 'Recreate', rollingUpdate: null } })),
    apply(by(d, 'two', true), part({ strategy: { type: 'RollingUpdate' } })),
    apply(by(d, 'two'), part({})),
    get(d),
    apply(
      by(s, 'one'),
      service('s', { type: 'NodePort', ports: [{ port: 80, nodePort: 30555 }], sessionAffinity: 'ClientIP' }),
    ),
    apply(by(s, 'one'), service('s', { type: 'NodePort' })),
    apply(by(s, 'one'), service('s', { type: 'ClusterIP' })),
    apply(by(s, 'one'), service('s', { type: null, ports: [{ port: 81 }] })),
    get(s),
  ),
  script(
    'ownership/forgotten',
    post(by(at('configmaps'), 'maker'), configMap('a', { data: { a: '1' } })),
    apply(by(map('a'), 'one'), configMap('a', { data: { b: '1' } })),
    put(by(map('a'), 'maker'), configMap('a', { data: { a: '2' } }, { managedFields: [{}] })),
    put(by(map('a'), 'maker'), configMap('a', { data: { a: '3' } }, { managedFields: [{}] })),
    apply(by(map('a'), 'one'), configMap('a', { data: { b: '1' } })),
    apply(by(map('a'), 'one'), configMap('a', { data: { a: '9' } })),
    jsonPatch(by(map('a'), 'x'), [{ op: 'replace', path: '/metadata/managedFields', value: [{}] }]),
    jsonPatch(by(map('a'), 'x'), [{ op: 'replace', path: '/metadata/managedFields', value: [] }]),
    jsonPatch(by(map('a'), 'x'), [{ op: 'remove', path: '/metadata/managedFields' }]),
    patch(by(map('a'), 'x'), { metadata: { managedFields: null } }),
    strategic(by(map('a'), 'x'), { metadata: { managedFields: [{}] } }),
    patch(by(map('a'), 'x'), { metadata: { managedFields: [{}] }, data: { z: '1' } }),
    apply(by(map('a'), 'one'), configMap('a', {}, { managedFields: [{}] })),
    patch(by(map('a'), 'x'), { metadata: { managedFields: [{ manager: 'm' }] } }),
    patch(by(map('a'), 'x'), {
      metadata: {
        managedFields: [
          { manager: 'm', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { bad: 1 } },
        ],
      },
    }),
    patch(by(map('a'), 'x'), {
      metadata: { managedFields: [{ manager: 'm', operation: 'Update', apiVersion: 'v1', time: 'x' }] },
    }),
    patch(by(map('a'), 'x'), {
      metadata: {
        managedFields: [
          {
            manager: 'm',
            operation: 'Update',
            apiVersion: 'v1',
            subresource: 'status',
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:data': { 'f:a': {} } },
          },
        ],
      },
    }),
    put(by(map('a'), 'y'), configMap('a', { data: { y: '1' } })),
    get(map('a')),
  ),
]
