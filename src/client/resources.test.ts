import { expect, test } from 'vitest'
import { resourceFacts } from '../api/generated/resources.ts'
import * as resources from './resources.ts'

test('there is one reference to every resource that is served, saying what the facts say', () => {
  const refs = Object.values(resources).filter((value) => typeof value === 'object')
  const facts = Object.values(resourceFacts).map(({ group, version, resource, kind, namespaced }) => ({
    group,
    version,
    resource,
    kind,
    namespaced,
  }))
  expect(refs).toHaveLength(facts.length)
  expect(refs).toEqual(expect.arrayContaining(facts))
})
