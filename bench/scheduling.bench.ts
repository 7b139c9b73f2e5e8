/** How many Pods a second get a node, at 100, 1,000 and 5,000 nodes: API, storage, watches and scheduler in one process. */

import { setMaxListeners } from 'node:events'
import { systemClock } from '../src/base/clock.ts'
import { silentLog } from '../src/base/log.ts'
import { systemRandom } from '../src/base/random.ts'
import type { Client } from '../src/client/client.ts'
import { createEvents } from '../src/client/events.ts'
import { createInformers } from '../src/client/informer.ts'
import { NODES, PODS } from '../src/client/resources.ts'
import { runScheduler } from '../src/scheduler/scheduler.ts'
import { createCluster } from '../src/testing/cluster.ts'
import { memoryMiB, tell } from './figure.ts'

const PODS_TO_PLACE = Number(process.env['GORAE_BENCH_PODS'] ?? 3000)
const SIZES = (process.env['GORAE_BENCH_NODES'] ?? '100,1000,5000').split(',').map(Number)
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

async function addPod(client: Client, index: number): Promise<void> {
  const requests = { cpu: '100m', memory: '128Mi' }
  await client.create(PODS, {
    metadata: { name: `pod-${index}`, namespace: 'default', labels: { app: `app-${index % 50}` } },
    spec: { containers: [{ name: 'app', image: 'registry.example/app:1', resources: { requests } }] },
  })
}

/** Runs the scheduler until every Pod has a node. */
async function placeAll(client: Client): Promise<void> {
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  const parts = { client, clock: systemClock, random: systemRandom, log: silentLog }
  const informers = createInformers(client, systemClock, silentLog, systemRandom)
  const events = createEvents(parts)
  const ended = (run: Promise<void>) =>
    run.catch((error: unknown) => (stop.signal.aborted ? undefined : Promise.reject(error)))
  const pods = createInformers(client, systemClock, silentLog, systemRandom).of(PODS)
  let placed = 0
  const all = new Promise<void>((resolve) => {
    pods.on({
      updated: (pod, old) => {
        if ((old.spec?.nodeName ?? '') === '' && (pod.spec?.nodeName ?? '') !== '' && ++placed === PODS_TO_PLACE)
          resolve()
      },
    })
  })
  const running = [
    ended(pods.run(stop.signal)),
    ended(runScheduler({ ...parts, informers, events: (name) => events.recorder(name) }, stop.signal)),
    ended(informers.run(stop.signal)),
    ended(events.run(stop.signal)),
  ]
  await all
  stop.abort()
  await Promise.all(running)
}

for (const size of SIZES) {
  // oxlint-disable-next-line no-await-in-loop -- one size after another
  await measure(size)
}

async function measure(size: number): Promise<void> {
  const cluster = await createCluster({ scheduler: false, controllers: false })
  const { client } = cluster
  for (let index = 0; index < size; index++) await addNode(client, index)
  const made = performance.now()
  for (let index = 0; index < PODS_TO_PLACE; index++) await addPod(client, index)
  const creating = performance.now() - made
  const [start, cpu] = [performance.now(), process.cpuUsage()]
  await placeAll(client)
  const [took, used] = [performance.now() - start, process.cpuUsage(cpu)]
  const on = `${size.toLocaleString('en-US')} nodes`
  const perSecond = (ms: number) => PODS_TO_PLACE / (ms / 1000)
  tell({ what: `Pods created, ${on}`, value: perSecond(creating), unit: 'Pods/s' })
  tell({ what: `Pods placed, ${on}`, value: perSecond(took), unit: 'Pods/s', goal: 1000, goalIs: 'atLeast' })
  tell({ what: `CPU for ${PODS_TO_PLACE} Pods, ${on}`, value: (used.user + used.system) / 1e6, unit: 's' })
  tell({ what: `memory, ${on}`, value: memoryMiB(), unit: 'MiB' })
  await cluster.stop()
}
