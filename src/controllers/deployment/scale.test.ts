import { describe, expect, test } from 'vitest'
import type { Deployment, ReplicaSet } from '../../api/generated/apps-v1.ts'
import { sizeAnnotations } from './annotations.ts'
import { planRollingStep } from './rollout.ts'
import { planScale } from './scale.ts'
import { viewSets } from './sets.ts'
import { fenceposts } from './sizes.ts'

const template = (image: string) => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image }] },
})

const deployment = (replicas: number, maxSurge: number | string, maxUnavailable: number | string): Deployment => ({
  metadata: { name: 'web', uid: 'd' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: template('new'),
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
  },
})

interface SetFacts {
  readonly image: string
  readonly size: number
  readonly available: number
  /** What the Deployment wanted when the sizes were given. */
  readonly desired?: number
  readonly max?: number
}

const sets = (facts: readonly SetFacts[]): ReplicaSet[] =>
  facts.map(({ image, size, available, desired = 10, max = 13 }, index) => ({
    metadata: {
      name: image,
      uid: image,
      creationTimestamp: `2026-01-01T00:00:0${index}Z`,
      annotations: { ...sizeAnnotations(desired, max) },
    },
    spec: { replicas: size, selector: {}, template: template(image) },
    status: { replicas: size, availableReplicas: available },
  }))

const names = (resizes: readonly { set: { metadata: { name?: string } }; size: number }[]) =>
  Object.fromEntries(resizes.map(({ set, size }) => [set.metadata.name, size]))

describe('fenceposts()', () => {
  const cases = [
    { maxSurge: '25%', maxUnavailable: '25%', wanted: 10, surge: 3, unavailable: 2 },
    { maxSurge: '25%', maxUnavailable: '25%', wanted: 1, surge: 1, unavailable: 0 },
    { maxSurge: 0, maxUnavailable: '1%', wanted: 5, surge: 0, unavailable: 1 },
    { maxSurge: 2, maxUnavailable: 0, wanted: 5, surge: 2, unavailable: 0 },
  ]
  for (const { maxSurge, maxUnavailable, wanted, surge, unavailable } of cases) {
    test(`surge ${maxSurge}, unavailable ${maxUnavailable} of ${wanted} are ${surge} and ${unavailable}`, () => {
      expect(fenceposts(maxSurge, maxUnavailable, wanted)).toEqual({ surge, unavailable })
    })
  }
})

describe('planRollingStep()', () => {
  const cases = [
    {
      when: 'there is room, the new set grows into it',
      have: [
        { image: 'old', size: 10, available: 10 },
        { image: 'new', size: 0, available: 0 },
      ],
      result: { new: 3 },
    },
    {
      when: 'there is no room, old Pods go as far as availability allows',
      have: [
        { image: 'old', size: 10, available: 10 },
        { image: 'new', size: 3, available: 0 },
      ],
      result: { old: 8 },
    },
    {
      when: 'old Pods are not available, they go first',
      have: [
        { image: 'older', size: 2, available: 0 },
        { image: 'old', size: 8, available: 8 },
        { image: 'new', size: 3, available: 0 },
      ],
      result: { older: 0 },
    },
    {
      when: 'too many are unavailable already, it waits',
      have: [
        { image: 'old', size: 8, available: 8 },
        { image: 'new', size: 5, available: 0 },
      ],
      result: {},
    },
    {
      when: 'a status still counts Pods that are about to go, those are not given away again',
      have: [
        { image: 'older', size: 1, available: 0 },
        { image: 'old', size: 8, available: 20 },
        { image: 'new', size: 4, available: 0 },
      ],
      result: { older: 0 },
    },
    {
      when: 'the new Pods are available, the rest of the old ones goes',
      have: [
        { image: 'old', size: 2, available: 2 },
        { image: 'new', size: 10, available: 10 },
      ],
      result: { old: 0 },
    },
  ]
  for (const { when, have, result } of cases) {
    test(`when ${when}`, () => {
      const wanted = deployment(10, '25%', '25%')
      expect(names(planRollingStep(wanted, viewSets(wanted, sets(have))))).toEqual(result)
    })
  }
})

describe('planScale()', () => {
  test('gives the only set with Pods all of them', () => {
    const wanted = deployment(5, 1, 1)
    const view = viewSets(
      wanted,
      sets([
        { image: 'old', size: 0, available: 0 },
        { image: 'new', size: 3, available: 3 },
      ]),
    )
    expect(names(planScale(wanted, view))).toEqual({ new: 5 })
  })

  test('shares a change in the middle of a rollout by size, and loses none', () => {
    // The documentation's example: 10 wanted with 3 of surge, stuck at 8 and 5, scaled to 15.
    const wanted = deployment(15, 3, 2)
    const view = viewSets(
      wanted,
      sets([
        { image: 'old', size: 8, available: 8 },
        { image: 'new', size: 5, available: 0 },
      ]),
    )
    expect(names(planScale(wanted, view))).toEqual({ old: 11, new: 7 })
  })

  test('scaled to zero takes everything away', () => {
    const wanted = deployment(0, 3, 2)
    const view = viewSets(
      wanted,
      sets([
        { image: 'old', size: 8, available: 8 },
        { image: 'new', size: 5, available: 0 },
      ]),
    )
    expect(names(planScale(wanted, view))).toEqual({ old: 0, new: 0 })
  })

  test('a complete new set sends the old ones away', () => {
    const wanted = deployment(10, 3, 2)
    const view = viewSets(
      wanted,
      sets([
        { image: 'old', size: 1, available: 1 },
        { image: 'new', size: 10, available: 10 },
      ]),
    )
    expect(names(planScale(wanted, view))).toEqual({ old: 0 })
  })
})
