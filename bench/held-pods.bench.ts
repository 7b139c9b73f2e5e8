/** What it takes to hold many Pods: the API server with its storage and caches in memory, nothing else. */

import { PODS } from '../src/client/resources.ts'
import { createCluster } from '../src/testing/cluster.ts'
import { memoryMiB, tell } from './figure.ts'

const COUNT = Number(process.env['GORAE_BENCH_PODS'] ?? 100_000)

const cluster = await createCluster({ scheduler: false, controllers: false })
const before = memoryMiB()
const start = performance.now()
for (let index = 0; index < COUNT; index++) {
  const requests = { cpu: '100m', memory: '128Mi' }
  // oxlint-disable-next-line no-await-in-loop -- one after another, as one client would
  await cluster.client.create(PODS, {
    metadata: { name: `pod-${index}`, namespace: 'default', labels: { app: `app-${index % 500}` } },
    spec: { containers: [{ name: 'app', image: 'registry.example/app:1', resources: { requests } }] },
  })
}
const took = performance.now() - start
const held = memoryMiB() - before
const what = `${COUNT.toLocaleString('en-US')} Pods`
tell({ what: `${what}, created`, value: COUNT / (took / 1000), unit: 'Pods/s' })
tell({ what: `${what}, memory`, value: held, unit: 'MiB' })
tell({ what: 'memory per Pod', value: (held * 1024) / COUNT, unit: 'KiB' })
const listing = performance.now()
const { items } = await cluster.client.list(PODS)
if (items.length !== COUNT) throw new Error(`${items.length} Pods of ${COUNT} are left`)
tell({ what: `${what}, listed at once`, value: performance.now() - listing, unit: 'ms' })
await cluster.stop()
