import { describe, expect, test } from 'vitest'
import type { Container } from '../../../api/generated/core-v1.ts'
import { aNode } from '../../fixtures.ts'
import { MutableNodeInfo } from '../../snapshot/node-info.ts'
import { podInfoOf } from '../../snapshot/pod-info.ts'
import { claimForNode, deviceResourcesOf } from './extended.ts'
import { gpuClass } from './fixtures.ts'

const GPU = 'example.com/gpu'
const classFor = (resource: string) => (resource === GPU ? gpuClass : undefined)

const gpus = (name: string, count: number, restartPolicy?: string): Container => ({
  name,
  image: 'i',
  resources: { requests: { cpu: '1', ...(count > 0 && { [GPU]: String(count) }) } },
  ...(restartPolicy !== undefined && { restartPolicy }),
})

const podOf = (containers: Container[], initContainers: Container[] = []) =>
  podInfoOf({ metadata: { name: 'p', namespace: 'default', uid: 'u' }, spec: { containers, initContainers } })

function shares(pod: ReturnType<typeof podOf>, allocatable: Record<string, string> = {}) {
  const node = aNode('n')
  const offered = { ...node, status: { ...node.status, allocatable: { ...node.status?.allocatable, ...allocatable } } }
  const found = claimForNode(pod, new MutableNodeInfo(offered), deviceResourcesOf(pod, classFor), classFor)
  return {
    requests: (found?.claim.spec.devices?.requests ?? []).map(({ name, exactly }) => `${name}: ${exactly?.count}`),
    mappings: (found?.mappings ?? []).map(({ containerName, requestName }) => `${containerName}: ${requestName}`),
  }
}

describe('claimForNode()', () => {
  const cases: readonly { when: string; pod: ReturnType<typeof podOf>; requests: string[]; mappings: string[] }[] = [
    {
      when: 'containers that run together each have their own devices',
      pod: podOf([gpus('a', 1), gpus('b', 0), gpus('c', 2)]),
      requests: ['container-0-request-1: 1', 'container-2-request-1: 2'],
      mappings: ['a: container-0-request-1', 'c: container-2-request-1'],
    },
    {
      when: 'an init container uses those of the containers after it',
      pod: podOf([gpus('a', 2)], [gpus('i', 1)]),
      requests: ['container-1-request-1: 2'],
      mappings: ['a: container-1-request-1', 'i: container-1-request-1'],
    },
    {
      when: 'init containers share the most that any needs besides',
      pod: podOf([gpus('a', 1)], [gpus('i', 2), gpus('j', 4)]),
      requests: ['container-1-request-1: 3', 'container-2-request-1: 1'],
      mappings: [
        'a: container-2-request-1',
        'i: container-2-request-1',
        'i: container-1-request-1',
        'j: container-2-request-1',
        'j: container-1-request-1',
      ],
    },
    {
      when: 'a sidecar that runs already lends nothing',
      pod: podOf([gpus('a', 1)], [gpus('side', 1, 'Always'), gpus('i', 2)]),
      requests: ['container-0-request-1: 1', 'container-1-request-1: 1', 'container-2-request-1: 1'],
      mappings: [
        'side: container-0-request-1',
        'a: container-2-request-1',
        'i: container-2-request-1',
        'i: container-1-request-1',
      ],
    },
  ]
  for (const c of cases) {
    test(`gives out devices where ${c.when}`, () =>
      expect(shares(c.pod)).toEqual({ requests: c.requests, mappings: c.mappings }))
  }

  test('asks for nothing where the node offers the resource itself', () => {
    expect(shares(podOf([gpus('a', 1)]), { [GPU]: '4' })).toEqual({ requests: [], mappings: [] })
  })

  test('asks for nothing that no class knows', () => {
    const pod = podOf([{ name: 'a', image: 'i', resources: { requests: { 'example.com/none': '1' } } }])
    expect(shares(pod)).toEqual({ requests: [], mappings: [] })
  })
})
