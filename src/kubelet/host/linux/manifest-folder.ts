/** Manifests of static Pods in a folder of this machine. */

import { constants, type FSWatcher, watch } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import path from 'node:path'

import type { ManifestSource } from '../../static-pods/source.ts'

/** No manifest of a sane size is larger; what is, is not read. */
const MAX_BYTES = 1024 * 1024

/** However well changes are told. */
const EVERY_MS = 20_000

/** Files right in the folder count, but for those whose names begin with a dot. No folder: no manifests. */
export function manifestFolder(folder: string): ManifestSource {
  return {
    kind: 'file',
    everyMs: EVERY_MS,
    async read() {
      const entries = await readdir(folder).catch((error: unknown) => {
        if (isMissing(error)) return []
        throw error
      })
      const texts = await Promise.all(
        entries
          .filter((name) => !name.startsWith('.'))
          .toSorted()
          .map(async (name) => [name, await readText(path.join(folder, name))] as const),
      )
      return new Map(texts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const])))
    },
    watch(changed) {
      let watcher: FSWatcher | undefined
      try {
        watcher = watch(folder, { persistent: false }, () => changed())
        watcher.on('error', () => watcher?.close())
      } catch {
        // The folder is read now and then all the same.
      }
      return () => watcher?.close()
    },
  }
}

/** `undefined`: no plain file, too large, or gone since it was listed. */
async function readText(file: string): Promise<string | undefined> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK) // a pipe would never open
    try {
      const stats = await handle.stat()
      return stats.isFile() && stats.size <= MAX_BYTES ? await handle.readFile('utf8') : undefined
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

const isMissing = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ENOENT'
