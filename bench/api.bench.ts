/**
 * What a request costs the API server: processor time of its process for each call, rates and latencies with 32 clients
 * over TLS with client certificates, storage on disk. Beside it a bare server of Node's as the floor, and a real
 * kube-apiserver with etcd where KUBE_APISERVER and ETCD name their programs; all of it then runs in a network of its own.
 * A call's time is from a request that is ready to be sent to its whole answer (api/load.ts). For a closer look:
 * GORAE_BENCH_SERVER is gorae, bare or real, GORAE_BENCH_ONLY a pattern of what to measure, GORAE_BENCH_PROFILE a folder
 * for profiles.
 */

import { SERVER_FLAGS } from '../src/cluster/daemons/runtime-flags.ts'
import { startBare } from './api/bare-server.ts'
import { type Credentials, makeCredentials } from './api/credentials.ts'
import { startGorae } from './api/gorae-server.ts'
import { type Call, type Figures, type Load, load, measure, ROUNDS } from './api/load.ts'
import { configMap, pod } from './api/objects.ts'
import { startReal } from './api/real-server.ts'
import { inOwnNetwork } from './api/own-network.ts'
import { forkTarget, serveTarget, type Target } from './api/target.ts'
import { tell } from './figure.ts'

const CLIENTS = 32
const WATCHERS = 50
const PODS = 2_000
const BASE = '/api/v1/namespaces/default'
const WARM = '/api/v1/namespaces/warm'
/** So many objects are there, and so many calls of each kind are made, before anything is measured. */
const WARM_OBJECTS = 1_500
const WARM_CALLS = 3_000
/** Creates that are only tried out leave nothing behind at all. */
const WARM_TRIES = 9_000
/** ConfigMaps that are created, and then patched. */
const MADE = 5_000
/** Pods that are created, more than are listed: the slowest hundredth of the calls must be more than one pause of the machine. */
const PODS_MADE = 6_000
const APPLYING = '?fieldManager=bench&force=true'
const LATENCY_GOAL = 15
/** Of a tenth of a second. */
const MAX_PAUSES = 300
const SERVERS = ['gorae', 'bare', 'real']
/** Measures only what this matches. */
const only = new RegExp(process.env['GORAE_BENCH_ONLY'] ?? '')

interface Goals {
  readonly cpuMs?: number
  readonly p99?: number
  readonly p50?: number
}

/** Everything measured on one server. `isOurs`: the goals are for it. */
async function measureTarget(target: Target, credentials: Credentials, isOurs: boolean): Promise<void> {
  const client = load(target.origin, credentials, CLIENTS)
  const server = isOurs ? {} : { server: target.name }
  const show = (what: string, figures: Figures, { cpuMs, p99, p50 }: Goals = {}) => {
    const goal = (value: number | undefined) =>
      value === undefined || !isOurs ? {} : ({ goal: value, goalIs: 'atMost' } as const)
    tell({ what: `${what}, server CPU`, ...server, value: figures.cpuMs, unit: 'ms', ...goal(cpuMs) })
    tell({ what: `${what}, rate`, ...server, value: figures.rate, unit: '/s' })
    tell({ what: `${what}, p50`, ...server, value: figures.p50, unit: 'ms', ...goal(p50) })
    tell({ what: `${what}, p99`, ...server, value: figures.p99, unit: 'ms', ...goal(p99) })
  }
  const run = async (
    what: string,
    { count, sides = CLIENTS, call, ...goals }: Goals & { count: number; sides?: number; call: (i: number) => Call },
  ) => {
    // The others need what is created.
    if (only.test(what) || what.startsWith('create'))
      show(what, await measure({ target, client, sides, count, call }), goals)
  }
  const post = (kind: string, body: object, at = BASE): Call => ({ method: 'POST', path: `${at}/${kind}`, body })
  const patch = (type: string, path: string, body: object): Call => ({
    method: 'PATCH',
    path: `${BASE}/${path}`,
    type: `application/${type}`,
    body,
  })
  const p99 = LATENCY_GOAL

  await prepare(client, isOurs || target.name.startsWith('kube'))
  await run('create a ConfigMap (1 KB)', {
    count: MADE / 5,
    call: (i) => post('configmaps', configMap(`made-${i}`)),
    cpuMs: 0.7,
    p99,
  })
  // Those beyond what is listed below are in another namespace.
  await run('create a Pod', {
    count: PODS_MADE / 5,
    call: (i) => post('pods', pod(podName(i), i), i < PODS ? BASE : WARM),
    cpuMs: 0.9,
    p99,
  })
  await run('get a Pod', {
    count: 2_000,
    call: (i) => ({ method: 'GET', path: `${BASE}/pods/${podName(i % PODS)}` }),
    cpuMs: 0.3,
    p99,
  })
  await run('merge patch', {
    count: MADE / 5,
    call: (i) => patch('merge-patch+json', `configmaps/made-${i}`, { data: { version: `m${i}` } }),
    cpuMs: 0.9,
    p99,
  })
  await run('strategic patch', {
    count: MADE / 5,
    call: (i) => patch('strategic-merge-patch+json', `configmaps/made-${i}`, { data: { version: `s${i}` } }),
    cpuMs: 0.9,
    p99,
  })
  const applied = (i: number) => ({ ...configMap(`made-${i % 500}`), data: { applied: `a${i}` } })
  await run('apply', {
    count: MADE / 5,
    call: (i) => patch('apply-patch+yaml', `configmaps/made-${i % 500}${APPLYING}`, applied(i)),
    cpuMs: 0.8,
    p99,
  })
  const list = (query: string, count: number, cpuMs: number, what: string) =>
    run(what, { count, sides: 4, call: () => ({ method: 'GET', path: `${BASE}/pods${query}` }), cpuMs })
  const all = await client.call({ method: 'GET', path: `${BASE}/pods` })
  tell({ what: 'list 2,000 Pods, its size', ...server, value: all.bytes / 2 ** 20, unit: 'MiB' })
  await list('', 12, 12, 'list 2,000 Pods')
  await list('?limit=500', 40, 3, 'list 500 of 2,000 Pods')
  await list('?labelSelector=group%3Dtenth', 40, 3, 'list 200 of 2,000 Pods by label')
  await run('one create at a time', {
    count: 200,
    sides: 1,
    call: (i) => post('configmaps', configMap(`alone-${i}`)),
    p50: 1.5,
  })
  client.close()
  if (only.test('event')) {
    const event = await eventCost(target, credentials)
    tell({
      what: 'one event to one of 50 watchers, server CPU',
      ...server,
      value: event,
      unit: 'ms',
      ...(isOurs ? { goal: 0.03, goalIs: 'atMost' } : {}),
    })
  }
  tell({
    what: 'memory after all that',
    ...server,
    value: await target.memoryMiB(),
    unit: 'MiB',
    ...(isOurs ? { goal: 300, goalIs: 'atMost' } : {}),
  })
}

const podName = (i: number) => `web-6d4b75cb6d-${String(i).padStart(5, '0')}`

/**
 * Pods need a namespace and an account to run as. A server that has run for a while under load is measured, not one that
 * starts: what it compiles as it goes is compiled. Most of the calls leave nothing behind.
 */
async function prepare(client: Load, isKubernetes: boolean): Promise<void> {
  const post = (path: string, body: object): Call => ({ method: 'POST', path, body, or: 409 })
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } }
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'warm' } }
  if (isKubernetes) {
    await client.call(post('/api/v1/namespaces', namespace))
    await untilThere(client, BASE)
    await client.call(post(`${WARM}/serviceaccounts`, account))
    await client.call(post(`${BASE}/serviceaccounts`, account))
  }
  await client.call(post(`${BASE}/configmaps`, configMap('watched')))
  const each = async (count: number, call: (i: number) => Call) => {
    let next = 0
    const side = async () => {
      while (next < count) await client.call(call(next++))
    }
    await Promise.all(Array.from({ length: CLIENTS }, side))
  }
  const create = async (kind: string, make: (name: string, i: number) => object) => {
    await each(WARM_OBJECTS, (i) => post(`${WARM}/${kind}`, make(`warm-${i}`, i)))
    if (isKubernetes) await each(WARM_TRIES, (i) => post(`${WARM}/${kind}?dryRun=All`, make(`tried-${i}`, i)))
  }
  const patchAll = (type: string, body: (name: string, i: number) => object, query = '') =>
    each(WARM_CALLS, (i) => {
      const name = `warm-${i % WARM_OBJECTS}`
      const path = `${WARM}/configmaps/${name}${query}`
      return { method: 'PATCH', path, type: `application/${type}`, body: body(name, i) }
    })
  await create('configmaps', configMap)
  await create('pods', pod)
  await patchAll('merge-patch+json', (_, i) => ({ data: { version: `m${i}` } }))
  await patchAll('strategic-merge-patch+json', (_, i) => ({ data: { version: `s${i}` } }))
  await patchAll('apply-patch+yaml', (name, i) => ({ ...configMap(name), data: { applied: `a${i}` } }), APPLYING)
  await each(WARM_CALLS, (i) => ({ method: 'GET', path: `${WARM}/pods/warm-${i % WARM_OBJECTS}` }))
  await each(40, () => ({ method: 'GET', path: `${WARM}/pods` }))
  if (!isKubernetes) return
  for (const kind of ['pods', 'configmaps']) {
    await client.call({ method: 'DELETE', path: `${WARM}/${kind}?gracePeriodSeconds=0` })
  }
}

/** A server that is ready makes its first namespaces in its own time. */
async function untilThere(client: Load, path: string): Promise<void> {
  while ((await client.call({ method: 'GET', path, or: 404 })).status === 404) await pause()
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 100))

/** Waits until `holds`. Throws when that takes too long. */
async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop -- again and again
  for (let pauses = 0; !(await holds()); pauses++) {
    if (pauses >= MAX_PAUSES) throw new Error(`waited in vain until ${what}`)
    await pause()
  }
}

/** The same updates without watchers and with them: the difference, for each watcher and update. */
async function eventCost(target: Target, credentials: Credentials): Promise<number> {
  const count = 300
  const writer = load(target.origin, credentials, 4)
  const watching = load(target.origin, credentials, WATCHERS)
  const update = (i: number): Call => ({
    method: 'PATCH',
    path: `${BASE}/configmaps/watched`,
    type: 'application/merge-patch+json',
    body: { data: { version: `w${i}` } },
  })
  // One at a time: an event each, as when controllers and kubelets watch a quiet cluster.
  const work = { target, client: writer, sides: 1, count }
  const without = await measure({ ...work, call: update })
  const told = Array.from({ length: WATCHERS }, () => 0)
  const watch = (at: number) =>
    watching.watch(`${BASE}/configmaps?watch=1&fieldSelector=metadata.name%3Dwatched`, (bytes) => {
      for (const byte of bytes) if (byte === 10) told[at]!++
    })
  await Promise.all(told.map((_, at) => watch(at)))
  // A watch that has been answered may begin later: it is there when it has told more than the state it began with.
  let tries = 0
  await until('the watches begin', async () => {
    if (!told.every((events) => events >= 2)) await writer.call(update(900_000 + tries++))
    return told.every((events) => events >= 2)
  })
  const before = [...told]
  const withWatchers = await measure({ ...work, call: (i) => update(1_000_000 + i) })
  const all = (ROUNDS + 1) * count
  await until('every event has come', () => told.every((events, at) => events >= before[at]! + all))
  watching.close()
  writer.close()
  return Math.max(0, withWatchers.cpuMs - without.cpuMs) / WATCHERS
}

async function main(): Promise<void> {
  if (process.env['KUBE_APISERVER'] !== undefined && inOwnNetwork()) return
  const credentials = makeCredentials()
  const server = process.env['GORAE_BENCH_SERVER']
  const targets: (() => Promise<Target | undefined>)[] = [
    () => forkTarget({ name: 'gorae', part: 'gorae', flags: SERVER_FLAGS }, { credentials }),
    () => forkTarget({ name: 'bare Node', part: 'bare', flags: [] }, { credentials }),
    () => startReal({ credentials }),
  ]
  for (const [at, start] of targets.entries()) {
    if (server !== undefined && server !== SERVERS[at]) continue
    const target = await start()
    if (target === undefined) {
      process.stderr.write('skipped: a real kube-apiserver (KUBE_APISERVER and ETCD name no programs)\n')
      continue
    }
    try {
      await measureTarget(target, credentials, at === 0)
    } finally {
      await target.stop()
    }
  }
}

if (process.argv[2] !== 'serve') await main()
else await serveTarget(process.argv[3] === 'gorae' ? startGorae : startBare)
