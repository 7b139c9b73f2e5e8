/** The simulated runtime's log files. */

import type { LogFiles } from '../host.ts'
import type { MemoryFiles } from './memory-files.ts'

export function simulatedLogFiles(files: MemoryFiles): LogFiles {
  return {
    async *read(path, { from = 0, id } = {}) {
      const isIt = (each: string) => id === undefined || files.facts(each)?.id === id
      const at = [path, `${path}.gz`].find(isIt)
      if (at === undefined) return
      const bytes = files.read(at, from)
      if (bytes.length > 0) yield bytes
    },
    changed(path, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const cancel = files.once(path, () => {
          signal.removeEventListener('abort', onAbort)
          resolve()
        })
        const onAbort = () => {
          cancel()
          reject(signal.reason)
        }
        signal.addEventListener('abort', onAbort, { once: true })
      })
    },
    facts: async (path) => files.facts(path),
    async rotate(path, stamp) {
      files.move(path, `${path}.${stamp}`)
      return `${path}.${stamp}`
    },
    async restore(rotated, path) {
      if (files.facts(path) === undefined) files.move(rotated, path)
    },
    rotated: async (path) => [...files.paths()].filter((each) => each.startsWith(`${path}.`)).toSorted(),
    // In memory there is nothing to be gained by it: the name alone tells.
    async compress(rotated) {
      if (!rotated.endsWith('.gz')) files.move(rotated, `${rotated}.gz`)
    },
    delete: async (path) => files.remove(path),
  }
}
