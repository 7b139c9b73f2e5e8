/**
 * A real cluster of one node: how fast it starts, how fast Pods do, what it takes. Beside the Pods stand the same
 * containers by bare CRI calls, the floor of this machine, and a real kubelet where KUBELET names one. Needs root on Linux
 * and the packages `gorae doctor` names.
 */

import { spawn } from 'node:child_process'
import { Agent, get } from 'node:https'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../src/base/clock.ts'
import type { Client } from '../src/client/client.ts'
import { DEPLOYMENTS, NODES, PODS } from '../src/client/resources.ts'
import { isPodReady } from '../src/api/core/v1/pod/facts.ts'
import { accessOf, clientOf, envOf, goraeIn, kubeconfigOf, PROGRAM, socketOf } from './cluster/access.ts'
import { bareCriPod } from './cluster/bare-cri.ts'
import { measureManyPods, measureManyPodsOf } from './cluster/many-pods.ts'
import { inOwnNamespace } from './cluster/own-namespace.ts'
import { cpuMs, residentMiB } from './cluster/processes.ts'
import { replaceKubelet } from './cluster/real-kubelet.ts'
import { type Tell, median, tell, tellOf } from './figure.ts'

const IMAGE = 'busybox'
const POLL_MS = 5
const ONE_POD = 'a Pod from create to Ready (median of 5)'
/** One connection for all questions: a handshake each would keep the server from starting. */
const asking = new Agent({ keepAlive: true, maxSockets: 1 })

await inOwnNamespace('cluster', measure)

async function measure(): Promise<void> {
  const home = mkdtempSync('/tmp/gorae-bench-')
  const gorae = goraeIn(home)
  try {
    gorae('image', 'make', IMAGE, '--from-binary', '/bin/busybox', '--cmd', 'sh')
    await measureStart(home)
    await measureIdle(JSON.parse(gorae('status', '-o', 'json')).clusters[0])
    const client = clientOf(home)
    await measurePods(home, client)
    await measureKubectl(home, client)
    await measureManyPods(client, socketOf(home))
    await measureScale(client, tell)
    await measureKubelet(home, client)
  } finally {
    gorae('down', '--all')
    rmSync(home, { recursive: true, force: true })
  }
}

async function measureStart(home: string): Promise<void> {
  const begin = performance.now()
  const up = spawn(process.execPath, [PROGRAM, 'up', '--no-merge-kubeconfig'], { env: envOf(home), stdio: 'ignore' })
  const upDone = new Promise<number>((done) => up.once('exit', () => done(performance.now())))
  const client = await until(() => tryOrNothing(() => clientOf(home)))
  await until(() => answersReady(home))
  const apiReady = performance.now()
  const isReady = async () => {
    const { items } = await client.list(NODES)
    return (
      items[0]?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true ||
      undefined
    )
  }
  await until(isReady)
  asking.destroy()
  tell({ what: 'gorae up: to the API ready', value: apiReady - begin, unit: 'ms' })
  const server = JSON.parse(goraeIn(home)('status', '-o', 'json')).clusters[0].serverPid
  tell({
    what: 'cold start of the server process to the API ready',
    value: apiReady - (begin - ageMs(begin, server)),
    unit: 'ms',
    goal: 500,
    goalIs: 'atMost',
  })
  tell({ what: 'gorae up: to the node Ready', value: (await upDone) - begin, unit: 'ms', goal: 3000, goalIs: 'atMost' })
}

/** How long before `mark` (of this process's clock) the process began; negative when it began after. */
function ageMs(mark: number, pid: number): number {
  const ticks = Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[19])
  const uptimeMs = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]) * 1000
  const agoMs = uptimeMs - ticks * 10
  return agoMs - (performance.now() - mark)
}

async function measurePods(home: string, client: Client): Promise<void> {
  const bare: number[] = []
  const ours = await podsOneByOne(client, async (round) => {
    bare.push(await bareCriPod(socketOf(home), `bare-${round}`, IMAGE))
  })
  tell({ what: 'a Pod by bare CRI calls (the floor; median of 6)', value: median(bare), unit: 'ms' })
  tell({ what: ONE_POD, value: ours, unit: 'ms', goal: 500, goalIs: 'atMost' })
  tell({ what: 'ratio to bare CRI calls', value: ours / median(bare), unit: '×', goal: 2, goalIs: 'atMost' })
}

/** How long a Pod takes, the median; the first is not counted. `beside` runs while the Pod does. */
async function podsOneByOne(client: Client, beside: (round: number) => Promise<void>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < 6; round++) {
    const name = `pod-${round}`
    const begin = performance.now()
    await client.create(PODS, aPod(name))
    await until(async () => (isPodReady(await client.get(PODS, { namespace: 'default', name })) ? true : undefined))
    if (round > 0) times.push(performance.now() - begin)
    await beside(round)
    await client.delete(PODS, { namespace: 'default', name }, { gracePeriodSeconds: 0 })
  }
  return median(times)
}

/** The same Pods by the kubelet that is given, if one is. */
async function measureKubelet(home: string, client: Client): Promise<void> {
  const kubelet = await replaceKubelet(home, client)
  if (kubelet === undefined) return
  const tellIt = tellOf(kubelet.name)
  try {
    tellIt({ what: ONE_POD, value: await podsOneByOne(client, async () => {}), unit: 'ms' })
    await measureManyPodsOf(client, tellIt)
    await measureScale(client, tellIt)
  } finally {
    await kubelet.stop()
  }
}

/** The same Pod by the program kubectl (KUBECTL, or the one on the PATH), its own start included. */
async function measureKubectl(home: string, client: Client): Promise<void> {
  const kubectl = process.env['KUBECTL'] ?? 'kubectl'
  const env = { ...process.env, KUBECONFIG: kubeconfigOf(home), HOME: home }
  const [applied, ready]: [number[], number[]] = [[], []]
  for (let round = 0; round < 6; round++) {
    const name = `applied-${round}`
    const file = join(home, `${name}.json`)
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...aPod(name) }))
    const begin = performance.now()
    const run = spawn(kubectl, ['apply', '-f', file], { env, stdio: ['ignore', 'ignore', 'inherit'] })
    const [code] = await Promise.race([once(run, 'exit'), once(run, 'error').then(() => ['absent'])])
    if (code === 'absent') return void process.stderr.write('cluster: no kubectl; its figures are left out\n')
    if (code !== 0) throw new Error(`kubectl apply ended with ${code}`)
    const done = performance.now()
    await until(async () => (isPodReady(await client.get(PODS, { namespace: 'default', name })) ? true : undefined))
    if (round > 0) applied.push(done - begin)
    if (round > 0) ready.push(performance.now() - begin)
    await client.delete(PODS, { namespace: 'default', name }, { gracePeriodSeconds: 0 })
  }
  tell({ what: 'kubectl apply of a Pod, until the program ends (median of 5)', value: median(applied), unit: 'ms' })
  tell({ what: 'kubectl apply of a Pod, from its start to Ready (median of 5)', value: median(ready), unit: 'ms' })
}

async function measureScale(client: Client, tell: Tell): Promise<void> {
  const at = { namespace: 'default', name: 'web' }
  const template = { metadata: { labels: { app: 'web' } }, spec: aPod('').spec }
  await client.create(DEPLOYMENTS, {
    metadata: at,
    spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template },
  })
  const ready = (count: number) =>
    until(async () => ((await client.get(DEPLOYMENTS, at)).status?.readyReplicas === count ? true : undefined))
  await ready(1)
  const begin = performance.now()
  await client.patch(DEPLOYMENTS, at, 'merge', { spec: { replicas: 20 } })
  await ready(20)
  tell({
    what: 'a Deployment scaled from 1 to 20, all ready',
    value: performance.now() - begin,
    unit: 'ms',
    goal: 5000,
    goalIs: 'atMost',
  })
  await client.delete(DEPLOYMENTS, at)
  await until(
    async () => ((await client.list(PODS, { namespace: 'default' })).items.length === 0 ? true : undefined),
    60_000,
  )
}

interface RunningCluster {
  readonly serverPid: number
  readonly nodes: readonly { readonly pid: number }[]
}

async function measureIdle({ serverPid, nodes }: RunningCluster): Promise<void> {
  await systemClock.sleep(10_000) // what starting left to do is no idleness
  const pids = [serverPid, ...nodes.map(({ pid }) => pid)]
  const used = () => pids.reduce((sum, pid) => sum + cpuMs(pid), 0)
  const [before, begin] = [used(), performance.now()]
  await systemClock.sleep(10_000)
  tell({
    what: 'idle: share of one core, all our processes',
    value: (100 * (used() - before)) / (performance.now() - begin),
    unit: '%',
  })
  tell({
    what: 'idle memory (RSS), all our processes, one node, without containerd',
    value: pids.reduce((sum, pid) => sum + residentMiB(pid), 0),
    unit: 'MiB',
    goal: 180,
    goalIs: 'atMost',
  })
}

function aPod(name: string) {
  return {
    metadata: { name, namespace: 'default' },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'c', image: IMAGE, imagePullPolicy: 'IfNotPresent' as const, command: ['sleep', '3600'] }],
    },
  }
}

/** True once the API server says it is ready; undefined until then. */
function answersReady(home: string): Promise<true | undefined> {
  const { server, ca } = accessOf(home)
  return new Promise((resolve) => {
    const request = get(`${server}/readyz`, { ca, agent: asking }, (response) => {
      response.resume()
      resolve(response.statusCode === 200 ? true : undefined)
    })
    request.once('error', () => resolve(undefined))
  })
}

function tryOrNothing<T>(make: () => T): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}

async function until<T>(check: () => Promise<T | undefined> | T | undefined, timeoutMs = 30_000): Promise<T> {
  for (const deadline = performance.now() + timeoutMs; ;) {
    const answer = await check()
    if (answer !== undefined) return answer
    if (performance.now() > deadline) throw new Error('it takes too long')
    await systemClock.sleep(POLL_MS)
  }
}
