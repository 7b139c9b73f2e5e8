import { describe, expect, test } from 'vitest'
import type { PodStatus } from '../../api/generated/core-v1.ts'
import type { ReadPod } from '../kit/pods.ts'
import { planPodGc } from './decide.ts'

interface Facts {
  readonly node?: string
  readonly phase?: PodStatus['phase']
  readonly reason?: string
  readonly day?: number
  readonly isDeleting?: boolean
}

function pod(name: string, { node = '', phase = 'Running', reason, day = 1, isDeleting = false }: Facts): ReadPod {
  const at = (of: number) => `2026-01-0${of}T00:00:00Z`
  return {
    metadata: { name, creationTimestamp: at(day), ...(isDeleting ? { deletionTimestamp: at(9) } : {}) },
    spec: { containers: [], ...(node === '' ? {} : { nodeName: node }) },
    status: { phase, ...(reason === undefined ? {} : { reason }) },
  }
}

const planned = (pods: readonly ReadPod[], finishedLimit = 100) =>
  planPodGc({
    pods,
    isNodeGone: (name) => name === 'gone',
    isOutOfService: (name) => name === 'broken',
    finishedLimit,
  }).map(({ pod: { metadata }, disruption }) => `${metadata.name}${disruption === undefined ? '' : `: ${disruption}`}`)

describe('planPodGc()', () => {
  const cases: readonly { readonly what: string; readonly facts: Facts; readonly goes?: string }[] = [
    { what: 'a Pod that runs', facts: { node: 'n' } },
    { what: 'a Pod of a node that is gone', facts: { node: 'gone' }, goes: 'p: PodGC: node no longer exists' },
    { what: 'a Pod without a node that is to go', facts: { isDeleting: true }, goes: 'p' },
    { what: 'a Pod with a node that is to go', facts: { node: 'n', isDeleting: true } },
    { what: 'a Pod that is to go from a node out of service', facts: { node: 'broken', isDeleting: true }, goes: 'p' },
    { what: 'a Pod of a node out of service', facts: { node: 'broken' } },
    { what: 'a Pod that waits for a node', facts: { phase: 'Pending' } },
  ]
  for (const { what, facts, goes } of cases) {
    test(`${goes === undefined ? 'leaves' : 'removes'} ${what}`, () =>
      expect(planned([pod('p', facts)])).toEqual(goes === undefined ? [] : [goes]))
  }

  const finished = (name: string, day: number, reason?: string) =>
    pod(name, { node: 'n', phase: 'Failed', day, ...(reason === undefined ? {} : { reason }) })
  const surplus = [
    { what: 'the oldest', pods: [finished('new', 3), finished('old', 1), finished('middle', 2)], goes: ['old'] },
    { what: 'those that were evicted first', pods: [finished('old', 1), finished('out', 2, 'Evicted')], goes: ['out'] },
    { what: 'of the same age those by name', pods: [finished('b', 1), finished('a', 1)], goes: ['a'] },
  ]
  for (const { what, pods, goes } of surplus) {
    test(`removes of too many finished Pods ${what}`, () => expect(planned(pods, pods.length - 1)).toEqual(goes))
  }

  test('counts no Pod that runs among the finished, and removes none where there is no limit', () => {
    const pods = [finished('a', 1), pod('b', { node: 'n' })]
    expect(planned(pods, 1)).toEqual([])
    expect(planned(pods, 0)).toEqual([])
  })
})
