import { describe, expect, test } from 'vitest'
import type { Container, Pod, PodSpec } from '../../../generated/core-v1.ts'
import { podRequests, qosClassOf } from './requests.ts'

const asking = (requests: Record<string, string>, more: Partial<Container> = {}): Container => ({
  name: 'c',
  resources: { requests },
  ...more,
})
const aPod = (spec: Partial<PodSpec>): Pod => ({ metadata: { name: 'p' }, spec: { containers: [], ...spec } })
const sidecar = (requests: Record<string, string>) => asking(requests, { restartPolicy: 'Always' })

describe('podRequests()', () => {
  const cases: { when: string; spec: Partial<PodSpec>; want: Record<string, string> }[] = [
    {
      when: 'app containers run together',
      spec: { containers: [asking({ cpu: '500m' }), asking({ cpu: '700m', memory: '1Gi' })] },
      want: { cpu: '1200m', memory: '1Gi' },
    },
    {
      when: 'an init container needs more',
      spec: { containers: [asking({ cpu: '1' })], initContainers: [asking({ cpu: '2' })] },
      want: { cpu: '2' },
    },
    {
      when: 'a sidecar runs beside the app',
      spec: { containers: [asking({ cpu: '1' })], initContainers: [sidecar({ cpu: '1' })] },
      want: { cpu: '2' },
    },
    {
      when: 'an init container runs beside an earlier sidecar',
      spec: { containers: [asking({ cpu: '1' })], initContainers: [sidecar({ cpu: '1' }), asking({ cpu: '3' })] },
      want: { cpu: '4' },
    },
    {
      when: 'a later sidecar does not count for an earlier init container',
      spec: { containers: [asking({ cpu: '1' })], initContainers: [asking({ cpu: '3' }), sidecar({ cpu: '1' })] },
      want: { cpu: '3' },
    },
    {
      when: 'there is overhead',
      spec: { containers: [asking({ cpu: '1' })], overhead: { cpu: '250m' } },
      want: { cpu: '1250m' },
    },
    {
      when: 'the Pod as a whole asks',
      spec: { containers: [asking({ cpu: '1' })], resources: { requests: { cpu: '3' } } },
      want: { cpu: '3' },
    },
  ]
  for (const { when, spec, want } of cases) {
    test(`sums rightly when ${when}`, () => expect(podRequests(aPod(spec))).toEqual(want))
  }
})

describe('qosClassOf()', () => {
  const both = { cpu: '1', memory: '1Gi' }
  const cases = [
    { when: 'nothing is asked', containers: [{ name: 'c' }], want: 'BestEffort' },
    {
      when: 'limits equal requests',
      containers: [{ name: 'c', resources: { requests: both, limits: both } }],
      want: 'Guaranteed',
    },
    { when: 'only limits are given', containers: [{ name: 'c', resources: { limits: both } }], want: 'Guaranteed' },
    {
      when: 'one container asks for nothing',
      containers: [{ name: 'c', resources: { limits: both } }, { name: 'd' }],
      want: 'Burstable',
    },
    {
      when: 'only CPU is asked',
      containers: [{ name: 'c', resources: { requests: { cpu: '1' } } }],
      want: 'Burstable',
    },
  ]
  test('is that of the Pod as a whole, even if it says nothing', () => {
    const containers = [{ name: 'c', resources: { requests: { cpu: '1' } } }]
    expect(qosClassOf(aPod({ containers, resources: {} }))).toBe('BestEffort')
  })
  for (const { when, containers, want } of cases) {
    test(`is ${want} when ${when}`, () => expect(qosClassOf(aPod({ containers: [...containers] }))).toBe(want))
  }
})
