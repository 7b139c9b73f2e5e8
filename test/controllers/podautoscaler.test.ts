import { describe, expect, test } from 'vitest'
import type { HorizontalPodAutoscalerSpec } from '../../src/api/generated/autoscaling-v2.ts'
import { DEPLOYMENTS, HORIZONTAL_POD_AUTOSCALERS, NODES, PODS } from '../../src/client/resources.ts'
import { toTime } from '../../src/base/clock.ts'
import { draftOf } from '../../src/meta/deep-readonly.ts'
import { type World, running, withWorld } from './world.ts'

const AT = { name: 'web', namespace: 'default' }

/** A Deployment whose Pods all use `usage.milli` of their 100m. */
async function withWeb(body: (world: World, usage: { milli: number }) => Promise<void>): Promise<void> {
  const usage = { milli: 50 }
  let pods: () => Promise<readonly { name: string; uid: string }[]> = async () => []
  const nodeStats = async () => {
    const cpu = { usageNanoCores: usage.milli * 1e6 }
    const used = { cpu, memory: { workingSetBytes: 3 * 2 ** 20 } }
    const listed = await pods()
    return {
      node: used,
      pods: listed.map((pod) => ({ podRef: { ...pod, namespace: 'default' }, containers: [{ name: 'c', ...used }] })),
    }
  }
  await withWorld(
    async (world) => {
      pods = async () => (await world.list(PODS)).map(({ metadata: { name = '', uid = '' } }) => ({ name, uid }))
      await world.client.create(NODES, { metadata: { name: 'n1' } })
      await pass(world, 10)
      await world.client.create(DEPLOYMENTS, {
        metadata: AT,
        spec: {
          replicas: 2,
          selector: { matchLabels: { app: 'web' } },
          template: {
            metadata: { labels: { app: 'web' } },
            spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '100m' } } }] },
          },
        },
      })
      await play(world)
      await body(world, usage)
    },
    { nodeStats },
  )
}

/** Kubelets that say when their Pods began. */
async function play(world: World): Promise<void> {
  await world.settle()
  for (const pod of await world.list(PODS)) {
    const startTime = pod.metadata.creationTimestamp
    if (pod.status?.phase !== 'Running' && startTime !== undefined) {
      await world.report(pod, { ...running(world.clock.now()), startTime })
    }
  }
  await world.settle()
}

/** Time passes, and the node goes on telling that it is ready. */
async function pass(world: World, seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left -= 10) {
    const heartbeat = toTime(world.clock.now())
    const conditions = [{ type: 'Ready', status: 'True' as const, lastHeartbeatTime: heartbeat }]
    await world.client.patch(NODES, { name: 'n1' }, 'merge', { status: { conditions } }, { subresource: 'status' })
    await world.clock.advance(10_000)
  }
}

const scale = ({ client }: World, spec: Partial<HorizontalPodAutoscalerSpec> = {}) =>
  client.create(HORIZONTAL_POD_AUTOSCALERS, {
    metadata: AT,
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      maxReplicas: 10,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
      ...spec,
    },
  })

const replicas = async (world: World) => (await world.find(DEPLOYMENTS, 'web'))?.spec?.replicas
const conditions = async (world: World) =>
  (await world.find(HORIZONTAL_POD_AUTOSCALERS, 'web'))?.status?.conditions?.map(
    ({ type, status, reason }) => `${type}=${status} ${reason}`,
  )

describe('a HorizontalPodAutoscaler', () => {
  test('adds Pods when they use too much, and removes them after five minutes when they do not', () =>
    withWeb(async (world, usage) => {
      await pass(world, 400)
      usage.milli = 100
      await scale(world)
      await pass(world, 20)
      expect(await replicas(world)).toBe(4)
      expect(world.told).toContainEqual({
        about: 'HorizontalPodAutoscaler/web',
        type: 'Normal',
        reason: 'SuccessfulRescale',
        message: 'New size: 4; reason: cpu resource utilization (percentage of request) above target',
      })
      expect(await conditions(world)).toContain('ScalingActive=True ValidMetricFound')
      await play(world)
      usage.milli = 10
      await pass(world, 200)
      expect(await replicas(world)).toBe(4)
      expect(await conditions(world)).toContain('AbleToScale=True ScaleDownStabilized')
      await pass(world, 300)
      expect(await replicas(world)).toBe(1)
      expect((await world.find(HORIZONTAL_POD_AUTOSCALERS, 'web'))?.status).toMatchObject({ desiredReplicas: 1 })
    }))

  test('removes nothing in its first five minutes: what there is counts as proposed', () =>
    withWeb(async (world, usage) => {
      await pass(world, 400)
      usage.milli = 10
      await scale(world)
      await pass(world, 280)
      expect(await replicas(world)).toBe(2)
      expect(await conditions(world)).toContain('AbleToScale=True ScaleDownStabilized')
      await pass(world, 40)
      expect(await replicas(world)).toBe(1)
    }))

  test('tells memory in powers of two, and of what it cannot find why', () =>
    withWeb(async (world) => {
      const object = { metric: { name: 'hits' }, target: { type: 'Value' as const, value: '5' } }
      const describedObject = { apiVersion: 'example.com/v1', kind: 'Thing', name: 'x' }
      const averageValue = { type: 'AverageValue' as const, averageValue: '1Mi' }
      await scale(world, {
        metrics: [
          { type: 'Resource', resource: { name: 'memory', target: averageValue } },
          { type: 'Object', object: { ...object, describedObject } },
          {
            type: 'ContainerResource',
            containerResource: {
              name: 'cpu',
              container: 'ghost',
              target: { type: 'Utilization', averageUtilization: 50 },
            },
          },
        ],
      })
      await pass(world, 20)
      const [memory] = (await world.find(HORIZONTAL_POD_AUTOSCALERS, 'web'))?.status?.currentMetrics ?? []
      expect(memory?.resource?.current.averageValue).toBe('3Mi')
      const told = world.told.map(({ message }) => message).join('\n')
      expect(told).toContain('unable to map kind Thing.example.com to resource: no matches for kind "Thing"')
      expect(told).toContain('did not receive metrics for targeted pods (pods might be unready)')
    }))

  test('keeps the number between the bounds whatever is measured', () =>
    withWeb(async (world) => {
      await scale(world, { minReplicas: 3 })
      await world.settle(1_000)
      expect(await replicas(world)).toBe(3)
      expect(world.told.map(({ message }) => message)).toContain(
        'New size: 3; reason: Current number of replicas below Spec.MinReplicas',
      )
    }))

  test('says that nobody serves custom metrics, and does nothing', () =>
    withWeb(async (world) => {
      const pods = { metric: { name: 'hits' }, target: { type: 'AverageValue', averageValue: '5' } }
      await scale(world, { metrics: [{ type: 'Pods', pods }] })
      await world.settle(1_000)
      expect(await replicas(world)).toBe(2)
      expect(await conditions(world)).toEqual([
        'AbleToScale=True SucceededGetScale',
        'ScalingActive=False FailedGetPodsMetric',
      ])
      expect(
        world.told.filter(({ type }) => type === 'Warning').map(({ reason, message }) => `${reason}: ${message}`),
      ).toContain(
        'FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: failed to get pods metric value: unable to get metric hits: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
      )
    }))

  test('says when its target is missing, stopped, or without requests', () =>
    withWeb(async (world) => {
      await scale(world, { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'gone' } })
      await world.settle(1_000)
      expect(await conditions(world)).toEqual(['AbleToScale=False FailedGetScale'])
      await world.client.patch(DEPLOYMENTS, AT, 'merge', { spec: { replicas: 0 } })
      const target = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } }
      await world.client.patch(HORIZONTAL_POD_AUTOSCALERS, AT, 'merge', { spec: target })
      await world.settle(1_000)
      expect(await conditions(world)).toContain('ScalingActive=False ScalingDisabled')
      expect(await replicas(world)).toBe(0)
    }))

  test('that shares its Pods with another scales nothing, and says so', () =>
    withWeb(async (world, usage) => {
      await pass(world, 400)
      usage.milli = 100
      await scale(world)
      const rival = { ...(await world.find(HORIZONTAL_POD_AUTOSCALERS, 'web')) }
      const { spec } = rival
      if (spec === undefined) throw new Error('no autoscaler')
      await world.client.create(HORIZONTAL_POD_AUTOSCALERS, { metadata: { ...AT, name: 'other' }, spec: draftOf(spec) })
      await world.clock.advance(1)
      const before = await replicas(world)
      await pass(world, 60)
      expect(await replicas(world)).toBe(before)
      expect(await conditions(world)).toContain('ScalingActive=False AmbiguousSelector')
      expect(world.told.map(({ message }) => message)).toContain(
        'pods by selector app=web are controlled by multiple HPAs: [default/other default/web]',
      )
    }))
})
