import { expect, test } from 'vitest'

import { PendingResizes, type ResizeRank } from './pending-resizes.ts'

const rank = (more: Partial<ResizeRank>): ResizeRank => ({
  asksForMore: true,
  priority: 0,
  qos: 'Burstable',
  since: 1_000,
  ...more,
})

test.each<[who: string, first: Partial<ResizeRank>, second: Partial<ResizeRank>]>([
  ['who gives room', { asksForMore: false, priority: -5, since: 9_000 }, { priority: 100 }],
  ['who counts for more', { priority: 100 }, { priority: 99, qos: 'Guaranteed', since: 1 }],
  ['who has guarantees', { qos: 'Guaranteed', since: 9_000 }, { since: 1 }],
  ['who has waited longer', { since: 1_000 }, { since: 2_000 }],
  ['who has waited at all', { since: 2_000 }, { since: undefined }],
])('%s is tried first', (_, first, second) => {
  const resizes = new PendingResizes()
  const tried: string[] = []
  const resize = (name: string, of: Partial<ResizeRank>) => ({
    rank: () => rank(of),
    tryNow: () => void tried.push(name),
  })
  resizes.add('b', resize('second', second))
  resizes.add('a', resize('first', first))
  resizes.retry()
  expect(tried).toEqual(['first', 'second'])
  resizes.remove('a')
  resizes.retry()
  expect(tried).toEqual(['first', 'second', 'second'])
})
