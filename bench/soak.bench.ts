/**
 * Whether memory levels off: the API server holds 100,000 small objects, and on top of them objects come, change and go
 * for minutes while watches come and go. History is dropped every 15 seconds instead of every five minutes, so that the
 * run sees it dropped many times.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { catalog } from '../src/api/catalog.ts'
import { type Clock, sleepOn, systemClock } from '../src/base/clock.ts'
import { createLog } from '../src/base/log.ts'
import { systemRandom } from '../src/base/random.ts'
import { SERVER_FLAGS } from '../src/cluster/daemons/runtime-flags.ts'
import { createApiServer } from '../src/server/api-server.ts'
import { loopbackListener } from '../src/server/loopback.ts'
import { openLmdbStorage } from '../src/storage/lmdb/lmdb-storage.ts'
import { makeCredentials } from './api/credentials.ts'
import { type Call, type Load, load } from './api/load.ts'
import { forkTarget, type Options, serveTarget, type Target } from './api/target.ts'
import { tell } from './figure.ts'

const OBJECTS = Number(process.env['GORAE_BENCH_OBJECTS'] ?? 100_000)
const MINUTES = Number(process.env['GORAE_BENCH_MINUTES'] ?? 5)
const CLIENTS = 16
const WATCHERS = 10
const HASTE = 20
const MAPS = '/api/v1/namespaces/default/configmaps'
const NODE_FLAGS = [...SERVER_FLAGS, '--expose-gc']

/** Time as it is, but what waits for minutes waits for seconds. */
const hasty: Clock = {
  ...systemClock,
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic() * HASTE,
  after: (ms, run) => systemClock.after(ms / HASTE, run),
  sleep: (ms, signal) => sleepOn(hasty, ms, signal),
}

async function startServer({ credentials }: Options) {
  const folder = mkdtempSync(join(tmpdir(), 'gorae-bench-soak-'))
  const storage = await openLmdbStorage(join(folder, 'data'))
  const log = createLog((line) => process.stderr.write(`${JSON.stringify(line)}\n`), 'warn')
  // A request has its minute all the same.
  const options = { limits: { reads: 2_000, writes: 1_000, requestMs: 60_000 * HASTE } }
  const server = await createApiServer({ storage, clock: hasty, random: systemRandom, log, catalog, options })
  const listening = await server.listen(loopbackListener(credentials))
  const stop = new AbortController()
  const running = server.run(stop.signal)
  return {
    port: listening.port,
    async close() {
      await listening.close()
      stop.abort()
      await running.catch(() => {})
      server.close()
      await storage.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const small = (name: string, app: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels: { app } },
  data: { key: 'value' },
})

async function each(sides: number, work: () => Promise<boolean>): Promise<void> {
  const side = async () => {
    while (await work());
  }
  await Promise.all(Array.from({ length: sides }, side))
}

async function fill(client: Load): Promise<void> {
  let next = 0
  await each(CLIENTS, async () => {
    if (next >= OBJECTS) return false
    await client.call({ method: 'POST', path: MAPS, body: small(`held-${next++}`, 'held') })
    return true
  })
}

/** Objects come, change and go, until the time is over. Answers how many did. */
async function churn(client: Load, until: number): Promise<number> {
  let next = 0
  await each(CLIENTS, async () => {
    if (performance.now() >= until) return false
    const path = `${MAPS}/passing-${next}`
    const calls: Call[] = [
      { method: 'POST', path: MAPS, body: small(`passing-${next++}`, 'passing') },
      { method: 'PATCH', path, type: 'application/merge-patch+json', body: { data: { key: 'other' } } },
      { method: 'DELETE', path },
    ]
    for (const call of calls) await client.call(call)
    return true
  })
  return next
}

/** Watches of all that passes, a second each, one after the other. */
async function watching(client: Load, until: number): Promise<void> {
  await each(WATCHERS, async () => {
    if (performance.now() >= until) return false
    await client.call({ method: 'GET', path: `${MAPS}?watch=1&timeoutSeconds=${HASTE}&labelSelector=app%3Dpassing` })
    return true
  })
}

async function main(): Promise<void> {
  const credentials = makeCredentials()
  const target: Target = await forkTarget({ name: 'gorae', part: 'soak', flags: NODE_FLAGS }, { credentials })
  const client = load(target.origin, credentials, CLIENTS)
  const watchers = load(target.origin, credentials, WATCHERS)
  try {
    tell({ what: 'memory at the start', value: await target.memoryMiB(), unit: 'MiB' })
    await fill(client)
    tell({
      what: `memory with ${OBJECTS.toLocaleString('en-US')} small objects`,
      value: await target.memoryMiB(),
      unit: 'MiB',
    })
    const started = performance.now()
    const until = started + MINUTES * 60_000
    const samples: { readonly at: number; readonly memory: number }[] = []
    const sampling = each(1, async () => {
      await new Promise((resolve) => setTimeout(resolve, 2_000))
      samples.push({ at: performance.now(), memory: await target.memoryMiB() })
      return performance.now() < until
    })
    const [passed] = await Promise.all([churn(client, until), watching(watchers, until), sampling])
    const mean = (from: number, to: number) => {
      const span = until - started
      const some = samples.filter(({ at }) => at >= started + span * from && at < started + span * to)
      return some.reduce((sum, { memory }) => sum + memory, 0) / some.length
    }
    const third = mean(0.2, 0.4)
    const last = mean(0.8, 1)
    tell({ what: 'objects that came, changed and went', value: passed, unit: 'objects' })
    tell({ what: 'memory in the second fifth of that time', value: third, unit: 'MiB' })
    tell({ what: 'memory in its last fifth', value: last, unit: 'MiB', goal: third * 1.1, goalIs: 'atMost' })
  } finally {
    client.close()
    watchers.close()
    await target.stop()
  }
}

if (process.argv[2] !== 'serve') await main()
else await serveTarget(startServer)
