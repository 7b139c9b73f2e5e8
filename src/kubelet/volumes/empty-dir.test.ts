import { describe, expect, test } from 'vitest'

import type { ResourceList } from '../../api/generated/core-v1.ts'
import { aContainer, aPod } from '../pods/fixtures.ts'
import { emptyDirOptions } from './empty-dir.ts'

const NODE_MEMORY = 1024 ** 3
const podOf = (list: ResourceList = {}, more: ResourceList = {}) =>
  aPod({
    containers: [
      aContainer('app', { resources: { requests: list, limits: list } }),
      aContainer('other', { resources: { requests: more, limits: more } }),
    ],
  })
const MIB = 1024 ** 2

describe('emptyDirOptions()', () => {
  test('is a folder on the disk unless told otherwise', () => {
    expect(emptyDirOptions(aPod({ securityContext: { fsGroup: 5 } }), {}, NODE_MEMORY)).toEqual({
      medium: 'disk',
      fsGroup: 5,
    })
  })

  const sizes = [
    { when: 'nobody has a limit', pod: podOf(), sizeLimit: undefined, is: NODE_MEMORY },
    { when: 'the volume has one', pod: podOf(), sizeLimit: '3Mi', is: 3 * MIB },
    {
      when: 'all containers have one',
      pod: podOf({ memory: '4Mi' }, { memory: '5Mi' }),
      sizeLimit: undefined,
      is: 9 * MIB,
    },
    { when: 'only one container has one', pod: podOf({ memory: '4Mi' }), sizeLimit: undefined, is: NODE_MEMORY },
    {
      when: 'the Pod may have less than the volume',
      pod: podOf({ memory: '4Mi' }, { memory: '5Mi' }),
      sizeLimit: '20Mi',
      is: 9 * MIB,
    },
    { when: 'the node has less than the volume', pod: podOf(), sizeLimit: '4Gi', is: NODE_MEMORY },
  ]
  for (const { when, pod, sizeLimit, is } of sizes) {
    test(`in memory has ${is} bytes when ${when}`, () => {
      const source = { medium: 'Memory', ...(sizeLimit !== undefined && { sizeLimit }) }
      expect(emptyDirOptions(pod, source, NODE_MEMORY)).toEqual({ medium: 'memory', sizeBytes: is })
    })
  }

  const two = { 'hugepages-2Mi': '4Mi' }
  const big = { 'hugepages-1Gi': '1Gi' }
  test('has the huge pages that the Pod asks for', () => {
    expect(emptyDirOptions(podOf(two), { medium: 'HugePages' }, 0)).toEqual({ medium: 'hugePages', pageSize: '2048K' })
    expect(emptyDirOptions(podOf(two, big), { medium: 'HugePages-1Gi' }, 0)).toEqual({
      medium: 'hugePages',
      pageSize: '1048576K',
    })
  })
  const faults = [
    {
      pod: podOf(two, big),
      medium: 'HugePages',
      says: "medium: HugePages can't be used if container requests multiple huge page sizes",
    },
    {
      pod: podOf(),
      medium: 'HugePages',
      says: 'medium HugePages: hugePages storage requested, but there is no resource request for huge pages',
    },
    {
      pod: podOf(two),
      medium: 'HugePages-1Gi',
      says: 'medium HugePages-1Gi: hugePages storage requested, but there is no resource request for huge pages',
    },
    { pod: podOf(), medium: 'Tape', says: 'unknown storage medium "Tape"' },
  ]
  for (const { pod, medium, says } of faults) {
    test(`is refused: ${says}`, () => {
      expect(() => emptyDirOptions(pod, { medium }, NODE_MEMORY)).toThrow(says)
    })
  }
})
