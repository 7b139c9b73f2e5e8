import { describe, expect, test } from 'vitest'

import type { ResourceRequirements } from '../../api/generated/core-v1.ts'
import type { PodView } from '../pods/pod-view.ts'
import { containerHugepages, podHugepages } from './hugepages.ts'

const both = (amounts: Record<string, string>): ResourceRequirements => ({ requests: amounts, limits: amounts })
const podOf = (containers: readonly ResourceRequirements[], resources?: ResourceRequirements): PodView => ({
  metadata: { name: 'p', namespace: 'd', uid: 'u' },
  spec: {
    ...(resources !== undefined && { resources }),
    containers: containers.map((own, at) => ({ name: `c${at}`, image: 'i', resources: own })),
  },
})

describe('containerHugepages()', () => {
  const machine = ['2Mi', '1Gi']
  const cases: readonly { of: string; own: ResourceRequirements; whole?: ResourceRequirements; is: number[] }[] = [
    { of: 'a container that asks for none', own: both({ memory: '1Gi' }), is: [0, 0] },
    { of: 'a container that asks for one size', own: both({ 'hugepages-2Mi': '4Mi' }), is: [4 << 20, 0] },
    { of: 'a size in other words', own: both({ 'hugepages-1024Mi': '2Gi' }), is: [0, 2 * 2 ** 30] },
    { of: 'a size that the machine lacks', own: both({ 'hugepages-64Ki': '64Ki' }), is: [0, 0] },
    { of: 'a Pod with a limit of its own', own: {}, whole: both({ 'hugepages-2Mi': '8Mi' }), is: [8 << 20, 0] },
    {
      of: 'a container of such a Pod that says less',
      own: both({ 'hugepages-2Mi': '2Mi' }),
      whole: both({ 'hugepages-2Mi': '8Mi' }),
      is: [2 << 20, 0],
    },
  ]
  for (const { of, own, whole, is } of cases) {
    test(`${of}: ${is.join(', ')}`, () => {
      const limits = containerHugepages(podOf([own], whole), own.limits, machine)
      expect(limits).toEqual([
        { pageSize: '2MB', limit: is[0] },
        { pageSize: '1GB', limit: is[1] },
      ])
    })
  }
})

test('a Pod may use what its containers ask for together', () => {
  const pod = podOf([both({ 'hugepages-2Mi': '4Mi' }), both({ 'hugepages-2Mi': '2Mi', cpu: '1' })])
  expect(podHugepages(pod)).toEqual([{ pageSize: '2MB', limit: 6 << 20 }])
  expect(podHugepages(podOf([both({ cpu: '1' })]))).toEqual([])
})
