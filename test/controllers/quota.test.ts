import { describe, expect, test } from 'vitest'
import {
  DEPLOYMENTS,
  DEVICE_CLASSES,
  JOBS,
  PERSISTENT_VOLUME_CLAIMS,
  POD_DISRUPTION_BUDGETS,
  PODS,
  RESOURCE_CLAIMS,
  RESOURCE_QUOTAS,
} from '../../src/client/resources.ts'
import { template, type World, withWorld } from './world.ts'

const deploy = (world: World, replicas: number) =>
  world.client.create(DEPLOYMENTS, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: template({ app: 'web' }) },
  })

describe('a ResourceQuota', () => {
  test('counts what is there, and counts anew when that changes', () =>
    withWorld(async (world) => {
      const hard = { pods: '5', 'count/deployments.apps': '2', 'count/replicasets.apps': '4' }
      await world.client.create(RESOURCE_QUOTAS, { metadata: { name: 'q', namespace: 'default' }, spec: { hard } })
      await world.settle()
      const used = async () => (await world.find(RESOURCE_QUOTAS, 'q'))?.status
      expect(await used()).toEqual({
        hard,
        used: { 'count/deployments.apps': '0', 'count/replicasets.apps': '0', pods: '0' },
      })
      await deploy(world, 2)
      await world.settle(200)
      expect((await used())?.used).toEqual({ 'count/deployments.apps': '1', 'count/replicasets.apps': '1', pods: '2' })
      await world.client.patch(DEPLOYMENTS, { namespace: 'default', name: 'web' }, 'merge', { spec: { replicas: 1 } })
      await world.kubelets()
      expect((await used())?.used).toMatchObject({ pods: '1' })
    }))
})

test('a ResourceQuota counts by storage class, and does not count what nothing can be', () =>
  withWorld(async (world) => {
    const gold = 'gold.storageclass.storage.k8s.io/requests.storage'
    const hard = { [gold]: '5Gi', 'count/widgets.example.com': '1' }
    await world.client.create(RESOURCE_QUOTAS, { metadata: { name: 'q', namespace: 'default' }, spec: { hard } })
    await world.settle()
    await world.client.create(PERSISTENT_VOLUME_CLAIMS, {
      metadata: { name: 'c', namespace: 'default' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'gold',
        resources: { requests: { storage: '2Gi' } },
      },
    })
    await world.settle(2_000)
    expect((await world.find(RESOURCE_QUOTAS, 'q'))?.status).toEqual({ hard, used: { [gold]: '2Gi' } })
  }))

test('a ResourceQuota counts the devices of claims under the name that their class has for Pods', () =>
  withWorld(async (world) => {
    const byClass = 'requests.deviceclass.resource.kubernetes.io/gpu'
    const hard = { [byClass]: '9', 'requests.example.com/gpu': '9' }
    await world.client.create(RESOURCE_QUOTAS, { metadata: { name: 'q', namespace: 'default' }, spec: { hard } })
    await world.client.create(DEVICE_CLASSES, { metadata: { name: 'gpu' }, spec: {} })
    await world.settle()
    const exactly = { deviceClassName: 'gpu', allocationMode: 'ExactCount' as const, count: 2 }
    const spec = { devices: { requests: [{ name: 'r', exactly }] } }
    await world.client.create(RESOURCE_CLAIMS, { metadata: { name: 'c', namespace: 'default' }, spec })
    await world.settle(2_000)
    const used = async () => (await world.find(RESOURCE_QUOTAS, 'q'))?.status?.used
    expect(await used()).toEqual({ [byClass]: '2', 'requests.example.com/gpu': '0' })
    const named = { spec: { extendedResourceName: 'example.com/gpu' } }
    await world.client.patch(DEVICE_CLASSES, { name: 'gpu' }, 'merge', named)
    await world.settle(2_000)
    expect(await used()).toEqual({ [byClass]: '2', 'requests.example.com/gpu': '2' })
  }))

describe('a PodDisruptionBudget', () => {
  test('allows as many disruptions as healthy Pods exceed what it demands', () =>
    withWorld(async (world) => {
      await world.client.create(POD_DISRUPTION_BUDGETS, {
        metadata: { name: 'b', namespace: 'default' },
        spec: { maxUnavailable: '50%', selector: { matchLabels: { app: 'web' } } },
      })
      await deploy(world, 4)
      await world.settle()
      const status = async () => (await world.find(POD_DISRUPTION_BUDGETS, 'b'))?.status
      expect(await status()).toMatchObject({ disruptionsAllowed: 0, currentHealthy: 0, expectedPods: 4 })
      await world.kubelets()
      expect(await status()).toMatchObject({
        observedGeneration: 1,
        disruptionsAllowed: 2,
        currentHealthy: 4,
        desiredHealthy: 2,
        expectedPods: 4,
        conditions: [{ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods', message: '' }],
      })
      const [pod] = await world.list(PODS)
      await world.report(pod!, { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] })
      await world.settle()
      expect(await status()).toMatchObject({ disruptionsAllowed: 1, currentHealthy: 3 })
    }))

  const budget = (world: World) =>
    world.client.create(POD_DISRUPTION_BUDGETS, {
      metadata: { name: 'b', namespace: 'default' },
      spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'web' } } },
    })
  const said = async (world: World) => (await world.find(POD_DISRUPTION_BUDGETS, 'b'))?.status

  test('allows none while its Pods belong to something without a scale', () =>
    withWorld(async (world) => {
      await budget(world)
      const spec = { template: template({ app: 'web' }, 'pause:1', 'Never') }
      await world.client.create(JOBS, { metadata: { name: 'web', namespace: 'default' }, spec })
      await world.kubelets()
      const why = 'jobs.batch does not implement the scale subresource'
      expect(await said(world)).toMatchObject({
        disruptionsAllowed: 0,
        conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'SyncFailed', message: why }],
      })
      expect(world.told).toContainEqual({
        about: 'PodDisruptionBudget/b',
        type: 'Warning',
        reason: 'CalculateExpectedPodCountFailed',
        message: `Failed to calculate the number of expected pods: ${why}`,
      })
    }))

  test('counts what belongs to nobody as nothing, and warns', () =>
    withWorld(async (world) => {
      await budget(world)
      await deploy(world, 3)
      const { spec } = template({})
      await world.client.create(PODS, {
        metadata: { name: 'alone', namespace: 'default', labels: { app: 'web' } },
        spec,
      })
      await world.kubelets()
      expect(await said(world)).toMatchObject({
        expectedPods: 3,
        desiredHealthy: 2,
        currentHealthy: 4,
        disruptionsAllowed: 2,
      })
      expect(world.told.find(({ reason }) => reason === 'UnmanagedPods')?.message).toMatch(
        /^Pods selected by this PodDisruptionBudget \(selector: &LabelSelector\{MatchLabels:map\[string\]string\{app: web,\},MatchExpressions:\[\]LabelSelectorRequirement\{\},\}\) were found to be unmanaged\. /,
      )
    }))

  test('that shares a Pod with another says so', () =>
    withWorld(async (world) => {
      await budget(world)
      await world.client.create(POD_DISRUPTION_BUDGETS, {
        metadata: { name: 'other', namespace: 'default' },
        spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
      })
      await deploy(world, 1)
      await world.kubelets()
      const [pod] = await world.list(PODS)
      expect(world.told).toContainEqual({
        about: `Pod/${pod?.metadata.name}`,
        type: 'Warning',
        reason: 'MultiplePodDisruptionBudgets',
        message: `Pod "default"/"${pod?.metadata.name}" matches multiple PodDisruptionBudgets.  Chose "b" arbitrarily.`,
      })
    }))
})
