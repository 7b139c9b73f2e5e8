import { describe, expect, test } from 'vitest'
import type { Job, JobSpec } from '../../src/api/generated/batch-v1.ts'
import { JOBS, PODS } from '../../src/client/resources.ts'
import { ended, running, template, type World, withWorld } from './world.ts'

const job = (name: string, spec: Partial<JobSpec> = {}): Job => ({
  metadata: { name, namespace: 'default' },
  spec: {
    completions: 1,
    parallelism: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: true,
    selector: { matchLabels: { job: name } },
    template: template({ job: name }, 'pause:1', 'Never'),
    ...spec,
  },
})

const unfinished = async (world: World) =>
  (await world.list(PODS)).filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed')

/** Ends every unfinished Pod with this exit code. */
async function endAll(world: World, exitCode: number): Promise<void> {
  await world.settle()
  for (const pod of await unfinished(world)) await world.report(pod, ended(exitCode, world.clock.now()))
  await world.settle()
}

const conditions = async (world: World, name: string) =>
  (await world.find(JOBS, name))?.status?.conditions?.map(({ type, status, reason, message }) =>
    [type, status, reason, message].join('|'),
  )

describe('a Job', () => {
  test('runs its Pods to completion and counts them once', () =>
    withWorld(async (world) => {
      await world.client.create(JOBS, job('once', { completions: 3, parallelism: 2 }))
      await world.settle()
      expect(await unfinished(world)).toHaveLength(2)
      expect((await world.find(JOBS, 'once'))?.status).toMatchObject({ active: 2, ready: 0 })
      await endAll(world, 0)
      expect(await unfinished(world)).toHaveLength(1)
      await endAll(world, 0)
      expect(await conditions(world, 'once')).toEqual([
        'SuccessCriteriaMet|True|CompletionsReached|Reached expected number of succeeded pods',
        'Complete|True|CompletionsReached|Reached expected number of succeeded pods',
      ])
      const { status } = (await world.find(JOBS, 'once')) ?? {}
      expect(status).toMatchObject({ succeeded: 3, uncountedTerminatedPods: {}, ready: 0, terminating: 0 })
      expect(status?.active).toBeUndefined()
      expect(status?.completionTime).toBeDefined()
      expect((await world.list(PODS)).every((pod) => pod.metadata.finalizers === undefined)).toBe(true)
      expect(world.told).toContainEqual({
        about: 'Job/once',
        type: 'Normal',
        reason: 'Completed',
        message: 'Job completed',
      })
    }))

  test('gives up beyond its backoff limit', () =>
    withWorld(async (world) => {
      await world.client.create(JOBS, job('bad', { backoffLimit: 0 }))
      await endAll(world, 3)
      expect((await conditions(world, 'bad'))?.at(-1)).toBe(
        'Failed|True|BackoffLimitExceeded|Job has reached the specified backoff limit',
      )
      expect((await world.find(JOBS, 'bad'))?.status?.failed).toBe(1)
      expect(await world.list(PODS)).toHaveLength(1)
    }))

  test('waits longer after each failure', () =>
    withWorld(async (world) => {
      await world.client.create(JOBS, job('slow'))
      await endAll(world, 1)
      expect(await unfinished(world)).toHaveLength(0)
      await world.settle(10_000)
      expect(await unfinished(world)).toHaveLength(1)
      await endAll(world, 1)
      await world.settle(10_000)
      expect(await unfinished(world)).toHaveLength(0)
      await world.settle(10_000)
      expect(await unfinished(world)).toHaveLength(1)
    }))

  test('with parallelism 0 waits until it is raised', () =>
    withWorld(async (world) => {
      await world.client.create(JOBS, job('held', { parallelism: 0 }))
      await world.settle()
      expect(await world.list(PODS)).toHaveLength(0)
      await world.client.patch(JOBS, { namespace: 'default', name: 'held' }, 'merge', { spec: { parallelism: 1 } })
      await endAll(world, 0)
      expect((await world.find(JOBS, 'held'))?.status?.succeeded).toBe(1)
    }))

  test('suspended stops its Pods without counting them, and starts again', () =>
    withWorld(async (world) => {
      await world.client.create(JOBS, job('nap'))
      await world.kubelets()
      const suspend = (value: boolean) =>
        world.client.patch(JOBS, { namespace: 'default', name: 'nap' }, 'merge', { spec: { suspend: value } })
      await suspend(true)
      await world.kubelets()
      expect(await conditions(world, 'nap')).toEqual(['Suspended|True|JobSuspended|Job suspended'])
      expect(await world.list(PODS)).toHaveLength(0)
      const { failed, startTime } = (await world.find(JOBS, 'nap'))?.status ?? {}
      expect({ failed, startTime }).toEqual({})
      await suspend(false)
      await world.settle()
      expect((await world.find(JOBS, 'nap'))?.status?.startTime).toBeDefined()
      await endAll(world, 0)
      expect((await conditions(world, 'nap'))?.at(-1)).toMatch(/^Complete\|True/)
    }))

  test('Indexed gives each Pod an index and records the done ones', () =>
    withWorld(async (world) => {
      await world.client.create(JOBS, job('many', { completionMode: 'Indexed', completions: 4, parallelism: 4 }))
      await world.settle()
      const pods = await world.list(PODS)
      expect(pods.map((pod) => pod.spec?.hostname ?? '').toSorted()).toEqual(['many-0', 'many-1', 'many-2', 'many-3'])
      for (const pod of pods) {
        const index = pod.metadata.annotations?.['batch.kubernetes.io/job-completion-index']
        await world.report(pod, index === '2' ? running(world.clock.now()) : ended(0, world.clock.now()))
      }
      await world.settle()
      expect((await world.find(JOBS, 'many'))?.status).toMatchObject({ succeeded: 3, completedIndexes: '0,1,3' })
    }))

  test('obeys its pod failure policy', () =>
    withWorld(async (world) => {
      const podFailurePolicy: JobSpec['podFailurePolicy'] = {
        rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }],
      }
      await world.client.create(JOBS, job('policy', { podFailurePolicy }))
      await endAll(world, 42)
      const [pod] = await world.list(PODS)
      expect((await conditions(world, 'policy'))?.at(-1)).toBe(
        `Failed|True|PodFailurePolicy|Container c for pod default/${pod?.metadata.name} failed with exit code 42 matching FailJob rule at index 0`,
      )
    }))

  test('fails when its deadline passes, and stops its Pods', () =>
    withWorld(async (world) => {
      await world.client.create(JOBS, job('late', { activeDeadlineSeconds: 30 }))
      await world.kubelets()
      await world.settle(31_000)
      await world.kubelets()
      expect((await conditions(world, 'late'))?.at(-1)).toBe(
        'Failed|True|DeadlineExceeded|Job was active longer than specified deadline',
      )
      expect(await unfinished(world)).toHaveLength(0)
    }))

  test('deleted without cascading leaves its Pods, free of its finalizer', () =>
    withWorld(async (world) => {
      await world.client.create(JOBS, job('gone'))
      await world.settle()
      await world.client.delete(JOBS, { namespace: 'default', name: 'gone' }, { propagationPolicy: 'Orphan' })
      await world.settle()
      const [pod] = await world.list(PODS)
      expect(pod?.metadata.ownerReferences).toBeUndefined()
      expect(pod?.metadata.finalizers).toBeUndefined()
    }))
})
