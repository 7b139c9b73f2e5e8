import { describe, expect, test } from 'vitest'

import type { Node, PodSpec } from '../../api/generated/core-v1.ts'
import { aContainer, aPod } from '../pods/fixtures.ts'
import type { PodView } from '../pods/pod-view.ts'
import { type AdmissionFacts, admissionOf } from './admission.ts'
import { burstableShares } from './linux-resources.ts'

const asking = (requests: Record<string, string>) =>
  aPod({ containers: [aContainer('app', { resources: { requests } })] })
const refusal = (pod: PodView, facts: AdmissionFacts) => {
  const verdict = admissionOf(pod, facts)
  return 'refused' in verdict ? verdict.refused : undefined
}
const node: Node = { metadata: { name: 'node-1', labels: { disk: 'ssd' } } }
const tainted: Node = { ...node, spec: { taints: [{ key: 'k', value: 'v', effect: 'NoExecute' }] } }
const allocatable = { cpu: '2', memory: '1Gi', pods: '2', 'ephemeral-storage': '10Gi', 'example.com/gpu': '2' }

const web = { containerPort: 80, hostPort: 80 }
const onPort = (hostIP: string, protocol: 'TCP' | 'UDP' = 'TCP') =>
  aPod({ containers: [aContainer('app', { ports: [{ ...web, hostIP, protocol }] })] })

describe('A Pod bound to this node', () => {
  test.each<[what: string, spec: Partial<PodSpec>, node: Node | undefined, reason: string | undefined]>([
    ['that asks for nothing', {}, node, undefined],
    ['that selects this node', { nodeSelector: { disk: 'ssd' } }, node, undefined],
    ['that selects others', { nodeSelector: { disk: 'hdd' } }, node, 'NodeAffinity'],
    ['that selects others, before the Node is known', { nodeSelector: { disk: 'hdd' } }, undefined, undefined],
    ['that does not tolerate', {}, tainted, 'TaintToleration'],
    ['that tolerates', { tolerations: [{ operator: 'Exists' }] }, tainted, undefined],
    ['for another system', { os: { name: 'windows' } }, node, 'PodOSNotSupported'],
    ['that asks for a free port', { containers: [aContainer('app', { ports: [web] })] }, node, undefined],
  ])('%s', (_, spec, at, reason) => {
    expect(refusal(aPod(spec), { node: at, allocatable, others: [] })?.reason).toBe(reason)
  })

  test.each<[requests: Record<string, string>, others: Record<string, string>[], message: string | undefined]>([
    [{ cpu: '2', memory: '1Gi' }, [], undefined],
    [{ cpu: '1' }, [{ cpu: '1' }], undefined],
    [{ cpu: '1001m' }, [{ cpu: '1' }], 'OutOfcpu: cpu, requested: 1001, used: 1000, capacity: 2000'],
    [{ memory: '2Gi' }, [], 'OutOfmemory: memory, requested: 2147483648, used: 0, capacity: 1073741824'],
    [{ 'example.com/gpu': '3' }, [], 'OutOfexample.com/gpu: example.com/gpu, requested: 3, used: 0, capacity: 2'],
    [{ 'example.com/gpu': '0' }, [], undefined],
    [{ 'example.com/unknown-here': '1' }, [], undefined],
    [{ memory: '2Gi', cpu: '3' }, [], 'OutOfcpu: cpu, requested: 3000, used: 0, capacity: 2000'],
    [{}, [{}, {}], 'OutOfpods: pods, requested: 1, used: 2, capacity: 2'],
  ])('asking for %j beside %j', (requests, others, wanted) => {
    const rejection = refusal(asking(requests), { node, allocatable, others: others.map(asking) })
    const text = rejection && `${rejection.reason}: ${rejection.message}`
    expect(text).toBe(wanted?.replace(': ', ": Node didn't have enough resource: "))
  })
})

test('A Pod that was given devices for a resource may have more of it than the node counts', () => {
  const resource = 'deviceclass.resource.kubernetes.io/gpu'
  const pod = asking({ [resource]: '1' })
  expect(refusal(pod, { node, allocatable, others: [] })?.reason).toBe(`OutOf${resource}`)
  const requestMappings = [{ containerName: 'app', resourceName: resource, requestName: 'r' }]
  const given = { ...pod, status: { extendedResourceClaimStatus: { resourceClaimName: 'c', requestMappings } } }
  expect(refusal(given, { node, allocatable, others: [] })).toBeUndefined()
})

describe('A port of the node', () => {
  test.each([
    ['the same', onPort(''), onPort(''), 'NodePorts'],
    ['of one address and of all', onPort('10.0.0.1'), onPort('0.0.0.0'), 'NodePorts'],
    ['of two addresses', onPort('10.0.0.1'), onPort('10.0.0.2'), undefined],
    ['of two protocols', onPort('', 'UDP'), onPort(''), undefined],
  ])('%s', (_, pod, other, reason) => {
    expect(refusal(pod, { node, allocatable, others: [other] })?.reason).toBe(reason)
  })
})

describe('A critical Pod', () => {
  const critical = (requests: Record<string, string>): PodView => {
    const pod = asking(requests)
    return { ...pod, spec: { containers: [], ...pod.spec, priority: 2_000_000_000 } }
  }
  const named = (name: string, pod: PodView): PodView => ({ ...pod, metadata: { ...pod.metadata, name } })
  const sure = (name: string, cpu: string) => {
    const resources = { requests: { cpu, memory: '1Mi' }, limits: { cpu, memory: '1Mi' } }
    return named(name, aPod({ containers: [aContainer('app', { resources })] }))
  }
  const likely = (name: string, cpu: string) => named(name, asking({ cpu }))
  const room = { ...allocatable, pods: '10' }

  test.each<[what: string, others: PodView[], preempts: string[]]>([
    ['needs nobody to go', [likely('a', '500m')], []],
    ['takes the place of the smallest that will do', [likely('a', '500m'), likely('b', '1')], ['a']],
    ['of as many as it needs', [likely('a', '600m'), likely('b', '700m'), likely('c', '600m')], ['a', 'b']],
    ['of those with guarantees last', [sure('a', '1'), likely('b', '1')], ['b']],
  ])('%s', (_, others, preempts) => {
    const verdict = admissionOf(critical({ cpu: '1' }), { node, allocatable: room, others })
    const pods = 'preempts' in verdict ? verdict.preempts : []
    expect(new Set(pods.map(({ metadata }) => metadata.name))).toEqual(new Set(preempts))
  })

  test('is refused when even that would not do, or for another reason', () => {
    const others = [named('a', critical({ cpu: '2' }))]
    expect(refusal(critical({ cpu: '1' }), { node, allocatable: room, others })).toEqual({
      reason: 'UnexpectedAdmissionError',
      message:
        'Unexpected error while attempting to recover from admission failure: preemption: error finding a set of ' +
        'pods to preempt: no set of running pods found to reclaim resources: [(res: cpu, q: 1000), ]',
    })
    const elsewhere = {
      ...critical({ cpu: '3' }),
      spec: { ...critical({ cpu: '3' }).spec, nodeSelector: { disk: 'hdd' } },
    }
    expect(refusal(elsewhere as PodView, { node, allocatable: room, others })?.reason).toBe('NodeAffinity')
  })
})

test('Burstable Pods weigh what they ask for together; the others are not counted', () => {
  const guaranteed = { requests: { cpu: '2', memory: '1Mi' }, limits: { cpu: '2', memory: '1Mi' } }
  const pods = [
    asking({ cpu: '300m' }),
    asking({ cpu: '200m', memory: '1Mi' }),
    aPod({ containers: [aContainer('app', { resources: guaranteed })] }),
    aPod(),
  ]
  expect(burstableShares(pods)).toBe(512)
  expect(burstableShares([])).toBe(2)
})
