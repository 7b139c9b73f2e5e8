/** The runtime's log files on this machine's disk. */

import { watch } from 'node:fs'
import { link, open, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'

import type { LogFiles } from '../host.ts'

/** `0.log.20260102-030405`: a piece that was moved away. */
const ROTATED = /\.\d{8}-\d{6}(?:\.\d+)?$/

export const linuxLogFiles: LogFiles = {
  async *read(file, { from = 0, id } = {}) {
    const opened = await open(file).catch(unlessMissing)
    if (opened === undefined) return
    try {
      if (id !== undefined && idOf(await opened.stat()) !== id) return
      // The stream closes it, too, and so does leaving the loop.
      for await (const chunk of opened.createReadStream({ start: from })) yield chunk as Uint8Array
    } finally {
      await opened.close()
    }
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
    return found === undefined ? undefined : { size: found.size, id: idOf(found) }
  },
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
    return entries
      .filter((name) => name.startsWith(`${path.basename(file)}.`) && ROTATED.test(name))
      .toSorted()
      .map((name) => path.join(path.dirname(file), name))
  },
  delete: (file) => rm(file, { force: true }),
}

const idOf = ({ dev, ino }: { readonly dev: number; readonly ino: number }) => `${dev}:${ino}`

function unlessMissing(error: unknown): undefined {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
}
