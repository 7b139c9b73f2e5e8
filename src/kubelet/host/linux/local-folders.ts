/** Folders of PersistentVolumes on this machine's disk (https://kubernetes.io/docs/concepts/storage/volumes/#local). */

import { chmod, lstat, mkdir, rm } from 'node:fs/promises'
import path from 'node:path'

import { listMounts } from '../../../linux/mounts.ts'
import type { LocalFolders } from '../host.ts'

export function localFolders(root: string): LocalFolders {
  /** Names of volumes are DNS names; anything else would be another place. */
  const folderOf = (volume: string): string => {
    if (!/^[a-z0-9][a-z0-9.-]*$/.test(volume)) throw new Error(`${JSON.stringify(volume)} is no name of a volume`)
    return path.join(root, volume)
  }
  return {
    root,
    async make(volume) {
      const folder = folderOf(volume)
      await mkdir(root, { recursive: true, mode: 0o711 })
      try {
        await mkdir(folder)
      } catch (error) {
        if ((await lstat(folder).catch(() => undefined))?.isDirectory() === true) return folder // its modes are the Pods'
        throw error
      }
      await chmod(folder, 0o777)
      return folder
    },
    async remove(volume) {
      const folder = folderOf(volume)
      const mounted = (await listMounts()).find((mount) => mount.path === folder || mount.path.startsWith(`${folder}/`))
      if (mounted !== undefined) throw new Error(`something is still mounted at ${mounted.path}`)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
