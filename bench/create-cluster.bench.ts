/** `createCluster()` until its first object is created, in a fresh process and again in a warm one. */

import { createCluster } from '../src/testing/cluster.ts'
import { CONFIG_MAPS } from '../src/client/resources.ts'
import { median, memoryMiB, tell } from './figure.ts'

async function firstObject(): Promise<number> {
  const start = performance.now()
  const cluster = await createCluster()
  await cluster.client.create(CONFIG_MAPS, { metadata: { name: 'first', namespace: 'default' } })
  const took = performance.now() - start
  await cluster.stop()
  return took
}

tell({
  what: 'first cluster of a process, to its first object',
  value: await firstObject(),
  unit: 'ms',
  goal: 150,
  goalIs: 'atMost',
})
const more: number[] = []
for (let i = 0; i < 20; i++) more.push(await firstObject())
tell({ what: 'later clusters (median of 20)', value: median(more), unit: 'ms' })
tell({ what: 'memory after them', value: memoryMiB(), unit: 'MiB' })

const hour = await createCluster({ clock: 'virtual' })
const start = performance.now()
await hour.advance(3_600_000)
tell({ what: 'one hour of virtual time, idle', value: performance.now() - start, unit: 'ms' })
await hour.stop()
