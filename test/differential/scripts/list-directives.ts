/** Strategic merge directives inside every list of Pods, Services, Nodes and accounts that is merged by a key, in spec and status. */

import { of, pod, service } from './objects.ts'
import { at, get, patch, post, script, type Step, strategic } from './script.ts'

const PATCHED = 'a'

type Item = Readonly<Record<string, unknown>>

interface Place {
  readonly path: string
  /** Puts the list where it belongs in an object. */
  readonly inside: (part: object) => object
  readonly list: string
  /** What tells its items apart. */
  readonly key: string
  readonly one: Item
  readonly two: Item
  /** Whether the list has a merge key: with an order for one that has none Kubernetes ends the connection. */
  readonly isMerged: boolean
}

const keyIn = ({ key }: Place, item: Item) => ({ [key]: item[key] })

const orders = (place: Place): object[] => {
  const { list, one, two } = place
  const order = (...items: Item[]) => ({ [`$setElementOrder/${list}`]: items.map((item) => keyIn(place, item)) })
  return [
    order(two, one),
    { ...order(two, one), [list]: [two, one] },
    { ...order(one), [list]: [two] },
    { ...order(), [list]: [one] },
  ]
}

const directives = (place: Place): object[] => {
  const { key, list, one, two, isMerged } = place
  const lists = (...values: unknown[]) => values.map((value) => ({ [list]: value }))
  return [
    ...lists([one, two], [{ ...keyIn(place, one), $patch: 'delete' }], [one], [{ ...one, $patch: 'replace' }]),
    ...(isMerged ? orders(place) : []),
    { [`$deleteFromPrimitiveList/${list}`]: [one[key]] },
    { [`$retainKeys`]: [list], [list]: [two] },
    ...lists(
      [{ ...keyIn(place, two), $retainKeys: [key] }],
      [{ $patch: 'replace' }, one],
      [one, { $patch: 'replace' }, two],
      [{ $patch: 'merge' }, two],
      [{ $patch: 'bogus' }],
      [{ ...one, $patch: 'bogus' }],
      [{}],
      [null],
      ['x'],
      {},
      [one, one],
      [{ $patch: 'delete' }],
      null,
      [],
    ),
  ]
}

/** A list by its name, what tells its items apart, and two items. */
type Row = readonly [list: string, key: string, one: Item, two: Item]

/** Lists in one part of an object: those that have a merge key, and others. */
const inPart = (path: string, inside: Place['inside'], merged: readonly Row[], others: readonly Row[] = []): Place[] =>
  [merged, others].flatMap((rows) =>
    rows.map(([list, key, one, two]) => ({ path, inside, list, key, one, two, isMerged: rows === merged })),
  )

const inSpec = (spec: object) => ({ spec })
const inStatus = (status: object) => ({ status })
const inDeployment = (spec: object) => inSpec({ template: { spec } })
const inContainer = (part: object) => inDeployment({ containers: [{ name: 'c', ...part }] })
const d = at('deployments', PATCHED)
const n = '/api/v1/nodes/$NS'
const time = { lastTransitionTime: '2026-01-01T00:00:00Z' }
const told = { status: 'True', reason: 'R', message: 'm', ...time }
const addresses: readonly Row[] = ['podIPs', 'hostIPs'].map((list) => [
  list,
  'ip',
  { ip: '10.0.0.1' },
  { ip: 'fd00::1' },
])

const places: readonly Place[] = [
  ...inPart(
    d,
    inContainer,
    [
      ['env', 'name', { name: 'A', value: '1' }, { name: 'B', value: '2' }],
      ['ports', 'containerPort', { containerPort: 80 }, { containerPort: 81, protocol: 'UDP' }],
      ['volumeMounts', 'mountPath', { mountPath: '/a', name: 'v' }, { mountPath: '/b', name: 'v' }],
      ['volumeDevices', 'devicePath', { devicePath: '/a', name: 'v' }, { devicePath: '/b', name: 'w' }],
    ],
    [
      [
        'resizePolicy',
        'resourceName',
        { resourceName: 'cpu', restartPolicy: 'NotRequired' },
        { resourceName: 'memory', restartPolicy: 'RestartContainer' },
      ],
      ['envFrom', 'prefix', { prefix: 'A', configMapRef: { name: 'a' } }, { prefix: 'B', secretRef: { name: 'b' } }],
    ],
  ),
  ...inPart(
    d,
    inDeployment,
    [
      ['volumes', 'name', { name: 'x', emptyDir: {} }, { name: 'y', configMap: { name: 'z' } }],
      ['initContainers', 'name', { name: 'i', image: 'i' }, { name: 'j', image: 'j' }],
      ['imagePullSecrets', 'name', { name: 'a' }, { name: 'b' }],
      ['hostAliases', 'ip', { ip: '1.1.1.1', hostnames: ['a'] }, { ip: '1.1.1.2', hostnames: ['b'] }],
      [
        'topologySpreadConstraints',
        'topologyKey',
        { topologyKey: 'a', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule' },
        { topologyKey: 'b', maxSkew: 2, whenUnsatisfiable: 'ScheduleAnyway' },
      ],
      ['resourceClaims', 'name', { name: 'a', resourceClaimName: 'x' }, { name: 'b', resourceClaimTemplateName: 'y' }],
    ],
    [
      ['tolerations', 'key', { key: 'a', operator: 'Exists' }, { key: 'b', operator: 'Exists' }],
      ['readinessGates', 'conditionType', { conditionType: 'a.io/a' }, { conditionType: 'a.io/b' }],
    ],
  ),
  ...inPart(`${at('pods', PATCHED)}/status`, inStatus, [
    ['conditions', 'type', { type: 'a.io/a', status: 'True' }, { type: 'a.io/b', status: 'False' }],
    ...addresses,
    ['resourceClaimStatuses', 'name', { name: 'a' }, { name: 'b', resourceClaimName: 'x' }],
  ]),
  ...inPart(at('services', PATCHED), inSpec, [['ports', 'port', { port: 80, name: 'a' }, { port: 81, name: 'b' }]]),
  ...inPart(`${at('services', PATCHED)}/status`, inStatus, [
    ['conditions', 'type', { type: 'a', ...told }, { type: 'b', ...told }],
  ]),
  ...inPart(
    at('serviceaccounts', PATCHED),
    (part) => part,
    [['secrets', 'name', { name: 'a' }, { name: 'b' }]],
    [['imagePullSecrets', 'name', { name: 'a' }, { name: 'b' }]],
  ),
  ...inPart(at('configmaps', PATCHED), (metadata) => ({ metadata }), [
    [
      'ownerReferences',
      'uid',
      { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'a' },
      { apiVersion: 'v1', kind: 'Pod', name: 'q', uid: 'b' },
    ],
  ]),
  ...inPart(
    n,
    inSpec,
    [],
    [
      ['taints', 'key', { key: 'a', effect: 'NoSchedule' }, { key: 'b', effect: 'PreferNoSchedule' }],
      ['podCIDRs', 'x', { x: '10.1.0.0/24' }, { x: '10.2.0.0/24' }],
    ],
  ),
  ...inPart(
    `${n}/status`,
    inStatus,
    [
      ['conditions', 'type', { type: 'Ready', status: 'True' }, { type: 'a.io/b', status: 'False' }],
      ['addresses', 'type', { type: 'InternalIP', address: '10.0.0.1' }, { type: 'Hostname', address: 'h' }],
    ],
    [['images', 'names', { names: ['a'], sizeBytes: 1 }, { names: ['b'], sizeBytes: 2 }]],
  ),
]

const before = (path: string): Step[] => {
  if (path.startsWith(n)) return [post('/api/v1/nodes', of('v1', 'Node', '$NS'))]
  if (path.startsWith(at('pods'))) return [post(at('pods'), pod(PATCHED))]
  if (path.startsWith(at('services'))) {
    return [post(at('services'), service(PATCHED, { type: 'ExternalName', externalName: 'x.y' }))]
  }
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
