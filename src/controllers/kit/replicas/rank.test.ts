import { describe, expect, test } from 'vitest'
import type { Pod } from '../../../api/generated/core-v1.ts'
import { crowdOf, podsToDelete, POD_DELETION_COST } from './rank.ts'

const NOW = Date.parse('2026-01-02T00:00:00Z')

interface Facts {
  readonly node?: string
  readonly phase?: 'Pending' | 'Unknown' | 'Running'
  readonly readySince?: string
  readonly cost?: string
  readonly restarts?: number
  readonly created?: string
}

function pod(name: string, facts: Facts): Pod {
  const { node, phase = 'Running', readySince, cost, restarts = 0, created = '2026-01-01T00:00:00Z' } = facts
  return {
    metadata: {
      name,
      uid: name,
      creationTimestamp: created,
      ...(cost === undefined ? {} : { annotations: { [POD_DELETION_COST]: cost } }),
    },
    spec: { containers: [], ...(node === undefined ? {} : { nodeName: node }) },
    status: {
      phase,
      conditions: readySince === undefined ? [] : [{ type: 'Ready', status: 'True', lastTransitionTime: readySince }],
      containerStatuses: [{ name: 'c', image: '', imageID: '', ready: true, restartCount: restarts }],
    },
  }
}

const READY = { node: 'n1', readySince: '2026-01-01T00:00:00Z' }

describe('podsToDelete()', () => {
  const cases: readonly { readonly rule: string; readonly goes: Facts; readonly stays: Facts }[] = [
    { rule: 'a Pod without a node before one with', goes: { readySince: READY.readySince }, stays: { node: 'n1' } },
    { rule: 'a pending Pod before a running one', goes: { ...READY, phase: 'Pending' }, stays: { node: 'n1' } },
    { rule: 'an unknown Pod before a running one', goes: { ...READY, phase: 'Unknown' }, stays: { node: 'n1' } },
    {
      rule: 'a Pod that is not ready before a ready one',
      goes: { node: 'n1', cost: '9' },
      stays: { ...READY, cost: '1' },
    },
    { rule: 'the lower deletion cost first', goes: { ...READY, cost: '-5' }, stays: READY },
    {
      rule: 'a cost that is no number counts as none',
      goes: { ...READY, cost: '-1' },
      stays: { ...READY, cost: '-9x' },
    },
    {
      rule: 'a cost of more than 32 bits counts as none',
      goes: { ...READY, cost: String(2 ** 31) },
      stays: { ...READY, cost: String(2 ** 31 - 1) },
    },
    {
      rule: 'the one that became ready later first',
      goes: { ...READY, readySince: '2026-01-01T23:59:00Z', restarts: 0 },
      stays: { ...READY, restarts: 5 },
    },
    { rule: 'the one with more restarts first', goes: { ...READY, restarts: 3 }, stays: READY },
    { rule: 'the younger first', goes: { ...READY, created: '2026-01-01T23:00:00Z' }, stays: READY },
  ]
  for (const { rule, goes, stays } of cases) {
    test(`removes ${rule}`, () => {
      const pods = [pod('a-stays', stays), pod('b-goes', goes)]
      const context = { now: NOW, crowd: () => 0 }
      expect(podsToDelete(pods, 1, context).map(({ metadata }) => metadata.name)).toEqual(['b-goes'])
      const swapped = podsToDelete(pods.toReversed(), 1, context)
      expect(swapped.map(({ metadata }) => metadata.name)).toEqual(['b-goes'])
    })
  }

  test('the one on the more crowded node first', () => {
    const pods = [pod('a', READY), pod('b', { ...READY, node: 'n2' }), pod('c', { ...READY, node: 'n2' })]
    const [first] = podsToDelete(pods, 1, { now: NOW, crowd: crowdOf(pods) })
    expect(first?.spec?.nodeName).toBe('n2')
  })
})
