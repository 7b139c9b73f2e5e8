/** The runtime's log files on this machine's disk. */

import { createReadStream, watch } from 'node:fs'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'

import type { LogFiles } from '../host.ts'

/** `0.log.20260102-030405`: a piece that was moved away. */
const ROTATED = /\.\d{8}-\d{6}(?:\.\d+)?$/

export const linuxLogFiles: LogFiles = {
  async *read(file, from = 0) {
    if (!(await isThere(file))) return
    for await (const chunk of createReadStream(file, { start: from })) yield chunk as Uint8Array
  },
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
  async facts(file) {
    const found = await stat(file).catch(() => undefined)
    return found === undefined ? undefined : { size: found.size, id: `${found.dev}:${found.ino}` }
  },
  rotate: (file, stamp) => rename(file, `${file}.${stamp}`),
  async rotated(file) {
    const entries = await readdir(path.dirname(file)).catch(() => [])
    return entries
      .filter((name) => name.startsWith(`${path.basename(file)}.`) && ROTATED.test(name))
      .toSorted()
      .map((name) => path.join(path.dirname(file), name))
  },
  delete: (file) => rm(file, { force: true }),
}

const isThere = (file: string) =>
  stat(file).then(
    () => true,
    () => false,
  )
