/** A Deployment from nothing to all of its replicas available, on simulated nodes with real kubelets, on real time. */

import { DEPLOYMENTS } from '../src/client/resources.ts'
import { createCluster } from '../src/testing/cluster.ts'
import { memoryMiB, tell } from './figure.ts'

const SIZES = (process.env['GORAE_BENCH_REPLICAS'] ?? '1000,5000').split(',').map(Number)
const PODS_PER_NODE = 100
const LIMIT_MS = 240_000

const web = (replicas: number) => ({
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'app', image: 'registry.example/app:1' }] },
    },
  },
})

for (const replicas of SIZES) {
  // oxlint-disable-next-line no-await-in-loop -- one size after another
  await measure(replicas)
}

async function measure(replicas: number): Promise<void> {
  const nodes = Math.ceil(replicas / PODS_PER_NODE)
  const cluster = await createCluster({ nodes })
  const { client } = cluster
  const [start, cpu] = [performance.now(), process.cpuUsage()]
  await client.create(DEPLOYMENTS, web(replicas))
  await cluster.until(async () => {
    await cluster.advance(100)
    const { status } = await client.get(DEPLOYMENTS, { namespace: 'default', name: 'web' })
    return status?.availableReplicas === replicas
  }, LIMIT_MS)
  const [took, used] = [performance.now() - start, process.cpuUsage(cpu)]
  const what = `${replicas.toLocaleString('en-US')} replicas on ${nodes} nodes`
  tell({ what: `${what}, all available after`, value: took / 1000, unit: 's' })
  tell({ what: `${what}, CPU`, value: (used.user + used.system) / 1e6, unit: 's' })
  tell({ what: `${what}, memory`, value: memoryMiB(), unit: 'MiB' })
  await cluster.stop()
}
