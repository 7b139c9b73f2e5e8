/** The machine's own logs, as they lie on its disk. */

import { createReadStream } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'

import type { SystemLog, SystemLogs } from '../host.ts'
import { linuxServiceLogs } from './journal.ts'

/** What lies below `folder`. A link that leads out of it is not followed. */
export const linuxSystemLogs = (folder: string): SystemLogs => ({
  async open(asked) {
    const [root, file] = await Promise.all([folder, path.join(folder, asked)].map(realPath))
    if (root === undefined || file === undefined) return undefined
    if (file !== root && !file.startsWith(`${root}${path.sep}`)) return undefined
    const found = await stat(file).catch(() => undefined)
    if (found?.isDirectory() === true) return { kind: 'folder', names: await namesIn(file) }
    // A pipe or a device would never end.
    if (found?.isFile() !== true) return undefined
    return fileOf(file, found)
  },
  services: linuxServiceLogs,
})

const realPath = (file: string) => realpath(file).catch(() => undefined)

function fileOf(file: string, { size, mtimeMs }: { readonly size: number; readonly mtimeMs: number }): SystemLog {
  // It may grow while it is read: as much as was told is sent.
  const bytes = () => (size === 0 ? [] : createReadStream(file, { end: size - 1 }))
  return { kind: 'file', size, modifiedAt: mtimeMs, bytes }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries.map((entry) => `${entry.name}${entry.isDirectory() ? '/' : ''}`).toSorted()
}
