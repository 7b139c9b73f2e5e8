import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { seededRandom } from '../../base/random.ts'
import { textOf } from '../contract/samples.ts'
import { Compacted, type Storage } from '../storage.ts'
import { openLmdbStorage } from './lmdb-storage.ts'

const KILLS = 100
const work = mkdtempSync(join(tmpdir(), 'gorae-crash-'))
const writer = join(work, 'writer.mjs')
const random = seededRandom(20_260_101)

beforeAll(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, 'crash-writer.ts')],
    outfile: writer,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    plugins: [
      {
        name: 'lmdb stays where it is installed',
        setup: (build) =>
          build.onResolve({ filter: /^lmdb$/ }, () => ({ path: import.meta.resolve('lmdb'), external: true })),
      },
    ],
  })
})

afterAll(() => rmSync(work, { recursive: true, force: true }))

interface Acknowledged {
  readonly key: string
  readonly value: string
  /** What the watch had for the key at that revision. */
  found?: string
}

/** What all the killed processes claimed, over all rounds. */
class Claims {
  readonly acks = new Map<number, Acknowledged>()
  told = 1
  compactions = 0

  read(output: string): void {
    // A line cut by the kill was not finished: it claims nothing.
    for (const line of output.slice(0, output.lastIndexOf('\n') + 1).split('\n')) {
      const [what, at, key = '', value = ''] = line.split(' ')
      const revision = Number(at)
      if (what === 'open' && revision < this.told) throw new Error(`opened at ${revision}, told ${this.told} before`)
      if (what === 'compacted') this.compactions += 1
      if (what === 'told') {
        if (revision !== this.told + 1) throw new Error(`told ${revision} after ${this.told}: reused or skipped`)
        this.told = revision
      }
      if (what === 'ack') {
        if (this.acks.has(revision)) throw new Error(`revision ${revision} was given out twice`)
        this.acks.set(revision, { key, value })
      }
    }
  }
}

test(`no acknowledged write is lost in ${KILLS} kills, no revision comes twice, and watches go on without a gap`, async () => {
  const folder = join(work, 'data')
  const claims = new Claims()
  for (let round = 0; round < KILLS; round++) {
    const since = claims.told
    claims.read(await runAndKill(folder, round, since))
    // What was durable but not told before the kill is told to nobody: a watch finds it.
    claims.told = await check(folder, claims, since)
  }
  expect(claims.acks.size).toBeGreaterThan(KILLS * 5)
  expect(claims.compactions).toBeGreaterThanOrEqual(KILLS / 10)
}, 240_000)

test.skipIf(process.platform === 'win32')(
  'a database that fails in a write ends the store, which has all that was acknowledged when it is opened again',
  async () => {
    const folder = join(work, 'limited')
    const claims = new Claims()
    // Files may grow to 3 MiB, more than the journal's ever do.
    const limited = ['-c', 'ulimit -f 6144; exec "$0" "$@"', process.execPath, writer, folder, '0', '1']
    const child = spawn('sh', limited, { stdio: ['ignore', 'pipe', 'pipe'] })
    const [output, errors] = await Promise.all([textFrom(child.stdout), textFrom(child.stderr)])
    // LMDB calls a write that was made in part an input/output error.
    expect(errors).toMatch(
      /could not be written \((File too large.*|input\/output error)\), and must be opened again; nothing that was acknowledged is lost/,
    )
    claims.read(output)
    expect(claims.acks.size).toBeGreaterThan(100)
    await check(folder, claims, 1)
  },
)

async function textFrom(stream: Readable): Promise<string> {
  let text = ''
  for await (const chunk of stream.setEncoding('utf8')) text += String(chunk)
  return text
}

/** What a writer must have said before it may be killed: every fifth compacts, and every tenth gets to the end of that. */
const awaited = (round: number): string => (round % 5 !== 4 ? 'open' : round % 10 === 9 ? 'compacted' : 'compacting')

/** Runs a writer and kills it a little after it has said what is awaited. The answer is all it said. */
async function runAndKill(folder: string, round: number, since: number): Promise<string> {
  const child: ChildProcess = spawn(process.execPath, [writer, folder, `${round}`, `${since}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  child.stdout?.setEncoding('utf8')
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (text: string) => {
      output += text
      if (output.includes(awaited(round))) resolve()
    })
    child.on('exit', (code) => reject(new Error(`the writer ended by itself with ${code}`)))
  })
  await systemClock.sleep(random.next() * 60)
  child.removeAllListeners('exit')
  child.kill('SIGKILL')
  await ended
  return output
}

/** Opens what the kill left and compares it with what was claimed. The answer is its revision. */
async function check(folder: string, claims: Claims, since: number): Promise<number> {
  const storage = await openLmdbStorage(folder)
  try {
    expect(storage.revision).toBeGreaterThanOrEqual(claims.told)
    const first = await oldestWatchable(storage, since)
    const state = await stateAt(storage, first)
    let next = first + 1
    if (storage.revision === first) return first // killed before anything was durable
    for await (const batch of storage.watch('/', first, new AbortController().signal)) {
      expect(batch.revision).toBe(next++)
      const claimed = claims.acks.get(batch.revision)
      for (const { type, key, entry } of batch.events) {
        if (type === 'put') state.set(key, textOf(entry) ?? '')
        else state.delete(key)
      }
      if (claimed !== undefined) claimed.found = (state.get(claimed.key) ?? '-').slice(0, 40)
      if (batch.revision === storage.revision) break
    }
    expect(await stateAt(storage, storage.revision)).toEqual(state)
    const lost = [...claims.acks].filter(([revision, { value, found }]) => revision > first && value !== found)
    expect(lost).toEqual([])
    return storage.revision
  } finally {
    await storage.close()
  }
}

async function stateAt(storage: Storage, revision: number): Promise<Map<string, string>> {
  const { entries } = await storage.range({ prefix: '/', revision })
  return new Map(entries.map((entry) => [entry.key, textOf(entry) ?? '']))
}

/** `revision`, or the compacted one where that is later. */
async function oldestWatchable(storage: Storage, revision: number): Promise<number> {
  try {
    await storage.range({ prefix: '/none', revision })
    return revision
  } catch (error) {
    if (error instanceof Compacted) return error.compactRevision
    throw error
  }
}
