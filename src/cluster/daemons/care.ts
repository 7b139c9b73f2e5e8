/**
 * Who restarts what died: the server's process looks after the nodes', and the nodes' after the server's. Nothing of
 * its own has to run for that, and so nothing more can die. Only a cluster that is wanted comes back: `stop` and `down`
 * take the mark away before they end the first process. docs/decisions/who-restarts-what.md
 */

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'

import { createBackoff } from '../../base/backoff.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { ownProgram } from './daemon.ts'
import { type Part, runningNode, runningServer } from '../parts.ts'
import type { ClusterPaths } from '../paths.ts'
import { type ClusterRecord, readCluster } from '../record.ts'

const LOOK_MS = 1_000
const RETRY = { baseMs: 1_000, maxMs: 60_000 }
/** After this long without a death, the next one is a first one. */
const CALM_MS = 60_000

/** The file descriptor through which a node's process still knows the machine's network namespace. */
const HOST_NETWORK_FD = 4

/** A part of a cluster, as it sees the others. */
export interface Carer {
  readonly paths: ClusterPaths
  readonly record: ClusterRecord
  readonly part: Part
  readonly clock: Clock
  readonly log: Log
  /** Brings the cluster back; false when that failed. */
  readonly revive: (signal: AbortSignal) => Promise<boolean>
}

/** Brings back what dies, until `signal` aborts. */
export async function careForOthers(carer: Carer, signal: AbortSignal): Promise<void> {
  const { paths, clock, log, revive } = carer
  const backoff = createBackoff(RETRY)
  let lastDeath = -Infinity
  for (;;) {
    await clock.sleep(LOOK_MS, signal)
    const dead = deadOnes({ ...carer, record: recordNow(carer) })
    if (dead.length === 0 || !existsSync(paths.wanted)) continue
    if (clock.monotonic() - lastDeath > CALM_MS) backoff.reset()
    lastDeath = clock.monotonic()
    log.warn('a process of the cluster died; starting it again', { died: dead.join(',') })
    await revive(signal)
    await clock.sleep(backoff.next(), signal)
  }
}

/** Nodes are added while the others run. */
function recordNow({ paths, record }: Carer): ClusterRecord {
  try {
    return readCluster(paths) ?? record
  } catch {
    return record // damaged: whoever starts something says so
  }
}

/** Which of those that this part looks after have died. Of the nodes, the first that lives looks after the server. */
function deadOnes({ paths, record, part }: Carer): string[] {
  const isDead = (node: string) => runningNode(paths, node) === undefined
  if (part.kind === 'server') return record.nodes.filter(isDead)
  const isFirst = record.nodes.slice(0, record.nodes.indexOf(part.name)).every(isDead)
  return isFirst && runningServer(paths) === undefined ? ['server'] : []
}

/** Runs `gorae revive` in the network namespace of the machine, of which a node's process has kept hold. */
export function reviver({ paths, record }: Pick<Carer, 'paths' | 'record'>, part: Carer['part']): Carer['revive'] {
  const args = [ownProgram(), 'revive', '--name', paths.name]
  const isInside = part.kind === 'node' && record.runtime === 'containerd'
  const [program, all] = isInside
    ? ['nsenter', [`--net=/proc/self/fd/${HOST_NETWORK_FD}`, process.execPath, ...args]]
    : [process.execPath, args]
  return (signal) =>
    new Promise((resolve) => {
      const child = spawn(program, all, {
        detached: true, // what it starts outlives us, and so may it
        cwd: '/',
        stdio: ['ignore', 'inherit', 'inherit', 'ignore', ...(isInside ? [HOST_NETWORK_FD] : [])],
      })
      child.unref()
      const settle = (isDone: boolean) => {
        signal.removeEventListener('abort', onAbort)
        resolve(isDone)
      }
      const onAbort = () => settle(false)
      signal.addEventListener('abort', onAbort, { once: true })
      child.once('error', () => settle(false))
      child.once('exit', (code) => settle(code === 0))
    })
}
