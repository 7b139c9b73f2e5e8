import { describe, expect, test } from 'vitest'

import type { Node, PodSpec } from '../../api/generated/core-v1.ts'
import { aContainer, aPod } from '../pods/fixtures.ts'
import { rejectionOf } from './admission.ts'

const asking = (requests: Record<string, string>) =>
  aPod({ containers: [aContainer('app', { resources: { requests } })] })
const node: Node = { metadata: { name: 'node-1', labels: { disk: 'ssd' } } }
const tainted: Node = { ...node, spec: { taints: [{ key: 'k', value: 'v', effect: 'NoExecute' }] } }
const allocatable = { cpu: '2', memory: '1Gi', pods: '2', 'ephemeral-storage': '10Gi' }

describe('A Pod bound to this node', () => {
  test.each<[what: string, spec: Partial<PodSpec>, node: Node | undefined, reason: string | undefined]>([
    ['that asks for nothing', {}, node, undefined],
    ['that selects this node', { nodeSelector: { disk: 'ssd' } }, node, undefined],
    ['that selects others', { nodeSelector: { disk: 'hdd' } }, node, 'NodeAffinity'],
    ['that selects others, before the Node is known', { nodeSelector: { disk: 'hdd' } }, undefined, undefined],
    ['that does not tolerate', {}, tainted, 'TaintToleration'],
    ['that tolerates', { tolerations: [{ operator: 'Exists' }] }, tainted, undefined],
  ])('%s', (_, spec, at, reason) => {
    expect(rejectionOf(aPod(spec), { node: at, allocatable, others: [] })?.reason).toBe(reason)
  })

  test.each<[requests: Record<string, string>, others: Record<string, string>[], message: string | undefined]>([
    [{ cpu: '2', memory: '1Gi' }, [], undefined],
    [{ cpu: '1' }, [{ cpu: '1' }], undefined],
    [{ cpu: '1001m' }, [{ cpu: '1' }], 'OutOfcpu: cpu, requested: 1001, used: 1000, capacity: 2000'],
    [{ memory: '2Gi' }, [], 'OutOfmemory: memory, requested: 2147483648, used: 0, capacity: 1073741824'],
    [{ 'example.com/gpu': '1' }, [], 'OutOfexample.com/gpu: example.com/gpu, requested: 1, used: 0, capacity: 0'],
    [{ 'example.com/gpu': '0' }, [], undefined],
    [{}, [{}, {}], 'OutOfpods: pods, requested: 1, used: 2, capacity: 2'],
  ])('asking for %j beside %j', (requests, others, wanted) => {
    const rejection = rejectionOf(asking(requests), { node, allocatable, others: others.map(asking) })
    const text = rejection && `${rejection.reason}: ${rejection.message}`
    expect(text).toBe(wanted?.replace(': ', ": Node didn't have enough resource: "))
  })
})
