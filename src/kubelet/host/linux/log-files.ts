/** The runtime's log files on this machine's disk. */

import { watch } from 'node:fs'
import { link, readdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'

import type { LogFiles } from '../host.ts'
import { compressPiece, deletePiece, factsOf, filesOf, isCompressed, pieceBytes } from './log-pieces.ts'

/** `0.log.20260102-030405`: a piece that was moved away. */
const ROTATED = /\.\d{8}-\d{6}(?:\.\d+)?(?:\.gz)?$/

export const linuxLogFiles: LogFiles = {
  read: (file, { from = 0, id } = {}) => pieceBytes(file, { from, ...(id !== undefined && { id }) }),
  changed(file, signal) {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      // The folder is watched, for the file may be moved away or not be there yet.
      const watcher = watch(path.dirname(file), { persistent: false }, (_, name) => {
        if (name === path.basename(file)) finish(resolve)
      })
      const onAbort = () => finish(() => reject(signal.reason))
      const finish = (settle: () => void) => {
        signal.removeEventListener('abort', onAbort)
        watcher.close()
        settle()
      }
      watcher.on('error', (error) => finish(() => reject(error)))
      signal.addEventListener('abort', onAbort, { once: true })
    })
  },
  facts: factsOf,
  async rotate(file, stamp) {
    await rename(file, `${file}.${stamp}`)
    return `${file}.${stamp}`
  },
  async restore(rotated, file) {
    await link(rotated, file)
    await rm(rotated)
  },
  async rotated(file) {
    const entries = await readdir(path.dirname(file)).catch(() => [])
    const names = entries.filter((name) => name.startsWith(`${path.basename(file)}.`) && ROTATED.test(name)).toSorted()
    // A piece that is there in both forms was compressed a moment ago, or just before a crash.
    const twice = new Set(names.filter(isCompressed).flatMap((name) => filesOf(name).slice(0, 1)))
    return names.filter((name) => !twice.has(name)).map((name) => path.join(path.dirname(file), name))
  },
  async compress(rotated, signal) {
    if (!isCompressed(rotated)) await compressPiece(rotated, signal)
  },
  delete: deletePiece,
}
