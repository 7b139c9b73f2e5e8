/** Somebody sets the clock: what waits for a time of day notices, what measures a duration does not. */

import { describe, expect, test } from 'vitest'
import { toTime } from '../../src/base/clock.ts'
import { CRON_JOBS, DEPLOYMENTS, JOBS, LEASES, NODES, PODS } from '../../src/client/resources.ts'
import { template, type World, withWorld } from './world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const AT = { name: 'web', namespace: 'default' }
const labels = { app: 'web' }

/** A node that goes on telling that it is alive, by a clock of its own. */
async function pass(world: World, minutes: number): Promise<void> {
  for (let left = minutes * 6; left > 0; left--) {
    const renewTime = `${toTime(world.clock.now()).slice(0, -1)}.${String(left % 1_000).padStart(6, '0')}Z`
    await world.client.patch(LEASES, { namespace: 'kube-node-lease', name: 'n1' }, 'merge', { spec: { renewTime } })
    await world.clock.advance(10_000)
  }
}

async function withNode(world: World): Promise<void> {
  const conditions = [{ type: 'Ready', status: 'True' as const, lastHeartbeatTime: toTime(world.clock.now()) }]
  await world.client.create(NODES, { metadata: { name: 'n1' } })
  await world.client.patch(NODES, { name: 'n1' }, 'merge', { status: { conditions } }, { subresource: 'status' })
  await world.client.create(LEASES, {
    metadata: { namespace: 'kube-node-lease', name: 'n1' },
    spec: { holderIdentity: 'n1' },
  })
}

const jumps = [
  { what: 'forward a day', ms: DAY },
  { what: 'back an hour', ms: -HOUR },
]

for (const { what, ms } of jumps) {
  describe(`a clock that jumps ${what}`, () => {
    test('makes no node silent, and no Pod go', () =>
      withWorld(async (world) => {
        await withNode(world)
        const pod = template(labels)
        const spec = {
          replicas: 2,
          selector: { matchLabels: labels },
          template: { ...pod, spec: { ...pod.spec, nodeName: 'n1' } },
        }
        await world.client.create(DEPLOYMENTS, { metadata: AT, spec })
        await world.kubelets()
        await pass(world, 2)
        const before = (await world.list(PODS)).map(({ metadata }) => metadata.uid)
        const writes = world.writes
        world.clock.jump(ms)
        await pass(world, 10)
        expect((await world.list(PODS)).map(({ metadata }) => metadata.uid)).toEqual(before)
        expect((await world.find(NODES, 'n1'))?.spec?.taints ?? []).toEqual([])
        expect(world.writes - writes).toBeLessThanOrEqual(2)
      }))

    test('ends no Job before its time', () =>
      withWorld(async (world) => {
        const spec = { template: template(labels, 'pause:1', 'Never'), ttlSecondsAfterFinished: 7 * 86_400 }
        await world.client.create(JOBS, { metadata: AT, spec })
        await world.settle()
        world.clock.jump(ms)
        await world.clock.advance(10 * MINUTE)
        expect((await world.find(JOBS, 'web'))?.status).toMatchObject({ active: 1 })
      }))
  })
}

describe('a CronJob', () => {
  const hourly = (world: World) => {
    const jobTemplate = { spec: { template: template({}, 'pause:1', 'Never') } }
    return world.client.create(CRON_JOBS, { metadata: AT, spec: { schedule: '0 * * * *', jobTemplate } })
  }

  test('runs the last of the times that a jump forward skipped, once', () =>
    withWorld(async (world) => {
      await hourly(world)
      await world.clock.advance(HOUR)
      expect(await world.list(JOBS)).toHaveLength(1)
      world.clock.jump(DAY)
      await world.clock.advance(HOUR)
      const names = (await world.list(JOBS)).map(({ metadata }) => metadata.name)
      expect(names).toHaveLength(2)
      expect((await world.find(CRON_JOBS, 'web'))?.status?.lastScheduleTime).toBe('2026-01-02T02:00:00Z')
    }))

  test('runs nothing twice after a jump back', () =>
    withWorld(async (world) => {
      await hourly(world)
      await world.clock.advance(2 * HOUR)
      const before = (await world.list(JOBS)).map(({ metadata }) => metadata.uid)
      expect(before).toHaveLength(2)
      world.clock.jump(-HOUR)
      const writes = world.writes
      await world.clock.advance(HOUR - MINUTE)
      expect((await world.list(JOBS)).map(({ metadata }) => metadata.uid)).toEqual(before)
      expect(world.writes - writes).toBeLessThanOrEqual(2)
      await world.clock.advance(HOUR + 2 * MINUTE)
      expect(await world.list(JOBS)).toHaveLength(3)
    }))
})
