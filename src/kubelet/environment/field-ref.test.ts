import { describe, expect, test } from 'vitest'

import { aContainer, aPod } from '../pods/fixtures.ts'
import { fieldValue, type NodeFacts, resourceValue } from './field-ref.ts'

const NODE: NodeFacts = {
  nodeName: 'n1',
  hostIps: ['192.0.2.1', '2001:db8::1'],
  podIps: ['10.244.0.5', 'fd00::5'],
  allocatable: { cpu: '3500m', memory: '8Gi', 'ephemeral-storage': '10Gi', 'hugepages-2Mi': '4Mi' },
}

describe('fieldValue()', () => {
  const pod = {
    ...aPod({ serviceAccountName: 'robot' }),
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: 'u1',
      labels: { b: '2', a: '1' },
      annotations: { note: 'say "hi"\n' },
    },
  }
  const cases: readonly (readonly [path: string, is: string])[] = [
    ['metadata.name', 'web'],
    ['metadata.namespace', 'shop'],
    ['metadata.uid', 'u1'],
    ['metadata.labels', 'a="1"\nb="2"'],
    ['metadata.annotations', 'note="say \\"hi\\"\\n"'],
    ["metadata.labels['b']", '2'],
    ["metadata.labels['none']", ''],
    ["metadata.labels['constructor']", ''],
    ["metadata.annotations['note']", 'say "hi"\n'],
    ['spec.nodeName', 'n1'],
    ['spec.serviceAccountName', 'robot'],
    ['status.hostIP', '192.0.2.1'],
    ['status.hostIPs', '192.0.2.1,2001:db8::1'],
    ['status.podIP', '10.244.0.5'],
    ['status.podIPs', '10.244.0.5,fd00::5'],
  ]
  for (const [path, is] of cases) {
    test(`${path} is ${JSON.stringify(is)}`, () => {
      expect(fieldValue(pod, path, NODE)).toBe(is)
    })
  }
  test('knows no other field', () => {
    expect(() => fieldValue(pod, 'spec.priority', NODE)).toThrow('unsupported fieldPath: spec.priority')
  })
})

describe('resourceValue()', () => {
  const asks = { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: '1500m', memory: '100M' } }
  const cases: readonly {
    readonly resource: string
    readonly divisor?: string
    readonly of?: 'bare' | 'shared'
    readonly is: string
  }[] = [
    { resource: 'requests.cpu', is: '1' },
    { resource: 'requests.cpu', divisor: '1m', is: '250' },
    { resource: 'limits.cpu', is: '2' },
    { resource: 'limits.cpu', divisor: '0', is: '2' },
    { resource: 'limits.memory', is: '100000000' },
    { resource: 'limits.memory', divisor: '1Mi', is: '96' },
    { resource: 'requests.memory', divisor: '1Ki', is: '65536' },
    { resource: 'requests.memory', of: 'bare', is: '0' },
    { resource: 'limits.cpu', divisor: '1m', of: 'bare', is: '3500' },
    { resource: 'limits.memory', divisor: '1Gi', of: 'bare', is: '8' },
    { resource: 'limits.ephemeral-storage', divisor: '1Gi', of: 'bare', is: '10' },
    { resource: 'limits.hugepages-2Mi', of: 'bare', is: '0' },
    { resource: 'limits.memory', divisor: '1Gi', of: 'shared', is: '2' },
    { resource: 'limits.cpu', divisor: '1m', of: 'shared', is: '3500' },
  ]
  for (const { resource, divisor, of, is } of cases) {
    const whose =
      of === 'bare' ? 'a container without' : of === 'shared' ? 'a Pod with limits of its own' : 'a container'
    test(`${resource} in units of ${divisor ?? 'one'} is ${is} for ${whose}`, () => {
      const own = aContainer('app', of === undefined ? { resources: asks } : {})
      const pod = aPod({ containers: [own], ...(of === 'shared' && { resources: { limits: { memory: '2Gi' } } }) })
      expect(resourceValue(pod, { resource, ...(divisor !== undefined && { divisor }) }, own, NODE)).toBe(is)
    })
  }
})
