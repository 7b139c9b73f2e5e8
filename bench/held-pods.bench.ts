/**
 * What it takes to hold many Pods: first the API server with its storage and caches in memory, nothing else; then with
 * all controllers and the scheduler beside it, a Service and a quota over the Pods, and the Pods waiting at a gate.
 */

import { PODS, RESOURCE_QUOTAS, SERVICES } from '../src/client/resources.ts'
import { createCluster } from '../src/testing/cluster.ts'
import { memoryMiB, tell } from './figure.ts'

const COUNT = Number(process.env['GORAE_BENCH_PODS'] ?? 100_000)
const APPS = 500
/** How long nothing happens while the cost of merely holding is measured. */
const QUIET_MS = 10_000

await measure('', {})
await measure(', controllers and scheduler on', { everything: true })

async function measure(how: string, { everything = false }: { readonly everything?: boolean }): Promise<void> {
  const cluster = await createCluster({ scheduler: everything, controllers: everything })
  const { client } = cluster
  if (everything) {
    const metadata = { name: 'app-0', namespace: 'default' }
    await client.create(SERVICES, { metadata, spec: { selector: { app: 'app-0' }, ports: [{ port: 80 }] } })
    await client.create(RESOURCE_QUOTAS, { metadata, spec: { hard: { pods: String(COUNT) } } })
    await cluster.advance(1_000)
  }
  const what = `${COUNT.toLocaleString('en-US')} Pods${how}`
  const [before, start, cpu] = [memoryMiB(), performance.now(), process.cpuUsage()]
  for (let index = 0; index < COUNT; index++) {
    const requests = { cpu: '100m', memory: '128Mi' }
    // oxlint-disable-next-line no-await-in-loop -- one after another, as one client would
    await client.create(PODS, {
      metadata: { name: `pod-${index}`, namespace: 'default', labels: { app: `app-${index % APPS}` } },
      spec: {
        containers: [{ name: 'app', image: 'registry.example/app:1', resources: { requests } }],
        ...(everything ? { schedulingGates: [{ name: 'example.com/wait' }] } : {}),
      },
    })
  }
  const took = performance.now() - start
  const used = cpuSeconds(cpu)
  const held = memoryMiB() - before
  tell({ what: `${what}, created`, value: COUNT / (took / 1000), unit: 'Pods/s' })
  tell({ what: `${what}, CPU`, value: used, unit: 's' })
  tell({ what: `${what}, memory`, value: held, unit: 'MiB' })
  tell({ what: `memory per Pod${how}`, value: (held * 1024) / COUNT, unit: 'KiB' })
  const listing = performance.now()
  const { items } = await client.list(PODS)
  if (items.length !== COUNT) throw new Error(`${items.length} Pods of ${COUNT} are left`)
  tell({ what: `${what}, listed at once`, value: performance.now() - listing, unit: 'ms' })
  await cluster.advance(QUIET_MS) // what was begun comes to its end
  const quiet = process.cpuUsage()
  await cluster.advance(QUIET_MS)
  tell({ what: `${what}, CPU in ten quiet seconds`, value: cpuSeconds(quiet) * 1000, unit: 'ms' })
  await cluster.stop()
}

function cpuSeconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1e6
}
