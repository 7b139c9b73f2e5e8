/** What budgets say of the Pods that may be evicted. */

import { describe, expect, test } from 'vitest'
import { DEPLOYMENTS, POD_DISRUPTION_BUDGETS, PODS } from '../../src/client/resources.ts'
import { template, withWorld, type World } from './world.ts'

const labels = { app: 'web' }

const createBudget = ({ client }: World, name: string, minAvailable: number | string) =>
  client.create(POD_DISRUPTION_BUDGETS, {
    metadata: { name, namespace: 'default' },
    spec: { minAvailable, selector: { matchLabels: labels } },
  })

const createWeb = ({ client }: World, replicas: number) =>
  client.create(DEPLOYMENTS, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas, selector: { matchLabels: labels }, template: template(labels) },
  })

const statusOf = async (world: World, name: string) => (await world.find(POD_DISRUPTION_BUDGETS, name))?.status

describe('a PodDisruptionBudget', () => {
  test('follows its Pods as they become ready, and its owner as it is resized', () =>
    withWorld(async (world) => {
      await createWeb(world, 4)
      await createBudget(world, 'half', '50%')
      await world.settle()
      expect(await statusOf(world, 'half')).toMatchObject({
        expectedPods: 4,
        desiredHealthy: 2,
        currentHealthy: 0,
        disruptionsAllowed: 0,
      })
      await world.kubelets()
      await world.settle()
      expect(await statusOf(world, 'half')).toMatchObject({ currentHealthy: 4, disruptionsAllowed: 2 })
      await world.client.patch(DEPLOYMENTS, { name: 'web', namespace: 'default' }, 'merge', { spec: { replicas: 6 } })
      await world.settle()
      expect(await statusOf(world, 'half')).toMatchObject({ expectedPods: 6, desiredHealthy: 3 })
    }))

  test('without Pods says so', () =>
    withWorld(async (world) => {
      await createBudget(world, 'idle', 1)
      await world.settle()
      expect(await statusOf(world, 'idle')).toMatchObject({ expectedPods: 0, disruptionsAllowed: 0 })
      expect(world.told.map(({ reason }) => reason)).toContain('NoPods')
    }))

  test('says that nobody can tell how many Pods there shall be whose owner is unknown', () =>
    withWorld(async (world) => {
      await world.client.create(PODS, { ...template(labels), metadata: { name: 'p', namespace: 'default', labels } })
      await createBudget(world, 'one', '50%')
      await world.settle()
      expect(world.told.map(({ reason }) => reason)).toContain('UnmanagedPods')
    }))

  test('that is not the only one of a Pod is told of', () =>
    withWorld(async (world) => {
      await createBudget(world, 'a', 1)
      await createBudget(world, 'b', 1)
      await createWeb(world, 1)
      await world.settle()
      const [warning] = world.told.filter(({ reason }) => reason === 'MultiplePodDisruptionBudgets')
      expect(warning?.message).toMatch(/matches multiple PodDisruptionBudgets\. {2}Chose "a" arbitrarily\.$/)
    }))
})
