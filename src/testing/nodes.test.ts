import { describe, expect, test } from 'vitest'
import type { Pod } from '../api/generated/core-v1.ts'
import { DEPLOYMENTS, EVENTS, LEASES, NODES, PODS } from '../client/resources.ts'
import type { DeepReadonly } from '../meta/deep-readonly.ts'
import { type Cluster, createCluster } from './cluster.ts'

const web = (replicas: number) => ({
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: 'nginx' }] } },
  },
})

const available = (cluster: Cluster, replicas: number) => async () => {
  const { status } = await cluster.client.get(DEPLOYMENTS, { namespace: 'default', name: 'web' })
  return status?.availableReplicas === replicas
}

const podsOf = async ({ client }: Cluster): Promise<readonly DeepReadonly<Pod>[]> =>
  (await client.list(PODS, { namespace: 'default' })).items

const isGood = (pod: DeepReadonly<Pod>) =>
  pod.metadata.deletionTimestamp === undefined &&
  pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true

for (const clock of ['real', 'virtual'] as const) {
  describe(`createCluster({ nodes }) on ${clock} time`, () => {
    test('has nodes that register, are ready and renew their leases', async () => {
      await using cluster = await createCluster({ clock, nodes: 3 })
      const nodes = await cluster.until(async () => {
        const { items } = await cluster.client.list(NODES)
        const ready = items.filter((node) =>
          node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
        )
        return ready.length === 3 && ready
      })
      expect(new Set(nodes.map((node) => node.metadata.name))).toEqual(new Set(['node-1', 'node-2', 'node-3']))
      expect((await cluster.client.list(LEASES, { namespace: 'kube-node-lease' })).items).toHaveLength(3)
    })

    test('a Deployment of 3 becomes available, and its Pods go when it shrinks', async () => {
      await using cluster = await createCluster({ clock, nodes: 2 })
      await cluster.client.create(DEPLOYMENTS, web(3))
      await cluster.until(available(cluster, 3))
      const pods = await podsOf(cluster)
      expect(new Set(pods.map((pod) => pod.status?.podIP)).size).toBe(3)
      expect(new Set(pods.map((pod) => pod.spec?.nodeName))).toEqual(new Set(['node-1', 'node-2']))
      await cluster.client.patch(DEPLOYMENTS, { namespace: 'default', name: 'web' }, 'merge', { spec: { replicas: 1 } })
      await cluster.until(async () => (await podsOf(cluster)).length === 1)
    })
  })
}

const job = (annotations: Record<string, string>): Pod => ({
  metadata: { name: 'once', namespace: 'default', annotations },
  spec: { restartPolicy: 'Never', containers: [{ name: 'app', image: 'nginx' }] },
})
const phase = (cluster: Cluster) => async () =>
  (await cluster.client.get(PODS, { namespace: 'default', name: 'once' })).status?.phase

describe('createCluster({ nodes }) on virtual time', () => {
  test('a Pod runs for as long, and ends with what, its annotations say', async () => {
    await using cluster = await createCluster({ clock: 'virtual', nodes: 1 })
    const annotations = { 'gorae.dev/sim-run-seconds': '20', 'gorae.dev/sim-exit-code': '3' }
    await cluster.client.create(PODS, job(annotations))
    await cluster.advance(15_000)
    expect(await phase(cluster)()).toBe('Running')
    await cluster.until(async () => (await phase(cluster)()) === 'Failed')
    const pod = await cluster.client.get(PODS, { namespace: 'default', name: 'once' })
    expect(pod.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 3, reason: 'Error' })
  })

  test('a Pod is not ready before its annotation says so', async () => {
    await using cluster = await createCluster({ clock: 'virtual', nodes: 1 })
    const probed = job({ 'gorae.dev/sim-ready-seconds': '20' })
    const [app] = probed.spec?.containers ?? []
    if (app !== undefined) app.readinessProbe = { httpGet: { port: 80, path: '/' }, periodSeconds: 1 }
    await cluster.client.create(PODS, probed)
    const began = cluster.clock.now()
    await cluster.until(async () => (await podsOf(cluster)).some(isGood))
    expect(cluster.clock.now() - began).toBeGreaterThanOrEqual(20_000)
    expect(cluster.clock.now() - began).toBeLessThan(25_000)
  })

  test('an image that no registry has is told as one', async () => {
    const nodes = [{ images: { isMissing: (name: string) => name.includes('/nginx:') } }]
    await using cluster = await createCluster({ clock: 'virtual', nodes })
    await cluster.client.create(PODS, job({}))
    await cluster.advance(5_000)
    const pod = await cluster.client.get(PODS, { namespace: 'default', name: 'once' })
    expect(pod.status?.containerStatuses?.[0]?.state?.waiting?.reason).toMatch(/^(ErrImagePull|ImagePullBackOff)$/)
    const { items } = await cluster.client.list(EVENTS, { namespace: 'default' })
    expect(items.some((event) => event.message?.includes('docker.io/library/nginx:latest: not found'))).toBe(true)
  })

  test('Pods of a node that lost its power are replaced elsewhere when its taint is no more tolerated', async () => {
    await using cluster = await createCluster({ clock: 'virtual', nodes: 2 })
    await cluster.client.create(DEPLOYMENTS, web(4))
    await cluster.until(available(cluster, 4))
    const [first] = cluster.nodes
    const on = async (name = '') => (await podsOf(cluster)).filter((pod) => pod.spec?.nodeName === name)
    const before = await on(first?.name)
    expect(before.length).toBeGreaterThan(0)
    await first?.kill()
    expect(first?.isUp).toBe(false)
    // 50 s until the node counts as gone, 300 s that Pods tolerate it.
    await cluster.advance(300_000)
    const goodElsewhere = async () =>
      (await podsOf(cluster)).filter((pod) => pod.spec?.nodeName === 'node-2' && isGood(pod)).length
    expect(await goodElsewhere()).toBe(4 - before.length)
    await cluster.advance(80_000)
    expect(await goodElsewhere()).toBe(4)
    first?.boot()
    await cluster.until(async () => (await on(first?.name)).length === 0)
    await cluster.until(async () => {
      const node = await cluster.client.get(NODES, { name: 'node-1' })
      return (node.spec?.taints ?? []).length === 0
    }, 60_000)
  })

  const history = async (seed: number): Promise<readonly string[]> => {
    await using cluster = await createCluster({ clock: 'virtual', seed, nodes: 3 })
    const seen: string[] = []
    const watching = new AbortController()
    const watched = (async () => {
      for await (const { type, object } of cluster.client.watch(PODS, { resourceVersion: '0' }, watching.signal)) {
        const { name, uid, resourceVersion } = object.metadata
        const { podIP, phase: now } = object.status ?? {}
        seen.push([cluster.clock.now(), type, name, uid, resourceVersion, object.spec?.nodeName, podIP, now].join(' '))
      }
    })().catch(() => {})
    await cluster.client.create(DEPLOYMENTS, web(8))
    await cluster.advance(30_000)
    await cluster.nodes[1]?.kill()
    await cluster.advance(400_000)
    watching.abort()
    await watched
    return seen
  }

  test('the same seed gives the same history, another seed another', async () => {
    const first = await history(7)
    expect(first.length).toBeGreaterThan(24)
    expect(await history(7)).toEqual(first)
    expect(await history(8)).not.toEqual(first)
  }, 30_000)
})
