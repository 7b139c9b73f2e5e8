import { describe, expect, test } from 'vitest'
import type { CronJob, CronJobSpec } from '../../src/api/generated/batch-v1.ts'
import { CRON_JOBS, JOBS, PODS } from '../../src/client/resources.ts'
import { ended, template, type World, withWorld } from './world.ts'

const MINUTE = 60_000

const cron = (spec: Partial<CronJobSpec> = {}): CronJob => ({
  metadata: { name: 'tick', namespace: 'default' },
  spec: {
    schedule: '*/1 * * * *',
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 2,
    failedJobsHistoryLimit: 1,
    jobTemplate: {
      spec: {
        completions: 1,
        parallelism: 1,
        backoffLimit: 0,
        template: template({}, 'pause:1', 'Never'),
      },
    },
    ...spec,
  },
})

const jobNames = async (world: World) => (await world.list(JOBS)).map(({ metadata }) => metadata.name ?? '')

async function endAll(world: World): Promise<void> {
  await world.settle()
  for (const pod of await world.list(PODS)) {
    if (pod.status?.phase !== 'Succeeded') await world.report(pod, ended(0, world.clock.now()))
  }
  await world.settle()
}

describe('a CronJob', () => {
  test('starts a Job each time it is due, named by the time', () =>
    withWorld(async (world) => {
      await world.client.create(CRON_JOBS, cron())
      await world.clock.advance(2 * MINUTE + 1_000)
      const first = world.clock.now() - (world.clock.now() % MINUTE) - MINUTE
      expect(await jobNames(world)).toEqual([`tick-${first / MINUTE}`, `tick-${first / MINUTE + 1}`])
      const { status } = (await world.find(CRON_JOBS, 'tick')) ?? {}
      expect(status?.active).toHaveLength(2)
      expect(Date.parse(status?.lastScheduleTime ?? '')).toBe(first + MINUTE)
    }))

  test('tells its Jobs for which time they are, by the clock of its zone', () =>
    withWorld(async (world) => {
      await world.client.create(CRON_JOBS, cron({ timeZone: 'Asia/Seoul' }))
      await world.clock.advance(MINUTE + 1_000)
      const [job] = await world.list(JOBS)
      const at = job?.metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'] ?? ''
      expect(at).toMatch(/:00\+09:00$/)
      expect(Date.parse(at)).toBe(world.clock.now() - (world.clock.now() % MINUTE))
    }))

  test('that keeps no history says nothing of the end of what it removes', () =>
    withWorld(async (world) => {
      await world.client.create(CRON_JOBS, cron({ successfulJobsHistoryLimit: 0, concurrencyPolicy: 'Forbid' }))
      await world.clock.advance(MINUTE + 1_000)
      await endAll(world)
      expect(await jobNames(world)).toEqual([])
      const reasons = world.told.filter(({ about }) => about === 'CronJob/tick').map(({ reason }) => reason)
      expect(reasons).toEqual(['SuccessfulCreate', 'SuccessfulDelete'])
      expect((await world.find(CRON_JOBS, 'tick'))?.status?.active ?? []).toEqual([])
    }))

  test('with Forbid waits for the running one, and notices its end', () =>
    withWorld(async (world) => {
      await world.client.create(CRON_JOBS, cron({ concurrencyPolicy: 'Forbid' }))
      await world.clock.advance(3 * MINUTE)
      expect(await jobNames(world)).toHaveLength(1)
      expect(world.told.map(({ reason }) => reason)).toContain('JobAlreadyActive')
      await endAll(world)
      const { status } = (await world.find(CRON_JOBS, 'tick')) ?? {}
      expect(status?.lastSuccessfulTime).toBeDefined()
      await world.clock.advance(MINUTE)
      expect(await jobNames(world)).toHaveLength(2)
    }))

  test('with Replace stops the running one', () =>
    withWorld(async (world) => {
      await world.client.create(CRON_JOBS, cron({ concurrencyPolicy: 'Replace' }))
      await world.clock.advance(3 * MINUTE + 2_000)
      expect(await jobNames(world)).toHaveLength(1)
      expect((await world.find(CRON_JOBS, 'tick'))?.status?.active).toHaveLength(1)
    }))

  test('keeps as many finished Jobs as its history limit says', () =>
    withWorld(async (world) => {
      await world.client.create(CRON_JOBS, cron())
      for (let turn = 0; turn < 5; turn++) {
        await world.clock.advance(MINUTE)
        await endAll(world)
      }
      expect(await jobNames(world)).toHaveLength(2)
    }))

  test('suspended starts nothing', () =>
    withWorld(async (world) => {
      await world.client.create(CRON_JOBS, cron({ suspend: true }))
      await world.clock.advance(5 * MINUTE)
      expect(await jobNames(world)).toEqual([])
    }))

  test('misses what its starting deadline does not allow', () =>
    withWorld(async (world) => {
      await world.client.create(CRON_JOBS, cron({ suspend: true, startingDeadlineSeconds: 10 }))
      await world.clock.advance(2 * MINUTE + 30_000)
      await world.client.patch(CRON_JOBS, { namespace: 'default', name: 'tick' }, 'merge', { spec: { suspend: false } })
      await world.settle()
      expect(await jobNames(world)).toEqual([])
    }))
})

describe('a day of virtual time', () => {
  test('starts every Job that falls due in it, and keeps the last three', () =>
    withWorld(async (world) => {
      const started = new Set<string>()
      await world.client.create(CRON_JOBS, cron({ schedule: '0 * * * *', successfulJobsHistoryLimit: 3 }))
      for (let hour = 0; hour < 24; hour++) {
        await world.clock.advance(60 * MINUTE)
        await endAll(world)
        for (const { metadata } of await world.list(JOBS)) started.add(metadata.uid ?? '')
      }
      expect(started.size).toBe(24)
      expect(await jobNames(world)).toHaveLength(3)
    }))
})

describe('a finished Job', () => {
  test('is removed when its time is up', () =>
    withWorld(async (world) => {
      await world.client.create(JOBS, {
        metadata: { name: 'brief', namespace: 'default' },
        spec: {
          completions: 1,
          parallelism: 1,
          backoffLimit: 0,
          ttlSecondsAfterFinished: 60,
          template: template({}, 'pause:1', 'Never'),
        },
      })
      await endAll(world)
      expect(await jobNames(world)).toEqual(['brief'])
      await world.settle(62_000)
      expect(await jobNames(world)).toEqual([])
      expect(await world.list(PODS)).toEqual([])
    }))

  test('whose schedule changes waits for the next time of the new one', () =>
    withWorld(async (world) => {
      await world.client.create(CRON_JOBS, cron({ schedule: '0 0 1 1 *' }))
      await world.clock.advance(5 * MINUTE + MINUTE / 2)
      const at = { namespace: 'default', name: 'tick' }
      await world.client.patch(CRON_JOBS, at, 'merge', { spec: { schedule: '* * * * *' } })
      await world.settle()
      expect(await jobNames(world)).toEqual([])
      await world.clock.advance(MINUTE)
      expect(await jobNames(world)).toHaveLength(1)
    }))

  test('that is never due says so', () =>
    withWorld(async (world) => {
      await world.client.create(CRON_JOBS, cron({ schedule: '0 0 31 2 *' }))
      await world.settle()
      const message = 'invalid schedule: 0 0 31 2 * : time difference between two schedules is less than 1 second'
      expect(world.told).toMatchObject([{ type: 'Warning', reason: 'InvalidSchedule', message }])
    }))

  test('leaves a Job alone that somebody else gave its next name', () =>
    withWorld(async (world) => {
      const due = Math.floor(world.clock.now() / MINUTE) + 1
      const { spec } = cron().spec.jobTemplate
      await world.client.create(JOBS, { metadata: { name: `tick-${due}`, namespace: 'default' }, spec: spec! })
      await world.client.create(CRON_JOBS, cron())
      await world.clock.advance(MINUTE + 1_000)
      expect(await jobNames(world)).toEqual([`tick-${due}`])
      expect(world.told.filter(({ about }) => about === 'CronJob/tick')).toEqual([])
    }))
})
