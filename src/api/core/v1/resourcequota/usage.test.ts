import { describe, expect, test } from 'vitest'
import type { Pod, ResourceQuotaSpec } from '../../../generated/core-v1.ts'
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

test('devices that a Pod asks for as a resource count once: with the Pod', () => {
  const name = 'deviceclass.resource.kubernetes.io/gpu'
  const asking = pod({ spec: { containers: [{ name: 'c', resources: { requests: { [name]: '2' } } }] } })
  expect(usageOf(core('pods', asking), NOW)).toEqual({ 'count/pods': '1', pods: '1', [`requests.${name}`]: '2' })
  const requests = [{ name: 'r', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 2 } }]
  const annotations = { 'resource.kubernetes.io/extended-resource-claim': 'true' }
  const object = { metadata: { annotations }, spec: { devices: { requests } } }
  expect(usageOf({ group: 'resource.k8s.io', resource: 'resourceclaims', object }, NOW)).toEqual({
    'count/resourceclaims.resource.k8s.io': '1',
    'gpu.deviceclass.resource.k8s.io/devices': '2',
  })
})
