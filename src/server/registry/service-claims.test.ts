import { describe, expect, test } from 'vitest'
import type { Service } from '../../api/generated/core-v1.ts'
import { claimsOf, portsNeeding } from './service-claims.ts'

type Spec = NonNullable<Service['spec']>

const ports = [{ port: 80, nodePort: 30_080 }, { port: 81 }]

describe('claimsOf()', () => {
  const cases: readonly { when: string; spec: Spec; address: string; claimed: readonly number[] }[] = [
    { when: 'it has both', spec: { clusterIP: '10.96.0.9', ports }, address: '10.96.0.9', claimed: [30_080] },
    { when: 'it is headless', spec: { clusterIP: 'None', ports: [] }, address: '', claimed: [] },
    {
      when: 'it is a name elsewhere',
      spec: { type: 'ExternalName', clusterIP: '10.96.0.9' },
      address: '',
      claimed: [],
    },
    {
      when: 'its health is asked for',
      spec: { clusterIP: '10.96.0.9', healthCheckNodePort: 30_001 },
      address: '10.96.0.9',
      claimed: [30_001],
    },
  ]
  for (const { when, spec, address, claimed } of cases) {
    test(`tells the address and the node ports of a Service when ${when}`, () => {
      expect(claimsOf({ metadata: { name: 's' }, spec })).toEqual({ address, ports: new Set(claimed) })
    })
  }

  test('tells of none where there is no Service', () => {
    expect(claimsOf(undefined)).toEqual({ address: '', ports: new Set() })
  })
})

describe('portsNeeding()', () => {
  const cases: readonly { when: string; spec: Spec; places: readonly number[] }[] = [
    { when: 'it is inside the cluster only', spec: { type: 'ClusterIP', ports }, places: [] },
    { when: 'it has node ports', spec: { type: 'NodePort', ports }, places: [0, 1] },
    { when: 'it has a load balancer', spec: { type: 'LoadBalancer', ports }, places: [0, 1] },
    {
      when: 'its load balancer needs none',
      spec: { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports },
      places: [0],
    },
  ]
  for (const { when, spec, places } of cases) {
    test(`names ${places.length} ports of a Service when ${when}`, () => {
      expect(portsNeeding(spec).map(([at]) => at)).toEqual(places)
    })
  }
})
