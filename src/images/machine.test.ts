import { describe, expect, test } from 'vitest'
import { PAUSE_IMAGE, standInFor } from './machine.ts'

describe('standInFor()', () => {
  const cases = [
    { registry: 'registry.k8s.io', repository: 'pause', want: PAUSE_IMAGE },
    { registry: 'k8s.gcr.io', repository: 'pause', want: PAUSE_IMAGE },
    { registry: 'docker.io', repository: 'library/pause', want: undefined },
    { registry: 'registry.k8s.io', repository: 'etcd', want: undefined },
  ]
  for (const { registry, repository, want } of cases) {
    test(`${registry}/${repository} is ${want === undefined ? 'not stood in for' : "the machine's pause image"}`, () => {
      expect(standInFor({ registry, repository })).toBe(want)
    })
  }
})
