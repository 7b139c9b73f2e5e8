import { expect, test } from 'vitest'

import { compareResourceVersions } from './resource-version.ts'

test.each([
  ['9', '10', -1],
  ['10', '9', 1],
  ['7', '7', 0],
  ['99999999999999999999', '99999999999999999998', 1],
  ['', '1', 0],
  ['a', '1', 0],
])('%j beside %j: %i', (a, b, order) => {
  expect(compareResourceVersions({ metadata: { resourceVersion: a } }, { metadata: { resourceVersion: b } })).toBe(
    order,
  )
})
