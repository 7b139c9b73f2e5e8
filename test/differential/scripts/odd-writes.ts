/** Writes that say what hardly anybody says: links to themselves, paths of bytes, addresses out of range, odd managers. */

import { configMap, of, service } from './objects.ts'
import { apply, at, get, patch, post, put, remove, script } from './script.ts'

const by = (path: string, manager: string, more = '') => `${path}?fieldManager=${manager}${more}`
const map = (name: string) => at('configmaps', name)
const HOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
const SLICES = '/apis/resource.k8s.io/v1/resourceslices'

const hook = (path: string) => {
  const clientConfig = { service: { name: 's', namespace: 'n', path } }
  const one = { name: 'a.b.c', sideEffects: 'None', admissionReviewVersions: ['v1'], clientConfig }
  return of('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', '$NS', { webhooks: [one] })
}
const slice = (more: object) =>
  of('resource.k8s.io/v1', 'ResourceSlice', '$NS', {
    spec: {
      driver: 'd.io',
      nodeName: 'n',
      pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
      devices: [{ name: 'd', ...more }],
    },
  })

const PATHS = [
  '/a\xff',
  '/a\\b',
  '/고래',
  '/a b',
  '/a%zz',
  '/a\n',
  '/\u{1F40B}/A',
  '/a\u0000',
  '/-x',
  '/x_y',
  '//',
  '/é',
]
const ADDRESSES = ['10.97.0.1', '10.96.0.0', '10.96.255.255', '1.2.3.4', 'fd00::1']
const DEVICES: readonly object[] = [
  { attributes: { a: 1 } },
  { attributes: [] },
  { attributes: 'x' },
  { capacity: { a: 1 } },
  { capacity: 1 },
  { capacity: { a: { value: [] } } },
  { attributes: { a: { int: 'x' } } },
  { attributes: { a: { bool: 1 } } },
  { consumesCounters: 1 },
  { consumesCounters: [{ counters: 1 }] },
  { attributes: { '': { int: 1 } } },
]
const VERSIONS = [
  ['v1'],
  ['/v1'],
  ['a/b/c'],
  ['v1', 'a/b/c'],
  ['v1', '/v1'],
  ['v2'],
  ['a/v1'],
  ['v1/'],
  ['/'],
  ['//v1'],
]

const owned = (versions: readonly string[]) =>
  versions.map((apiVersion, index) => ({
    manager: `m${index}`,
    operation: 'Update',
    apiVersion,
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:data': { 'f:a': {} } },
  }))

export const oddWriteScripts = [
  script(
    'odd writes/links to themselves',
    apply(by(map('a'), 'm', '&dryRun=All'), configMap('a', {}, { selfLink: '/x' })),
    apply(by(map('a'), 'm'), configMap('a', {}, { selfLink: '/x' })),
    get(map('a')),
    apply(by(map('a'), 'm', '&dryRun=All'), configMap('a', {}, { selfLink: '/y' })),
    post(`${at('configmaps')}?dryRun=All`, configMap('b', {}, { selfLink: '/x' })),
    put(`${map('c')}?dryRun=All`, configMap('c', {}, { selfLink: '/x' })),
  ),
  script('odd writes/paths of webhooks', ...PATHS.map((path) => post(`${HOOKS}?dryRun=All`, hook(path)))),
  script(
    'odd writes/addresses out of range',
    ...ADDRESSES.flatMap((clusterIP) => [
      post(`${at('services')}?dryRun=All`, service('s', { clusterIP })),
      post(at('services'), service('s', { clusterIP })),
      apply(by(at('services', 's'), 'm', '&dryRun=All'), service('s', { clusterIP })),
    ]),
  ),
  script(
    'odd writes/attributes of devices',
    ...DEVICES.flatMap((more) => [
      post(`${SLICES}?dryRun=All`, slice(more)),
      apply(by(`${SLICES}/$NS`, 'm', '&dryRun=All'), slice(more)),
    ]),
  ),
  script(
    'odd writes/managers of odd versions',
    ...VERSIONS.flatMap((versions) => {
      const managedFields = owned(versions)
      return [
        post(by(at('configmaps'), 'maker'), configMap('m', { data: { a: '1' } }, { managedFields })),
        patch(by(map('m'), 'p'), { metadata: { managedFields }, data: { b: '1' } }),
        apply(by(map('m'), 'ap'), configMap('m', { data: { c: '1' } })),
        apply(by(map('m'), 'ap'), configMap('m', { data: { a: '2' } })),
        remove(map('m')),
      ]
    }),
  ),
]
