import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { seededRandom } from '../../src/base/random.ts'
import { type Client, createClient } from '../../src/client/client.ts'
import { httpTransport } from '../../src/client/http-transport.ts'
import type { KubeAccess } from '../../src/client/kubeconfig.ts'
import { CONFIG_MAPS } from '../../src/client/resources.ts'
import { ApiError } from '../../src/meta/errors.ts'

const KILLS = Number(process.env['GORAE_SERVER_KILLS'] ?? 100)
const WRITERS = 8
const work = mkdtempSync(join(tmpdir(), 'gorae-server-crash-'))
const program = join(work, 'server.mjs')
const random = seededRandom(20_261_122)

beforeAll(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, 'server-process.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    plugins: [
      {
        name: 'lmdb stays where it is installed',
        setup: (made) =>
          made.onResolve({ filter: /^lmdb$/ }, () => ({ path: import.meta.resolve('lmdb'), external: true })),
      },
    ],
  })
})

afterAll(() => rmSync(work, { recursive: true, force: true }))

interface Running {
  readonly client: Client
  close(): Promise<void>
  kill(): Promise<void>
}

async function startServer(): Promise<Running> {
  const accessFile = join(work, 'access.json')
  const child = spawn(process.execPath, [program, join(work, 'data'), accessFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve())
    child.once('exit', (code) => reject(new Error(`the server ended by itself with ${code}`)))
  })
  const { server, ca, certificate, key } = JSON.parse(readFileSync(accessFile, 'utf8')) as Required<KubeAccess>
  const transport = httpTransport({ server, ca, certificate, key })
  return {
    client: createClient(transport),
    close: () => transport.close(),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** What the servers have said, over all their lives. */
interface Claims {
  /** Names by the revision that was acknowledged for them. */
  readonly acknowledged: Map<number, string>
  /** Names by revision, as watches told them. */
  readonly watched: Map<number, string>
  /** Where the watch stands. */
  since: string
}

/** Writes until the server is gone. */
async function write(client: Client, claims: Claims, prefix: string): Promise<void> {
  try {
    for (let count = 0; ; count++) {
      const name = `${prefix}-${count}`
      const made = await client.create(CONFIG_MAPS, { metadata: { name, namespace: 'default' }, data: { name } })
      const revision = Number(made.metadata.resourceVersion)
      if (claims.acknowledged.has(revision)) throw new Error(`revision ${revision} was given out twice`)
      claims.acknowledged.set(revision, name)
    }
  } catch (error) {
    if (error instanceof ApiError) throw error
  }
}

/** Watches on from where the last watch ended, until the server is gone. */
async function watch(client: Client, claims: Claims, signal: AbortSignal): Promise<void> {
  try {
    for await (const { type, object } of client.watch(
      CONFIG_MAPS,
      { namespace: 'default', resourceVersion: claims.since },
      signal,
    )) {
      const { resourceVersion = '', name = '' } = object.metadata
      if (type === 'ADDED' && claims.watched.has(Number(resourceVersion)))
        throw new ApiError({ message: `${name} was told twice` })
      claims.watched.set(Number(resourceVersion), name)
      claims.since = resourceVersion
    }
  } catch (error) {
    if (error instanceof ApiError) throw error
  }
}

test(`in ${KILLS} kills of the API server no acknowledged write is lost, no revision comes twice, watches go on without a gap`, async () => {
  const first = await startServer()
  const list = await first.client.list(CONFIG_MAPS, { namespace: 'default' })
  const claims: Claims = { acknowledged: new Map(), watched: new Map(), since: list.metadata.resourceVersion ?? '' }
  for (let round = 0, server = first; ; round++, server = await startServer()) {
    if (round === KILLS) {
      await finish(server, claims)
      break
    }
    const stop = new AbortController()
    const watching = watch(server.client, claims, stop.signal)
    const writing = Array.from({ length: WRITERS }, (_, writer) => write(server.client, claims, `r${round}-w${writer}`))
    const before = claims.acknowledged.size
    while (claims.acknowledged.size === before) await systemClock.sleep(2)
    await systemClock.sleep(random.next() * 80)
    await server.kill()
    await Promise.all(writing)
    stop.abort()
    await watching
    await server.close()
  }
  expect(claims.acknowledged.size).toBeGreaterThanOrEqual(KILLS)
}, 600_000)

/** Reads everything once more and compares it with what was claimed. */
async function finish(server: Running, claims: Claims): Promise<void> {
  const { client } = server
  const { items, metadata } = await client.list(CONFIG_MAPS, { namespace: 'default' })
  const there = new Map(items.map((item) => [Number(item.metadata.resourceVersion), item.metadata.name]))
  expect([...claims.acknowledged].filter(([revision, name]) => there.get(revision) !== name)).toEqual([])
  const stop = new AbortController()
  const watching = watch(client, claims, stop.signal)
  const newest = Math.max(...there.keys())
  for (let tries = 0; tries < 100 && Number(claims.since) < newest; tries++) await systemClock.sleep(20)
  stop.abort()
  await watching
  const missed = [...there].filter(
    ([revision]) => revision > Math.min(...claims.watched.keys()) && !claims.watched.has(revision),
  )
  expect(missed).toEqual([])
  expect(Number(metadata.resourceVersion)).toBeGreaterThanOrEqual(newest)
  await server.kill()
  await server.close()
}
