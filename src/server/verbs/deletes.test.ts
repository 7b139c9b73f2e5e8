import { describe, expect, test } from 'vitest'
import { PODS } from '../../client/resources.ts'
import { startServer } from '../fixtures.ts'
import type { RequestContext } from '../core.ts'
import { checkDeleteOptions, warnOfDependents } from './delete-options.ts'

const AT = { namespace: 'default', name: 'p' }

describe('the grace of a Pod that is on its way', () => {
  test.each([
    [[-5], 1],
    [[20, -5], 1],
    [[20, 5], 5],
    [[5, 20], 5],
  ])('deleted with %j ends in %d seconds', async (periods, left) => {
    const { client } = await startServer()
    await client.create(PODS, {
      metadata: { ...AT, finalizers: ['a.io/held'] },
      spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] },
    })
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    for (const gracePeriodSeconds of periods) await client.delete(PODS, AT, { gracePeriodSeconds })
    const { metadata } = await client.get(PODS, AT)
    expect(metadata?.deletionGracePeriodSeconds).toBe(left)
  })
})

test('a policy that is empty is refused', () => {
  expect(() => checkDeleteOptions({ propagationPolicy: '' as 'Orphan' })).toThrow(
    'propagationPolicy: Unsupported value: "": supported values: "Foreground", "Background", "Orphan", "nil"',
  )
})

test.each([
  ['batch/v1/jobs', {}, 1],
  ['batch/v1/jobs', { orphanDependents: false }, 0],
  ['batch/v1/jobs', { propagationPolicy: 'Orphan' as const }, 0],
  ['v1/pods', {}, 0],
])('who deletes %s with %j is warned %d times', (key, options, times) => {
  const warnings: string[] = []
  const warn = (text: string) => void warnings.push(text)
  warnOfDependents({ resource: { key }, warn } as unknown as RequestContext, options)
  expect(warnings.length).toBe(times)
})
