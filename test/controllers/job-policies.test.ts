/** Jobs whose Pods are judged one by one: limits per index, success and failure policies, replacement, other managers. */

import { describe, expect, test } from 'vitest'
import type { JobSpec } from '../../src/api/generated/batch-v1.ts'
import { JOBS, NODES, PODS } from '../../src/client/resources.ts'
import type { ReadPod } from '../../src/controllers/kit/pods.ts'
import { ended, template, type World, withWorld } from './world.ts'

const AT = { name: 'j', namespace: 'default' }
const INDEX = 'batch.kubernetes.io/job-completion-index'

const create = (world: World, spec: Partial<JobSpec>) =>
  world.client.create(JOBS, { metadata: AT, spec: { template: template({}, 'pause:1', 'Never'), ...spec } })
const indexed = (spec: Partial<JobSpec>): Partial<JobSpec> => ({
  completionMode: 'Indexed',
  completions: 4,
  parallelism: 4,
  ...spec,
})
/** A template whose Pods are on a node: only those end in their own time. */
async function onNode(world: World): Promise<Pick<JobSpec, 'template'>> {
  await world.client.create(NODES, { metadata: { name: 'n' } })
  const { metadata, spec } = template({}, 'pause:1', 'Never')
  return { template: { metadata, spec: { ...spec, nodeName: 'n' } } }
}
const indexOf = (pod: ReadPod) => pod.metadata.annotations?.[INDEX] ?? ''
const unfinished = async (world: World) =>
  (await world.list(PODS)).filter(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed',
  )

/** Ends every unfinished Pod with the exit code of its index, 0 unless named; then lets back-offs run out. */
async function play(world: World, codes: Readonly<Record<string, number>> = {}, wait = 20 * 60_000): Promise<void> {
  await world.settle()
  for (const pod of await unfinished(world)) await world.report(pod, ended(codes[indexOf(pod)] ?? 0, world.clock.now()))
  await world.settle(wait)
  for (const pod of await world.list(PODS)) {
    if (pod.metadata.deletionTimestamp !== undefined) {
      await world.client.delete(
        PODS,
        { namespace: 'default', name: pod.metadata.name ?? '' },
        { gracePeriodSeconds: 0 },
      )
    }
  }
  await world.settle()
}

const status = async (world: World) => (await world.find(JOBS, 'j'))?.status
const ends = async (world: World) =>
  (await status(world))?.conditions?.map(({ type, reason, message }) => `${type} ${reason}: ${message}`)

describe('a Job with a back-off limit for each index', () => {
  test('fails at its end, when all other indexes are done', () =>
    withWorld(async (world) => {
      await create(world, indexed({ backoffLimitPerIndex: 1 }))
      await play(world, { 1: 1 })
      expect(await status(world)).toMatchObject({ completedIndexes: '0,2,3', failedIndexes: '' })
      expect((await unfinished(world)).map(indexOf)).toEqual(['1'])
      const [again] = await unfinished(world)
      expect(again?.metadata.annotations?.['batch.kubernetes.io/job-index-failure-count']).toBe('1')
      await play(world, { 1: 1 })
      expect(await status(world)).toMatchObject({
        completedIndexes: '0,2,3',
        failedIndexes: '1',
        failed: 2,
        succeeded: 3,
      })
      expect(await ends(world)).toEqual([
        'FailureTarget FailedIndexes: Job has failed indexes',
        'Failed FailedIndexes: Job has failed indexes',
      ])
    }))

  test('fails early when more indexes failed than may', () =>
    withWorld(async (world) => {
      await create(world, indexed({ backoffLimitPerIndex: 0, maxFailedIndexes: 1 }))
      await world.settle()
      for (const pod of await unfinished(world)) {
        if (indexOf(pod) < '2') await world.report(pod, ended(1, world.clock.now()))
      }
      await play(world)
      // What a failed Job stops has failed with it, but not its index.
      expect(await status(world)).toMatchObject({ failedIndexes: '0,1', failed: 4 })
      expect((await ends(world))?.at(-1)).toBe(
        'Failed MaxFailedIndexesExceeded: Job has exceeded the specified maximal number of failed indexes',
      )
      expect(await unfinished(world)).toEqual([])
    }))

  test('gives up an index at once where the failure policy says so', () =>
    withWorld(async (world) => {
      const rules = [{ action: 'FailIndex' as const, onExitCodes: { operator: 'In' as const, values: [42] } }]
      await create(world, indexed({ backoffLimitPerIndex: 3, podFailurePolicy: { rules } }))
      await play(world, { 2: 42 })
      expect(await status(world)).toMatchObject({ failedIndexes: '2', failed: 1 })
      expect((await ends(world))?.at(-1)).toBe('Failed FailedIndexes: Job has failed indexes')
    }))
})

describe('a Job with a failure policy', () => {
  test('does not count what it ignores', () =>
    withWorld(async (world) => {
      const rules = [{ action: 'Ignore' as const, onExitCodes: { operator: 'In' as const, values: [9] } }]
      await create(world, { backoffLimit: 0, podFailurePolicy: { rules } })
      for (let time = 0; time < 3; time++) await play(world, { '': 9 })
      expect((await status(world))?.failed).toBeUndefined()
      expect(await unfinished(world)).toHaveLength(1)
      await play(world)
      expect((await ends(world))?.at(-1)).toMatch(/^Complete /)
    }))
})

describe('a Job with a success policy', () => {
  test('is complete as soon as it is met, and stops the rest', () =>
    withWorld(async (world) => {
      await create(
        world,
        indexed({ ...(await onNode(world)), successPolicy: { rules: [{ succeededIndexes: '0,3' }] } }),
      )
      await world.settle()
      for (const pod of await unfinished(world)) {
        if (['0', '3'].includes(indexOf(pod))) await world.report(pod, ended(0, world.clock.now()))
      }
      await world.settle()
      expect(await ends(world)).toEqual(['SuccessCriteriaMet SuccessPolicy: Matched rules at index 0'])
      expect(await status(world)).toMatchObject({ terminating: 2 })
      await world.kubelets()
      expect(await unfinished(world)).toEqual([])
      expect(await ends(world)).toEqual([
        'SuccessCriteriaMet SuccessPolicy: Matched rules at index 0',
        'Complete SuccessPolicy: Matched rules at index 0',
      ])
      expect(await status(world)).toMatchObject({ completedIndexes: '0,3', succeeded: 2 })
      expect((await status(world))?.failed).toBeUndefined()
    }))
})

describe('a Job that replaces Pods', () => {
  const lose = async (world: World) => {
    await world.settle()
    const [pod] = await world.list(PODS)
    await world.client.delete(PODS, { namespace: 'default', name: pod?.metadata.name ?? '' })
    await world.settle()
  }

  test('only when they have failed waits for one that is on its way out', () =>
    withWorld(async (world) => {
      await create(world, { ...(await onNode(world)), podReplacementPolicy: 'Failed' })
      await world.kubelets()
      await lose(world)
      await world.settle(20_000)
      expect(await unfinished(world)).toEqual([])
      expect(await status(world)).toMatchObject({ terminating: 1 })
      const [pod] = await world.list(PODS)
      if (pod !== undefined) await world.report(pod, ended(1, world.clock.now()))
      await world.settle(20_000)
      expect(await unfinished(world)).toHaveLength(1)
    }))

  test('when they are terminating does so after its back-off', () =>
    withWorld(async (world) => {
      await create(world, { ...(await onNode(world)), podReplacementPolicy: 'TerminatingOrFailed' })
      await world.kubelets()
      await lose(world)
      await world.settle(60_000)
      expect(await unfinished(world)).toHaveLength(1)
    }))
})

test('a Job that somebody else manages is left alone', () =>
  withWorld(async (world) => {
    await create(world, { managedBy: 'example.com/queue' })
    await world.settle(60_000)
    expect(await world.list(PODS)).toEqual([])
    expect(await status(world)).toEqual({})
  }))
