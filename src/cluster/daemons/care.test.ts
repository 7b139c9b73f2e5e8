import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { ManualClock } from '../../base/manual-clock.ts'
import { silentLog } from '../../base/log.ts'
import { identify } from '../../linux/processes.ts'
import { type Carer, careForOthers } from './care.ts'
import { clusterMark } from '../parts.ts'
import { type ClusterPaths, clusterPaths } from '../paths.ts'
import { TWO_NODES } from '../fixtures.ts'
import { writeJson } from '../record.ts'

let home: string
let paths: ClusterPaths
/** A process that could be any part of the cluster. */
let stand: ChildProcess
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gorae-care-'))
  paths = clusterPaths(home, 'default')
  const words = ['server', 'node', 'node-1', 'node-2', clusterMark(paths)]
  stand = spawn('sh', ['-c', 'read x', 'sh', ...words], { stdio: ['pipe', 'ignore', 'ignore'] })
  for (const part of ['server', 'node-1', 'node-2']) alive(part)
  writeFileSync(paths.wanted, '')
})
afterEach(async () => {
  const ended = new Promise((resolve) => stand.once('close', resolve))
  stand.stdin?.end()
  await ended
  rmSync(home, { recursive: true, force: true })
})

const fileOf = (part: string) => (part === 'server' ? paths.serverRecord : paths.node(part).record)
const alive = (part: string) => writeJson(fileOf(part), identify(stand.pid ?? 0))
/** The number is somebody else's by now. */
const dead = (part: string) => writeJson(fileOf(part), { ...identify(stand.pid ?? 0), startTicks: '1' })

/** At which milliseconds the part revived the cluster, within the time given. */
async function revivals(part: Carer['part'], ms: number, onRevival = () => {}): Promise<number[]> {
  const clock = new ManualClock()
  const began = clock.monotonic()
  const times: number[] = []
  const stop = new AbortController()
  const revive = async () => {
    times.push(clock.monotonic() - began)
    onRevival()
    return false
  }
  const caring = careForOthers({ paths, record: TWO_NODES, part, clock, log: silentLog, revive }, stop.signal).catch(
    () => {},
  )
  await clock.advance(ms)
  stop.abort()
  await caring
  return times
}

const SERVER = { kind: 'server' } as const
const node = (name: string) => ({ kind: 'node', name }) as const

describe('the processes of a cluster look after each other', () => {
  test('a node that was added later is looked after as well', async () => {
    writeJson(paths.record, { ...TWO_NODES, nodes: [...TWO_NODES.nodes, 'node-3'] })
    dead('node-3')
    expect(await revivals(SERVER, 1_500)).toEqual([1_000])
  })

  test('nothing happens while all live', async () => expect(await revivals(SERVER, 10_000)).toEqual([]))
  test('the server brings a dead node back within a second', async () => {
    dead('node-2')
    expect(await revivals(SERVER, 10_000, () => alive('node-2'))).toEqual([1_000])
  })
  test('a node brings a dead server back within a second', async () => {
    dead('server')
    expect(await revivals(node('node-1'), 10_000, () => alive('server'))).toEqual([1_000])
  })
  test('of several nodes, the first that lives does', async () => {
    dead('server')
    expect(await revivals(node('node-2'), 10_000)).toEqual([])
    dead('node-1')
    expect(await revivals(node('node-2'), 1_500)).toEqual([1_000])
  })
  test('what dies again and again is tried less and less often', async () => {
    dead('node-1')
    expect(await revivals(SERVER, 20_000)).toEqual([1_000, 3_000, 6_000, 11_000, 20_000])
  })
  test('a cluster that is to stop is left alone', async () => {
    rmSync(paths.wanted)
    dead('node-1')
    expect(await revivals(SERVER, 10_000)).toEqual([])
  })
})
