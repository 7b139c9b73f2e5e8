import { expect, test } from 'vitest'

import { isStatic } from '../static-pods/manifest.ts'
import { aPod } from './fixtures.ts'
import { notedPod } from './noted-pod.ts'

const NOW = 1_767_225_600_000

test('a Pod is noted with its source, and with when it was seen first', () => {
  const first = notedPod(aPod(), undefined, NOW)
  expect(first.metadata.annotations).toEqual({
    'kubernetes.io/config.seen': '2026-01-01T00:00:00Z',
    'kubernetes.io/config.source': 'api',
  })
  expect(notedPod(aPod(), first, NOW + 60_000)).toEqual(first)
})

test('nobody makes a static Pod by writing that it is one', () => {
  const pod = aPod()
  const annotations = { own: '1', 'kubernetes.io/config.source': 'file' }
  const noted = notedPod({ ...pod, metadata: { ...pod.metadata, annotations } }, undefined, NOW)
  expect(isStatic(noted)).toBe(false)
  expect(noted.metadata.annotations).toMatchObject({ own: '1' })
})
