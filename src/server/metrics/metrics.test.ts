import { describe, expect, test } from 'vitest'
import { catalog } from '../../api/catalog.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { seededRandom } from '../../base/random.ts'
import { createClient } from '../../client/client.ts'
import { NODE_METRICS, NODES, POD_METRICS, PODS } from '../../client/resources.ts'
import { MASTERS_GROUP, userOf } from '../../client/user.ts'
import { createMemoryStorage } from '../../storage/memory/memory-storage.ts'
import { createApiServer } from '../api-server.ts'
import { usageBetween } from './rates.ts'
import { readSummary } from './summary.ts'

describe('usageBetween()', () => {
  const used = (cpuNanoSeconds?: number, cpuNanoCores?: number, memoryBytes: number | undefined = 1024 ** 2) => ({
    cpuNanoSeconds,
    cpuNanoCores,
    memoryBytes,
  })
  const cases = [
    { when: 'it grew', now: used(3e9, 7), before: used(1e9), ms: 10_000, cpu: '200m' },
    { when: 'there was no look before', now: used(3e9, 1_500), before: undefined, ms: 0, cpu: '1500n' },
    { when: 'the counter began anew', now: used(1e9, 250_000_000), before: used(3e9), ms: 10_000, cpu: '250m' },
    { when: 'nothing was used', now: used(1e9, 5), before: used(1e9), ms: 10_000, cpu: '0' },
    { when: 'nothing is known', now: used(), before: undefined, ms: 0, cpu: undefined },
    { when: 'only a sum is known', now: used(1e9), before: undefined, ms: 0, cpu: undefined },
  ]
  for (const { when, now, before, ms, cpu } of cases) {
    test(`cpu is ${cpu} when ${when}`, () => expect(usageBetween(now, before, ms)?.['cpu']).toBe(cpu))
  }

  test('memory is told in binary units', () => {
    const memory = (bytes: number) => usageBetween(used(0, 1, bytes), undefined, 0)?.['memory']
    expect([1024 ** 2, 1536, 1000].map(memory)).toEqual(['1Mi', '1536', '1k'])
  })
})

describe('readSummary()', () => {
  for (const value of [null, 'x', [], {}, { node: {}, pods: 1 }]) {
    test(`refuses ${JSON.stringify(value)}`, () => expect(() => readSummary(value)).toThrow('summary'))
  }

  test('takes strange figures for unknown', () => {
    const pods = [
      { podRef: { name: 'a', namespace: 'b', uid: 'u' }, containers: [{ name: 'c', cpu: { usageNanoCores: -1 } }] },
    ]
    const { node, pods: read } = readSummary({ node: { cpu: 'many' }, pods: [...pods, {}, null] })
    expect(node).toEqual({ cpuNanoSeconds: undefined, cpuNanoCores: undefined, memoryBytes: undefined })
    expect([...read.keys()]).toEqual(['b/a'])
    expect(read.get('b/a')?.containers.get('c')?.cpuNanoCores).toBeUndefined()
  })
})

describe('metrics.k8s.io', () => {
  async function withServer(body: (world: Awaited<ReturnType<typeof serve>>) => Promise<void>) {
    const world = await serve()
    try {
      await body(world)
    } finally {
      world.close()
    }
  }

  async function serve() {
    const clock = new ManualClock()
    const storage = createMemoryStorage()
    const asked: string[] = []
    let seconds = 0
    const uids: string[] = []
    const nodeStats = async (node: string) => {
      asked.push(node)
      if (node === 'down') throw new Error('connection refused')
      const cpu = { usageCoreNanoSeconds: seconds++ * 1e9, usageNanoCores: 100_000_000 }
      const usage = { cpu, memory: { workingSetBytes: 64 * 1024 ** 2 } }
      const pods = uids.map((uid, index) => ({
        podRef: { name: `p${index}`, namespace: 'default', uid },
        containers: [{ name: 'c', ...usage }],
      }))
      return { node: usage, pods }
    }
    const random = seededRandom(1)
    const server = await createApiServer({ storage, clock, random, log: silentLog, catalog, options: { nodeStats } })
    const client = createClient(server.transportFor(userOf('admin', [MASTERS_GROUP])))
    for (const name of ['n1', 'down']) await client.create(NODES, { metadata: { name, labels: { on: name } } })
    for (const [index, nodeName] of ['n1', 'n1', 'down'].entries()) {
      const metadata = { name: `p${index}`, namespace: 'default', labels: { number: String(index) } }
      const pod = await client.create(PODS, { metadata, spec: { nodeName, containers: [{ name: 'c', image: 'i' }] } })
      await client.updateStatus(PODS, { ...pod, status: { phase: 'Running' } })
      uids.push(pod.metadata.uid ?? '')
    }
    return { client, clock, asked, close: () => server.close() }
  }

  test('tells what the nodes that answer use', () =>
    withServer(async ({ client }) => {
      const { items } = await client.list(NODE_METRICS)
      expect(items).toMatchObject([
        { metadata: { name: 'n1', labels: { on: 'n1' } }, window: '10s', usage: { cpu: '100m', memory: '64Mi' } },
      ])
    }))

  test('tells what Pods use, by namespace, name and label', () =>
    withServer(async ({ client }) => {
      const names = async (options: object) =>
        (await client.list(POD_METRICS, options)).items.map(({ metadata }) => metadata.name)
      expect(await names({})).toEqual(['p0', 'p1'])
      expect(await names({ namespace: 'other' })).toEqual([])
      expect(await names({ labelSelector: 'number=1' })).toEqual(['p1'])
      expect(await names({ fieldSelector: 'metadata.name=p0' })).toEqual(['p0'])
      expect(await client.get(POD_METRICS, { namespace: 'default', name: 'p0' })).toMatchObject({
        kind: 'PodMetrics',
        apiVersion: 'metrics.k8s.io/v1beta1',
        containers: [{ name: 'c', usage: { cpu: '100m', memory: '64Mi' } }],
      })
    }))

  test('what is not known is not found', () =>
    withServer(async ({ client }) => {
      await expect(client.get(POD_METRICS, { namespace: 'default', name: 'p2' })).rejects.toThrow(
        'podmetrics.metrics.k8s.io "default/p2" not found',
      )
      await expect(client.get(NODE_METRICS, { name: 'down' })).rejects.toThrow(
        'nodemetrics.metrics.k8s.io "down" not found',
      )
    }))

  test('asks a kubelet once in ten seconds, and tells the growth in between', () =>
    withServer(async ({ client, clock, asked }) => {
      await Promise.all([client.get(NODE_METRICS, { name: 'n1' }), client.get(NODE_METRICS, { name: 'n1' })])
      expect(asked).toEqual(['n1'])
      await clock.advance(20_000)
      expect(await client.get(NODE_METRICS, { name: 'n1' })).toMatchObject({ window: '20s', usage: { cpu: '50m' } })
      expect(asked).toEqual(['n1', 'n1'])
    }))
})
