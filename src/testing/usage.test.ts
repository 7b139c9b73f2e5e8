import { expect, test } from 'vitest'
import { DEPLOYMENTS, HORIZONTAL_POD_AUTOSCALERS, POD_METRICS } from '../client/resources.ts'
import { createCluster } from './cluster.ts'

const AT = { namespace: 'default', name: 'web' }

test('an autoscaler follows what the Pods are said to use', async () => {
  let cpu = '50m'
  await using cluster = await createCluster({ clock: 'virtual', nodes: 1, usage: () => ({ cpu, memory: '64Mi' }) })
  const { client } = cluster
  const requests = { cpu: '100m' }
  await client.create(DEPLOYMENTS, {
    metadata: AT,
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'app', image: 'nginx', resources: { requests } }] },
      },
    },
  })
  const target = { type: 'Utilization', averageUtilization: 50 }
  await client.create(HORIZONTAL_POD_AUTOSCALERS, {
    metadata: AT,
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      maxReplicas: 8,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
    },
  })
  const replicas = async () => (await client.get(DEPLOYMENTS, AT)).status?.availableReplicas
  await cluster.advance(60_000)
  expect(await replicas()).toBe(2)
  const [pod] = (await client.list(POD_METRICS, { namespace: 'default' })).items
  expect(pod?.containers).toMatchObject([{ name: 'app', usage: { cpu: '50m', memory: '64Mi' } }])
  cpu = '100m'
  await cluster.until(async () => (await replicas()) === 8, 300_000)
  cpu = '5m'
  await cluster.until(async () => (await replicas()) === 1, 1_200_000)
})
