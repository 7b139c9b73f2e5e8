import { expect, test } from 'vitest'

import { EVENTS, PODS } from '../../src/client/resources.ts'
import { createCluster } from '../../src/testing/cluster.ts'

test('a Pod that was bound past the scheduler fails where it does not fit, and takes nothing from the next', async () => {
  const cluster = await createCluster({ clock: 'virtual', nodes: [{ name: 'small', capacity: { cpu: '2' } }] })
  await cluster.advance(2_000)
  const bind = async (name: string, cpu: string) => {
    const containers = [{ name: 'app', image: 'busybox', resources: { requests: { cpu } } }]
    await cluster.client.create(PODS, {
      metadata: { name, namespace: 'default' },
      spec: { nodeName: 'small', containers },
    })
  }
  await bind('large', '3')
  await bind('fits', '2')
  await bind('late', '1')
  await cluster.advance(3_000)
  const { items } = await cluster.client.list(PODS, { namespace: 'default' })
  const shown = items.map(({ metadata, status }) => [metadata.name, status?.phase, status?.reason, status?.message])
  expect(shown).toEqual([
    ['fits', 'Running', undefined, undefined],
    [
      'large',
      'Failed',
      'OutOfcpu',
      "Pod was rejected: Node didn't have enough resource: cpu, requested: 3000, used: 0, capacity: 2000",
    ],
    [
      'late',
      'Failed',
      'OutOfcpu',
      "Pod was rejected: Node didn't have enough resource: cpu, requested: 1000, used: 2000, capacity: 2000",
    ],
  ])
  const events = await cluster.client.list(EVENTS, { namespace: 'default' })
  expect(events.items.filter(({ reason }) => reason === 'OutOfcpu')).toHaveLength(2)
  await cluster.stop()
})

test('what a Pod had that the API has no more is another’s to have, though it has not ended yet', async () => {
  const cluster = await createCluster({ clock: 'virtual', nodes: [{ name: 'small', capacity: { cpu: '2' } }] })
  await cluster.advance(2_000)
  const bind = (name: string) => {
    const lifecycle = { preStop: { sleep: { seconds: 20 } } }
    const containers = [{ name: 'app', image: 'busybox', lifecycle, resources: { requests: { cpu: '2' } } }]
    return cluster.client.create(PODS, {
      metadata: { name, namespace: 'default' },
      spec: { nodeName: 'small', containers },
    })
  }
  await bind('first')
  await cluster.advance(3_000)
  await cluster.client.delete(PODS, { namespace: 'default', name: 'first' }, { gracePeriodSeconds: 0 })
  await bind('second')
  await cluster.advance(3_000)
  const { items } = await cluster.client.list(PODS, { namespace: 'default' })
  expect(items.map(({ metadata, status }) => [metadata.name, status?.phase])).toEqual([['second', 'Running']])
  await cluster.stop()
})
