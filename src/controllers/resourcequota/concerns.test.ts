import { describe, expect, test } from 'vitest'
import { builtInResources } from '../kit/all-resources.ts'
import { concerns, countable } from './concerns.ts'
import { lowers } from './count.ts'

const resources = builtInResources().filter(({ namespaced }) => namespaced)
const concerned = (name: string) =>
  resources.filter((resource) => concerns({ [name]: '1' }, resource)).map(({ resource }) => resource)

describe('concerns()', () => {
  const cases = [
    { name: 'pods', counts: ['pods'] },
    { name: 'requests.cpu', counts: ['pods'] },
    { name: 'configmaps', counts: ['configmaps'] },
    { name: 'services.nodeports', counts: ['services'] },
    { name: 'count/deployments.apps', counts: ['deployments'] },
    { name: 'requests.storage', counts: ['persistentvolumeclaims'] },
    { name: 'gold.storageclass.storage.k8s.io/persistentvolumeclaims', counts: ['persistentvolumeclaims'] },
    { name: 'gpu.deviceclass.resource.k8s.io/devices', counts: ['resourceclaims'] },
    { name: 'requests.example.com/gpu', counts: ['pods', 'resourceclaims'] },
  ]
  for (const { name, counts } of cases) {
    test(`counts ${counts.join(' and ')} for ${name}`, () => {
      expect(new Set(concerned(name))).toEqual(new Set(counts))
    })
  }
})

describe('countable()', () => {
  test('leaves out the names that nothing here uses', () => {
    const hard = { 'count/things.example.com': '1', secrets: '2' }
    expect(countable(hard, resources)).toEqual({ secrets: '2' })
  })
})

describe('lowers()', () => {
  const cases = [
    { when: 'less is used', before: { pods: '2' }, after: { pods: '1' }, want: true },
    { when: 'more is used', before: { pods: '2' }, after: { pods: '3' }, want: false },
    { when: 'as much is used', before: { cpu: '1' }, after: { cpu: '1000m' }, want: false },
    { when: 'nothing was known', before: {}, after: { pods: '1' }, want: false },
  ]
  for (const { when, before, after, want } of cases) {
    test(`is ${want} when ${when}`, () => {
      expect(lowers(before, after)).toBe(want)
    })
  }
})
