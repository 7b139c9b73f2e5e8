/**
 * A Deployment behind a Service, with a quota and a budget over it, from nothing to all of its replicas available and
 * known to the Service, on simulated nodes with real kubelets, on real time.
 */

import {
  DEPLOYMENTS,
  ENDPOINT_SLICES,
  POD_DISRUPTION_BUDGETS,
  RESOURCE_QUOTAS,
  SERVICES,
} from '../src/client/resources.ts'
import { createCluster } from '../src/testing/cluster.ts'
import { memoryMiB, tell } from './figure.ts'

const SIZES = (process.env['GORAE_BENCH_REPLICAS'] ?? '1000,5000').split(',').map(Number)
const PODS_PER_NODE = 100
const OF_WEB = 'kubernetes.io/service-name=web'
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
  const metadata = { namespace: 'default', name: 'web' }
  await client.create(SERVICES, { metadata, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } })
  await client.create(RESOURCE_QUOTAS, { metadata, spec: { hard: { pods: '10k' } } })
  const budget = { maxUnavailable: '10%', selector: { matchLabels: { app: 'web' } } }
  await client.create(POD_DISRUPTION_BUDGETS, { metadata, spec: budget })
  await client.create(DEPLOYMENTS, web(replicas))
  const isKnown = async () => {
    const slices = await client.list(ENDPOINT_SLICES, { namespace: 'default', labelSelector: OF_WEB })
    const endpoints = slices.items.flatMap((slice) => slice.endpoints ?? [])
    return endpoints.filter(({ conditions }) => conditions?.ready === true).length === replicas
  }
  await cluster.until(async () => {
    await cluster.advance(100)
    const { status } = await client.get(DEPLOYMENTS, metadata)
    return status?.availableReplicas === replicas && isKnown()
  }, LIMIT_MS)
  const [took, used] = [performance.now() - start, process.cpuUsage(cpu)]
  const what = `${replicas.toLocaleString('en-US')} replicas on ${nodes} nodes`
  tell({ what: `${what}, all available after`, value: took / 1000, unit: 's' })
  tell({ what: `${what}, CPU`, value: (used.user + used.system) / 1e6, unit: 's' })
  tell({ what: `${what}, memory`, value: memoryMiB(), unit: 'MiB' })
  await cluster.stop()
}
