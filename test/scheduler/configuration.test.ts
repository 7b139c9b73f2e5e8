import { describe, expect, test } from 'vitest'
import { EVENTS_V1 } from '../../src/client/resources.ts'
import { createCluster } from '../../src/testing/cluster.ts'
import { withWorld } from './world.ts'

const HEAD = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n'
const PACKER = `
- schedulerName: default-scheduler
- schedulerName: packer
  plugins: {score: {disabled: [{name: "*"}], enabled: [{name: NodeResourcesFit}]}}
  pluginConfig:
  - name: NodeResourcesFit
    args: {scoringStrategy: {type: MostAllocated, resources: [{name: cpu, weight: 1}]}}
`

describe('a scheduler configuration', () => {
  test('two profiles place Pods in two ways, each under its own name', () =>
    withWorld(
      async ({ cluster, node, pod, settle, nodeOf }) => {
        for (const name of ['a', 'b', 'c']) await node(name)
        await pod('first', '1')
        await settle()
        const home = await nodeOf('first')
        await pod('packed', '1', { schedulerName: 'packer' })
        await pod('spread', '1')
        await settle()
        expect(await nodeOf('packed')).toBe(home)
        expect(await nodeOf('spread')).not.toBe(home)
        await settle(5_000)
        const { items } = await cluster.client.list(EVENTS_V1, { namespace: 'default' })
        const tellers = items.map(({ regarding, action, reportingController, reportingInstance }) =>
          [regarding?.name, action, reportingController, reportingInstance].join(' '),
        )
        expect(tellers).toEqual([
          'first Binding default-scheduler default-scheduler-localhost',
          'packed Binding packer packer-localhost',
          'spread Binding default-scheduler default-scheduler-localhost',
        ])
      },
      { schedulerConfig: `${HEAD}profiles:${PACKER}` },
    ))

  test('nodes that the profile rules out say so', () =>
    withWorld(
      async ({ node, pod, settle, scheduled }) => {
        await node('a', { labels: { pool: 'other' } })
        await pod('p', '1')
        await settle()
        expect(await scheduled('p')).toBe(
          "Unschedulable: 0/1 nodes are available: 1 node(s) didn't match scheduler-enforced node affinity. " +
            'no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
        )
      },
      {
        schedulerConfig: `${HEAD}profiles:
- pluginConfig:
  - name: NodeAffinity
    args:
      addedAffinity:
        requiredDuringSchedulingIgnoredDuringExecution:
          nodeSelectorTerms: [{matchExpressions: [{key: pool, operator: In, values: [mine]}]}]
`,
      },
    ))

  test('without a filter Pods go where it would not let them', () =>
    withWorld(
      async ({ node, pod, settle, nodeOf }) => {
        await node('a', { cpu: '1' })
        await pod('big', '64')
        await settle()
        expect(await nodeOf('big')).toBe('a')
      },
      { schedulerConfig: `${HEAD}profiles:\n- plugins: {multiPoint: {disabled: [{name: NodeResourcesFit}]}}\n` },
    ))

  test('without preemption nobody is evicted, and nothing is said of it', () =>
    withWorld(
      async ({ node, pod, settle, scheduled }) => {
        await node('a', { cpu: '1' })
        await pod('p', '64')
        await settle()
        expect(await scheduled('p')).toBe('Unschedulable: 0/1 nodes are available: 1 Insufficient cpu.')
      },
      { schedulerConfig: `${HEAD}profiles:\n- plugins: {postFilter: {disabled: [{name: "*"}]}}\n` },
    ))

  test('a wrong one is told before anything runs', async () => {
    await expect(createCluster({ schedulerConfig: `${HEAD}parallelism: 0\n` })).rejects.toThrow(
      'parallelism: Invalid value: 0: should be an integer value greater than zero',
    )
  })
})
