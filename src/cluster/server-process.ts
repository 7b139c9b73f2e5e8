/** The server process: API server, scheduler and controllers over one storage, in the machine's own network. */

import { mkdirSync } from 'node:fs'

import { withGroup } from '../base/async/group.ts'
import { systemClock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { UserError } from '../base/user-error.ts'
import { StorageError } from '../storage/errors.ts'
import { openLmdbStorage } from '../storage/lmdb/lmdb-storage.ts'
import { daemonLog, report } from './daemon.ts'
import { serveEgress } from './egress.ts'
import { explain } from './explain.ts'
import type { ClusterPaths } from './paths.ts'
import type { ClusterRecord } from './record.ts'

export interface ServerProcess {
  readonly paths: ClusterPaths
  readonly record: ClusterRecord
}

/** Runs the server until `signal` aborts. */
export async function runServer(options: ServerProcess, signal: AbortSignal): Promise<void> {
  const log = daemonLog(() => systemClock.now())
  try {
    await serve(options, log, signal)
  } catch (error) {
    if (signal.aborted) return
    const shown = error instanceof StorageError ? new UserError(error.message) : explain(error, 'starting the server')
    log.error('the server cannot go on', { error })
    const message = shown instanceof Error ? shown.message : String(shown)
    report({
      error: message,
      ...(shown instanceof UserError && shown.advice !== undefined ? { advice: shown.advice } : {}),
    })
    throw shown
  }
}

async function serve({ paths, record }: ServerProcess, log: Log, signal: AbortSignal): Promise<void> {
  mkdirSync(paths.data, { recursive: true, mode: 0o700 })
  const storage = await openLmdbStorage(paths.data)
  try {
    await withGroup(async (group) => {
      if (record.runtime === 'containerd') await serveEgress(paths.egressSocket, { clock: systemClock, log })
      report({ ready: true })
      await new Promise((_, reject) =>
        group.signal.addEventListener('abort', () => reject(group.signal.reason), { once: true }),
      )
    }, signal)
  } finally {
    await storage.close()
  }
}
