import { describe, expect, test } from 'vitest'
import type { Pod, ResourceQuotaSpec } from '../../../generated/core-v1.ts'
import type { ResourceClaim } from '../../../generated/resource-v1.ts'
import { firstClaims } from './device-usage.ts'
import { missingForQuota, quotaPicks, totalUsage, usageOf } from './usage.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')
const pod = (more: Partial<Pod> = {}): Pod => ({
  metadata: { name: 'p' },
  spec: {
    containers: [
      { name: 'c', resources: { requests: { cpu: '1', 'example.com/gpu': '2' }, limits: { memory: '1Gi' } } },
    ],
  },
  ...more,
})
const core = (resource: string, object: object) => ({ group: '', resource, object: object as Pod })

describe('usageOf()', () => {
  test('counts a Pod under every name a quota may use', () => {
    expect(usageOf(core('pods', pod()), NOW)).toEqual({
      'count/pods': '1',
      pods: '1',
      cpu: '1',
      'requests.cpu': '1',
      'requests.example.com/gpu': '2',
      'limits.memory': '1Gi',
    })
  })

  const over: [what: string, pod: Pod][] = [
    ['one that has finished', pod({ status: { phase: 'Succeeded' } })],
    [
      'one whose time to stop is over',
      pod({ metadata: { name: 'p', deletionTimestamp: '2025-12-31T23:00:00Z', deletionGracePeriodSeconds: 30 } }),
    ],
  ]
  for (const [what, object] of over) {
    test(`counts ${what} as an object only`, () => {
      expect(usageOf(core('pods', object), NOW)).toEqual({ 'count/pods': '1' })
    })
  }

  const services: [spec: object, nodePorts: string, balancers: string][] = [
    [{ ports: [{ port: 1 }] }, '0', '0'],
    [{ type: 'NodePort', ports: [{ port: 1 }, { port: 2 }] }, '2', '0'],
    [{ type: 'LoadBalancer', ports: [{ port: 1 }] }, '1', '1'],
    [
      {
        type: 'LoadBalancer',
        allocateLoadBalancerNodePorts: false,
        ports: [{ port: 1 }, { port: 2, nodePort: 30_000 }],
      },
      '1',
      '1',
    ],
  ]
  for (const [spec, nodePorts, balancers] of services) {
    test(`counts the ports of a Service: ${JSON.stringify(spec)}`, () => {
      expect(usageOf(core('services', { metadata: {}, spec }), NOW)).toEqual({
        'count/services': '1',
        services: '1',
        'services.nodeports': nodePorts,
        'services.loadbalancers': balancers,
      })
    })
  }

  test('counts a claim for its class, too', () => {
    const spec = { storageClassName: 'gold', resources: { requests: { storage: '5Gi' } } }
    expect(usageOf(core('persistentvolumeclaims', { metadata: {}, spec }), NOW)).toEqual({
      'count/persistentvolumeclaims': '1',
      persistentvolumeclaims: '1',
      'requests.storage': '5Gi',
      'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '1',
      'gold.storageclass.storage.k8s.io/requests.storage': '5Gi',
    })
  })

  test('counts objects of other groups', () => {
    const counted = { group: 'apps', resource: 'deployments', object: { metadata: {} } }
    expect(usageOf(counted, NOW)).toEqual({ 'count/deployments.apps': '1' })
  })
})

test('totals tell of every name of the quota', () => {
  expect(totalUsage([{ cpu: '500m', pods: '1' }, { cpu: '1' }], { cpu: '4', services: '1' })).toEqual({
    cpu: '1500m',
    services: '0',
  })
})

test('a ResourceClaim counts the devices it may get of each class', () => {
  const requests = [
    { name: 'a', exactly: { deviceClassName: 'gold', allocationMode: 'ExactCount', count: 2 } },
    { name: 'b', exactly: { deviceClassName: 'tin', allocationMode: 'All' } },
    {
      name: 'c',
      firstAvailable: [
        { name: 'x', deviceClassName: 'gold', allocationMode: 'ExactCount', count: 1 },
        { name: 'y', deviceClassName: 'gold', allocationMode: 'ExactCount', count: 3 },
        { name: 'z', deviceClassName: 'iron', allocationMode: 'ExactCount', count: 1 },
      ],
    },
  ]
  const object = { metadata: { name: 'c' }, spec: { devices: { requests } } }
  expect(usageOf({ group: 'resource.k8s.io', resource: 'resourceclaims', object }, NOW)).toEqual({
    'count/resourceclaims.resource.k8s.io': '1',
    'gold.deviceclass.resource.k8s.io/devices': '5',
    'tin.deviceclass.resource.k8s.io/devices': '32',
    'iron.deviceclass.resource.k8s.io/devices': '1',
    'requests.deviceclass.resource.kubernetes.io/gold': '5',
    'requests.deviceclass.resource.kubernetes.io/tin': '32',
    'requests.deviceclass.resource.kubernetes.io/iron': '1',
  })
})

test('containers must state what a quota limits', () => {
  const hard = { 'requests.cpu': '1', 'limits.cpu': '1', 'requests.ephemeral-storage': '1Gi', pods: '3' }
  expect(missingForQuota(pod(), hard)).toBe('limits.cpu for: c')
  expect(missingForQuota(pod({ spec: { containers: [{ name: 'b' }, { name: 'a' }] } }), { memory: '1Gi' })).toBe(
    'memory for: a,b',
  )
})

describe('quotaPicks()', () => {
  const selected = (scopeName: string, operator: string, values?: string[]): ResourceQuotaSpec =>
    ({
      scopeSelector: { matchExpressions: [{ scopeName, operator, ...(values === undefined ? {} : { values }) }] },
    }) as ResourceQuotaSpec
  const withClass = (priorityClassName: string) => pod({ spec: { ...pod().spec!, priorityClassName } })
  const cases: [spec: ResourceQuotaSpec, pod: Pod, isPicked: boolean][] = [
    [{}, pod(), true],
    [{ scopes: ['BestEffort'] }, pod(), false],
    [{ scopes: ['NotBestEffort'] }, pod(), true],
    [{ scopes: ['Terminating'] }, pod({ spec: { ...pod().spec!, activeDeadlineSeconds: 0 } }), true],
    [selected('PriorityClass', 'In', ['high']), withClass('high'), true],
    [selected('PriorityClass', 'In', ['high']), withClass('low'), false],
    [selected('PriorityClass', 'NotIn', ['high']), pod(), true],
    [selected('PriorityClass', 'Exists'), pod(), false],
    [selected('PriorityClass', 'DoesNotExist'), pod(), true],
  ]
  for (const [spec, object, isPicked] of cases) {
    test(`${isPicked ? 'picks' : 'leaves'} by ${JSON.stringify(spec)}`, () => {
      expect(quotaPicks({ metadata: {}, spec }, core('pods', object))).toBe(isPicked)
    })
  }

  test('leaves what has no scopes', () => {
    expect(quotaPicks({ metadata: {}, spec: { scopes: ['BestEffort'] } }, core('services', { metadata: {} }))).toBe(
      false,
    )
  })
})

describe('devices of classes that have a name for Pods to ask by', () => {
  const CLASS = 'requests.deviceclass.resource.kubernetes.io/gpu'
  const asking = (name: string, resource: string, most: string, claim?: string): Pod => ({
    metadata: { name, namespace: 'a', uid: `uid of ${name}` },
    spec: { containers: [{ name: 'c', resources: { requests: { [resource]: most } } }] },
    ...(claim === undefined ? {} : { status: { extendedResourceClaimStatus: { resourceClaimName: claim } } as never }),
  })
  const pods = [
    asking('plain', 'example.com/gpu', '2'),
    asking('implicit', 'deviceclass.resource.kubernetes.io/gpu', '3'),
    asking('named', 'example.com/gpu', '1', 'its'),
  ]
  interface Wanted {
    readonly name?: string
    readonly owner?: string
    readonly uid?: string
    readonly isExtended?: boolean
    readonly made?: string
  }
  const claim = (counts: Record<string, number>, wanted: Wanted = {}): ResourceClaim => {
    const { name = 'new', owner, uid = `uid of ${owner}`, isExtended = owner !== undefined, made } = wanted
    const owners = [{ apiVersion: 'v1', kind: 'Pod', name: owner ?? '', uid, controller: true }]
    return {
      metadata: {
        name,
        namespace: 'a',
        ...(made === undefined ? {} : { creationTimestamp: `2026-01-01T00:00:${made}Z`, resourceVersion: '1' }),
        ...(isExtended ? { annotations: { 'resource.kubernetes.io/extended-resource-claim': 'true' } } : {}),
        ...(owner === undefined ? {} : { ownerReferences: owners }),
      },
      spec: {
        devices: {
          requests: Object.entries(counts).map(([deviceClassName, count], at) => ({
            name: `r${at}`,
            exactly: { deviceClassName, allocationMode: 'ExactCount', count },
          })),
        },
      },
    }
  }
  const named: Record<string, string> = { gpu: 'example.com/gpu', other: 'example.com/gpu' }
  const usage = (one: ResourceClaim, others: readonly ResourceClaim[] = []) => {
    const {
      'count/resourceclaims.resource.k8s.io': _,
      'gpu.deviceclass.resource.k8s.io/devices': __,
      ...rest
    } = usageOf({ group: 'resource.k8s.io', resource: 'resourceclaims', object: one }, NOW, {
      nameOf: (deviceClass) => named[deviceClass],
      pod: (namespace, name) => pods.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name),
      firstClaim: (_namespace, uid) => firstClaims([...others, one]).get(uid),
    })
    return rest
  }
  const own = { owner: 'plain', made: '05' }
  const cases: [
    what: string,
    one: ResourceClaim,
    others: readonly ResourceClaim[],
    expected: Record<string, string>,
  ][] = [
    ['anybody, under all names', claim({ gpu: 2 }), [], { [CLASS]: '2', 'requests.example.com/gpu': '2' }],
    [
      'a class without a name of its own',
      claim({ bare: 3 }),
      [],
      { 'bare.deviceclass.resource.k8s.io/devices': '3', 'requests.deviceclass.resource.kubernetes.io/bare': '3' },
    ],
    [
      'two classes of one name, of which the larger counts',
      claim({ gpu: 1, other: 4 }),
      [],
      {
        [CLASS]: '1',
        'other.deviceclass.resource.k8s.io/devices': '4',
        'requests.deviceclass.resource.kubernetes.io/other': '4',
        'requests.example.com/gpu': '4',
      },
    ],
    ['a Pod that counts the name itself', claim({ gpu: 2 }, { owner: 'plain' }), [], { [CLASS]: '2' }],
    [
      'a Pod that counts the class itself, but less of it',
      claim({ gpu: 5 }, { owner: 'implicit' }),
      [],
      { [CLASS]: '2', 'requests.example.com/gpu': '5' },
    ],
    ['a Pod that has another', claim({ gpu: 2 }, { owner: 'plain' }), [claim({}, { ...own, name: 'a' })], all('2')],
    ['a Pod that got this one first', claim({ gpu: 2 }, own), [claim({}, { ...own, made: '06' })], { [CLASS]: '2' }],
    ['a Pod that got both at once', claim({ gpu: 2 }, own), [claim({}, { ...own, name: 'a' })], all('2')],
    ['a Pod that names it', claim({ gpu: 1 }, { owner: 'named', name: 'its' }), [], { [CLASS]: '1' }],
    ['a Pod that names another', claim({ gpu: 1 }, { owner: 'named' }), [], all('1')],
    ['a Pod of another life', claim({ gpu: 1 }, { owner: 'plain', uid: 'old' }), [], all('1')],
    ['nobody, though it says so', claim({ gpu: 1 }, { isExtended: true }), [], all('1')],
    ['a Pod, without saying what for', claim({ gpu: 1 }, { owner: 'plain', isExtended: false }), [], all('1')],
  ]
  function all(count: string) {
    return { [CLASS]: count, 'requests.example.com/gpu': count }
  }
  test.each(cases)('are counted for a claim of %s', (_what, one, others, expected) => {
    expect(usage(one, others)).toEqual(expected)
  })

  test('take one look at each claim, however many there are and whose', () => {
    let looks = 0
    const claims = Array.from({ length: 10_000 }, (_, at) => {
      const { metadata, spec } = claim({}, { owner: `p${at % 5_000}`, name: `c${10_000 - at}`, made: '05' })
      const read = () => {
        looks++
        return metadata
      }
      return Object.defineProperty({ spec, metadata }, 'metadata', { get: read })
    })
    const first = firstClaims(claims)
    expect([first.size, first.get('uid of p0')?.metadata.name]).toEqual([5_000, 'c10000'])
    expect(looks).toBeLessThan(100_000)
  })

  test('are counted for a Pod as it asks for them', () => {
    const [, implicit] = pods
    expect(usageOf(core('pods', implicit!), NOW)).toEqual({ 'count/pods': '1', pods: '1', [CLASS]: '3' })
  })
})
