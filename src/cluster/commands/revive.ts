/** `gorae revive`: starts again what died of a cluster that should run. Those who find it dead run it (care.ts). */

import { existsSync } from 'node:fs'

import type { Clock } from '../../base/clock.ts'
import type { Ui } from '../../cli/operations.ts'
import { withLockFile } from '../../linux/lock-file.ts'
import { clusterPaths } from '../paths.ts'
import { readCluster } from '../record.ts'
import { bringUp, isRunning } from './bring-up.ts'
import { recordDaemons } from './down.ts'

const QUIET: Ui = { step: (_, work) => work(() => {}), note: () => {} }

/** Starts what is missing of a cluster that is wanted, and gives up as soon as it is wanted no more. */
export async function revive(home: string, name: string, clock: Clock, signal: AbortSignal): Promise<void> {
  const paths = clusterPaths(home, name)
  await withLockFile(paths.lock, { clock, signal }, async () => {
    if (!existsSync(paths.wanted)) return
    const record = readCluster(paths)
    if (record === undefined) return
    recordDaemons(paths, record.nodes)
    if (isRunning(paths, record)) return
    const unwanted = new AbortController()
    const done = new AbortController()
    const watching = untilGone(paths.wanted, clock, done.signal).then(
      () => unwanted.abort(new Error(`the cluster "${name}" is to stop`)),
      () => {},
    )
    try {
      await bringUp(paths, record, { clock, ui: QUIET }, AbortSignal.any([signal, unwanted.signal]))
    } finally {
      done.abort()
      await watching
    }
  })
}

async function untilGone(path: string, clock: Clock, signal: AbortSignal): Promise<void> {
  while (existsSync(path)) await clock.sleep(100, signal)
}
