/** A cluster of plain Node objects, Pods for it, and how fast the scheduler gives them nodes. */

import { setMaxListeners } from 'node:events'
import type { PodSpec } from '../../src/api/generated/core-v1.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { systemRandom } from '../../src/base/random.ts'
import type { Client } from '../../src/client/client.ts'
import { createSeriesEvents } from '../../src/client/event-series.ts'
import { createInformers } from '../../src/client/informer.ts'
import { NODES, PODS } from '../../src/client/resources.ts'
import { runScheduler } from '../../src/scheduler/scheduler.ts'
import { createCluster } from '../../src/testing/cluster.ts'
import { memoryMiB } from '../figure.ts'

const ZONES = ['a', 'b', 'c']

async function addNode(client: Client, index: number): Promise<void> {
  const name = `node-${index}`
  const labels = { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': ZONES[index % 3] ?? '' }
  const amounts = { cpu: '32', memory: '64Gi', pods: '110' }
  const status = { capacity: amounts, allocatable: amounts, conditions: [{ type: 'Ready', status: 'True' }] }
  await client.create(NODES, { metadata: { name, labels } })
  await client.patch(NODES, { name }, 'merge', { status }, { subresource: 'status' })
  await client.patch(NODES, { name }, 'merge', { spec: { taints: null } })
}

async function addPod(client: Client, index: number, { apps, specOf }: Load): Promise<void> {
  const requests = { cpu: '100m', memory: '128Mi' }
  const app = `app-${index % apps}`
  const containers = [{ name: 'app', image: 'registry.example/app:1', resources: { requests } }]
  await client.create(PODS, {
    metadata: { name: `pod-${index}`, namespace: 'default', labels: { app } },
    spec: { containers, ...specOf(app) },
  })
}

/** Runs the scheduler until that many Pods have a node. */
async function placeAll(client: Client, count: number): Promise<void> {
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  const parts = { client, clock: systemClock, random: systemRandom, log: silentLog }
  const informers = createInformers(client, systemClock, silentLog, systemRandom)
  const events = createSeriesEvents(parts)
  const ended = (run: Promise<void>) =>
    run.catch((error: unknown) => (stop.signal.aborted ? undefined : Promise.reject(error)))
  const pods = createInformers(client, systemClock, silentLog, systemRandom).of(PODS)
  let placed = 0
  const all = new Promise<void>((resolve) => {
    pods.on({
      updated: (pod, old) => {
        if ((old.spec?.nodeName ?? '') === '' && (pod.spec?.nodeName ?? '') !== '' && ++placed === count) resolve()
      },
    })
  })
  const running = [
    ended(pods.run(stop.signal)),
    ended(runScheduler({ ...parts, informers, events: (name) => events.recorder(name, 'bench') }, stop.signal)),
    ended(informers.run(stop.signal)),
    ended(events.run(stop.signal)),
  ]
  await all
  stop.abort()
  await Promise.all(running)
}

/** What is to be placed. */
export interface Load {
  readonly nodes: number
  readonly pods: number
  /** How many groups of like Pods there are. */
  readonly apps: number
  /** What the Pods of an app ask for besides their resources. */
  readonly specOf: (app: string) => Partial<PodSpec>
}

export interface Placed {
  readonly createdPerSecond: number
  readonly placedPerSecond: number
  readonly cpuSeconds: number
  readonly memoryMiB: number
}

export async function measure(load: Load): Promise<Placed> {
  const cluster = await createCluster({ scheduler: false, controllers: false })
  const { client } = cluster
  for (let index = 0; index < load.nodes; index++) await addNode(client, index)
  const made = performance.now()
  for (let index = 0; index < load.pods; index++) await addPod(client, index, load)
  const creating = performance.now() - made
  const [start, cpu] = [performance.now(), process.cpuUsage()]
  await placeAll(client, load.pods)
  const [took, used] = [performance.now() - start, process.cpuUsage(cpu)]
  const memory = memoryMiB()
  await cluster.stop()
  return {
    createdPerSecond: load.pods / (creating / 1000),
    placedPerSecond: load.pods / (took / 1000),
    cpuSeconds: (used.user + used.system) / 1e6,
    memoryMiB: memory,
  }
}
