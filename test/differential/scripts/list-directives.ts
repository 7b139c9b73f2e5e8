/** Strategic merge directives inside every list of Pods, Services, Nodes and accounts that is merged by a key, in spec and status. */

import { of, pod, service } from './objects.ts'
import { at, get, patch, post, script, type Step, strategic } from './script.ts'

const PATCHED = 'a'

type Item = Readonly<Record<string, unknown>>

const orders = ({ key, list, one, two }: Place) => {
  const keyed = (item: Item) => ({ [key]: item[key] })
  return [
    { [`$setElementOrder/${list}`]: [keyed(two), keyed(one)] },
    { [`$setElementOrder/${list}`]: [keyed(two), keyed(one)], [list]: [two, one] },
    { [`$setElementOrder/${list}`]: [keyed(one)], [list]: [two] },
    { [`$setElementOrder/${list}`]: [], [list]: [one] },
  ]
}

const directives = (place: Place): object[] => {
  const { key, list, one, two, isMerged = true } = place
  const keyed = (item: Item) => ({ [key]: item[key] })
  return [
    { [list]: [one, two] },
    { [list]: [{ ...keyed(one), $patch: 'delete' }] },
    { [list]: [one] },
    { [list]: [{ ...one, $patch: 'replace' }] },
    ...(isMerged ? orders(place) : []),
    { [`$deleteFromPrimitiveList/${list}`]: [one[key]] },
    { [`$retainKeys`]: [list], [list]: [two] },
    { [list]: [{ ...keyed(two), $retainKeys: [key] }] },
    { [list]: [{ $patch: 'replace' }, one] },
    { [list]: [one, { $patch: 'replace' }, two] },
    { [list]: [{ $patch: 'merge' }, two] },
    { [list]: [{ $patch: 'bogus' }] },
    { [list]: [{ ...one, $patch: 'bogus' }] },
    { [list]: [{}] },
    { [list]: [null] },
    { [list]: ['x'] },
    { [list]: {} },
    { [list]: [one, one] },
    { [list]: [{ $patch: 'delete' }] },
    { [list]: null },
    { [list]: [] },
  ]
}

interface Place {
  readonly path: string
  readonly inside: (part: object) => object
  readonly list: string
  readonly key: string
  readonly one: Item
  readonly two: Item
  /** Whether the list has a merge key: with an order for one that has none Kubernetes ends the connection. */
  readonly isMerged?: boolean
}

const inDeployment = (spec: object) => ({ spec: { template: { spec } } })
const inContainer = (part: object) => inDeployment({ containers: [{ name: 'c', ...part }] })
const inPodStatus = (status: object) => ({ status })
const d = at('deployments', PATCHED)
const p = `${at('pods', PATCHED)}/status`
const n = '/api/v1/nodes/$NS'
const time = { lastTransitionTime: '2026-01-01T00:00:00Z' }

const places: readonly Place[] = [
  {
    path: d,
    inside: inContainer,
    list: 'env',
    key: 'name',
    one: { name: 'A', value: '1' },
    two: { name: 'B', value: '2' },
  },
  {
    path: d,
    inside: inContainer,
    list: 'ports',
    key: 'containerPort',
    one: { containerPort: 80 },
    two: { containerPort: 81, protocol: 'UDP' },
  },
  {
    path: d,
    inside: inContainer,
    list: 'volumeMounts',
    key: 'mountPath',
    one: { mountPath: '/a', name: 'v' },
    two: { mountPath: '/b', name: 'v' },
  },
  {
    path: d,
    inside: inContainer,
    list: 'volumeDevices',
    key: 'devicePath',
    one: { devicePath: '/a', name: 'v' },
    two: { devicePath: '/b', name: 'w' },
  },
  {
    path: d,
    inside: inContainer,
    isMerged: false,
    list: 'resizePolicy',
    key: 'resourceName',
    one: { resourceName: 'cpu', restartPolicy: 'NotRequired' },
    two: { resourceName: 'memory', restartPolicy: 'RestartContainer' },
  },
  {
    path: d,
    inside: inContainer,
    isMerged: false,
    list: 'envFrom',
    key: 'prefix',
    one: { prefix: 'A', configMapRef: { name: 'a' } },
    two: { prefix: 'B', secretRef: { name: 'b' } },
  },
  {
    path: d,
    inside: inDeployment,
    list: 'volumes',
    key: 'name',
    one: { name: 'x', emptyDir: {} },
    two: { name: 'y', configMap: { name: 'z' } },
  },
  {
    path: d,
    inside: inDeployment,
    list: 'initContainers',
    key: 'name',
    one: { name: 'i', image: 'i' },
    two: { name: 'j', image: 'j' },
  },
  { path: d, inside: inDeployment, list: 'imagePullSecrets', key: 'name', one: { name: 'a' }, two: { name: 'b' } },
  {
    path: d,
    inside: inDeployment,
    list: 'hostAliases',
    key: 'ip',
    one: { ip: '1.1.1.1', hostnames: ['a'] },
    two: { ip: '1.1.1.2', hostnames: ['b'] },
  },
  {
    path: d,
    inside: inDeployment,
    isMerged: false,
    list: 'tolerations',
    key: 'key',
    one: { key: 'a', operator: 'Exists' },
    two: { key: 'b', operator: 'Exists' },
  },
  {
    path: d,
    inside: inDeployment,
    list: 'topologySpreadConstraints',
    key: 'topologyKey',
    one: { topologyKey: 'a', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' },
    two: { topologyKey: 'b', maxSkew: 2, whenUnsatisfiable: 'ScheduleAnyway' },
  },
  {
    path: d,
    inside: inDeployment,
    list: 'resourceClaims',
    key: 'name',
    one: { name: 'a', resourceClaimName: 'x' },
    two: { name: 'b', resourceClaimTemplateName: 'y' },
  },
  {
    path: d,
    inside: inDeployment,
    isMerged: false,
    list: 'readinessGates',
    key: 'conditionType',
    one: { conditionType: 'a.io/a' },
    two: { conditionType: 'a.io/b' },
  },
  {
    path: p,
    inside: inPodStatus,
    list: 'conditions',
    key: 'type',
    one: { type: 'a.io/a', status: 'True' },
    two: { type: 'a.io/b', status: 'False' },
  },
  { path: p, inside: inPodStatus, list: 'podIPs', key: 'ip', one: { ip: '10.0.0.1' }, two: { ip: 'fd00::1' } },
  { path: p, inside: inPodStatus, list: 'hostIPs', key: 'ip', one: { ip: '10.0.0.1' }, two: { ip: 'fd00::1' } },
  {
    path: p,
    inside: inPodStatus,
    list: 'resourceClaimStatuses',
    key: 'name',
    one: { name: 'a' },
    two: { name: 'b', resourceClaimName: 'x' },
  },
  {
    path: at('services', PATCHED),
    inside: (spec) => ({ spec }),
    list: 'ports',
    key: 'port',
    one: { port: 80, name: 'a' },
    two: { port: 81, name: 'b' },
  },
  {
    path: `${at('services', PATCHED)}/status`,
    inside: (status) => ({ status }),
    list: 'conditions',
    key: 'type',
    one: { type: 'a', status: 'True', reason: 'R', message: 'm', ...time },
    two: { type: 'b', status: 'True', reason: 'R', message: 'm', ...time },
  },
  {
    path: at('serviceaccounts', PATCHED),
    inside: (part) => part,
    list: 'secrets',
    key: 'name',
    one: { name: 'a' },
    two: { name: 'b' },
  },
  {
    path: at('serviceaccounts', PATCHED),
    inside: (part) => part,
    isMerged: false,
    list: 'imagePullSecrets',
    key: 'name',
    one: { name: 'a' },
    two: { name: 'b' },
  },
  {
    path: at('configmaps', PATCHED),
    inside: (metadata) => ({ metadata }),
    list: 'ownerReferences',
    key: 'uid',
    one: { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'a' },
    two: { apiVersion: 'v1', kind: 'Pod', name: 'q', uid: 'b' },
  },
  {
    path: n,
    inside: (spec) => ({ spec }),
    isMerged: false,
    list: 'taints',
    key: 'key',
    one: { key: 'a', effect: 'NoSchedule' },
    two: { key: 'b', effect: 'PreferNoSchedule' },
  },
  {
    path: n,
    inside: (spec) => ({ spec }),
    isMerged: false,
    list: 'podCIDRs',
    key: 'x',
    one: { x: '10.1.0.0/24' },
    two: { x: '10.2.0.0/24' },
  },
  {
    path: `${n}/status`,
    inside: (status) => ({ status }),
    list: 'conditions',
    key: 'type',
    one: { type: 'Ready', status: 'True' },
    two: { type: 'a.io/b', status: 'False' },
  },
  {
    path: `${n}/status`,
    inside: (status) => ({ status }),
    list: 'addresses',
    key: 'type',
    one: { type: 'InternalIP', address: '10.0.0.1' },
    two: { type: 'Hostname', address: 'h' },
  },
  {
    path: `${n}/status`,
    inside: (status) => ({ status }),
    isMerged: false,
    list: 'images',
    key: 'names',
    one: { names: ['a'], sizeBytes: 1 },
    two: { names: ['b'], sizeBytes: 2 },
  },
]

const before = (path: string): Step[] => {
  if (path.startsWith(n)) return [post('/api/v1/nodes', of('v1', 'Node', '$NS'))]
  if (path.startsWith(at('pods'))) return [post(at('pods'), pod(PATCHED))]
  if (path.startsWith(at('services')))
    return [post(at('services'), service(PATCHED, { type: 'ExternalName', externalName: 'x.y' }))]
  if (path.startsWith(at('serviceaccounts'))) return [post(at('serviceaccounts'), of('v1', 'ServiceAccount', PATCHED))]
  if (path.startsWith(at('configmaps'))) return [post(at('configmaps'), of('v1', 'ConfigMap', PATCHED))]
  const spec = { containers: [{ name: 'c', image: 'i' }], volumes: [{ name: 'v', emptyDir: {} }] }
  const template = { metadata: { labels: { app: 'a' } }, spec }
  return [
    post(
      at('deployments'),
      of('apps/v1', 'Deployment', PATCHED, { spec: { selector: { matchLabels: { app: 'a' } }, template } }),
    ),
  ]
}

export const listDirectiveScripts = places.map((place) => {
  const { path, inside, list, one, two } = place
  return script(
    `list directives/${path.replaceAll(/.*\$NS\/|.*v1\//g, '')} ${list}`,
    ...before(path),
    ...directives(place).map((part) => strategic(path, inside(part))),
    patch(path, inside({ [list]: [one] })),
    strategic(path, inside({ [list]: [two] })),
    get(path),
    ...(path.startsWith(n) ? [{ method: 'DELETE', path: n }] : []),
  )
})
