import { afterEach, beforeEach, expect, test } from 'vitest'

import { silentLog } from '../../src/base/log.ts'
import { seededRandom } from '../../src/base/random.ts'
import { PODS } from '../../src/client/resources.ts'
import type { RuntimeService } from '../../src/kubelet/cri/runtime.ts'
import { runKubelet } from '../../src/kubelet/kubelet.ts'
import { simulatedNode } from '../../src/kubelet/simulated-node.ts'
import { type Cluster, createCluster } from '../../src/testing/cluster.ts'

const NODE = 'node-1'
const PODS_AT_ONCE = 20

let cluster: Cluster
let calls: Map<string, number>
let running: Promise<unknown>
const stopping = new AbortController()

/** Counts calls, and tells nobody whose an event is, as runtimes without CRI's own events do. */
function counted(runtime: RuntimeService): RuntimeService {
  const count = (name: string) => calls.set(name, (calls.get(name) ?? 0) + 1)
  return new Proxy(runtime, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, target)
      if (name === 'events') {
        return async function* (signal: AbortSignal) {
          for await (const { type, containerId } of target.events(signal)) yield { type, containerId }
        }
      }
      if (typeof value !== 'function') return value
      return (...given: unknown[]) => {
        count(String(name))
        return Reflect.apply(value, receiver === undefined ? undefined : target, given) as unknown
      }
    },
  })
}

beforeEach(async () => {
  calls = new Map()
  cluster = await createCluster({ clock: 'virtual', nodes: 0 })
  const machine = simulatedNode({ clock: cluster.clock, random: seededRandom(2), podCidr: '10.9.0.0/24' })
  const node = {
    name: NODE,
    addresses: ['10.0.0.1'],
    port: 10_250,
    clusterDomain: 'cluster.local',
    clusterDns: [],
    version: 'v1.36.0',
  }
  const deps = { client: cluster.client, clock: cluster.clock, random: seededRandom(3), log: silentLog, node }
  const runtime = counted(machine.runtime)
  running = runKubelet({ ...deps, ...machine, runtime }, stopping.signal).catch(() => {})
})
afterEach(async () => {
  stopping.abort(new Error('the test is over'))
  await running
  await cluster.stop()
})

test('Pods that start together do not make each other look at the runtime', async () => {
  for (let number = 0; number < PODS_AT_ONCE; number++) {
    await cluster.client.create(PODS, {
      metadata: { name: `pod-${number}`, namespace: 'default' },
      spec: { nodeName: NODE, automountServiceAccountToken: false, containers: [{ name: 'app', image: 'busybox' }] },
    })
  }
  await cluster.until(async () => {
    const { items } = await cluster.client.list(PODS, { namespace: 'default' })
    return items.length === PODS_AT_ONCE && items.every(({ status }) => status?.phase === 'Running')
  })
  const aPod = (name: string) => (calls.get(name) ?? 0) / PODS_AT_ONCE
  expect(aPod('runPodSandbox')).toBe(1)
  expect(aPod('podSandboxStatus')).toBe(1)
  expect(aPod('listContainers')).toBeLessThan(4)
})
