/** Images' files mounted for Pods (https://kubernetes.io/docs/concepts/storage/volumes/#image). */

import { mkdir, readdir, rmdir } from 'node:fs/promises'
import path from 'node:path'

import { listMounts, mountAs, unmount } from '../../../linux/mounts.ts'
import { sharedFileLabel } from '../../../linux/selinux.ts'
import type { ImageMount } from '../../cri/runtime.ts'
import type { VolumeFiles } from '../host.ts'
import { type HostFolders, safeName } from './pod-files.ts'

/** One folder a volume. It is unmounted when the Pod's folders are removed. */
export function imageFolders(folders: HostFolders): Pick<Required<VolumeFiles>, 'imageFolder' | 'releaseImages'> {
  const above = (uid: string) => path.join(folders.pods, safeName(uid), 'volumes', 'kubernetes.io~image')
  return {
    async imageFolder({ uid, volume }, layers) {
      const folder = path.join(above(uid), safeName(volume))
      if ((await listMounts()).some((mount) => mount.path === folder)) return folder
      // Before the layers are asked for: whoever finds the folder gives them back.
      await mkdir(folder, { recursive: true, mode: 0o755 })
      await mountAs(imageMount(await layers(), folder, sharedFileLabel()), folder)
      return folder
    },
    async releaseImages(uid, close) {
      const names = await readdir(above(uid)).catch((): string[] => [])
      for (const name of names) {
        const folder = path.join(above(uid), name)
        await unmount(folder)
        await close(decodeURIComponent(name))
        await rmdir(folder)
      }
    },
  }
}

/**
 * The layers at `folder`, which is empty. Their files have the labels that the machine gave them, which no container may read:
 * an overlay shows all of them with one of its own. A single layer is none before there is something else to lay it over.
 */
export function imageMount(
  { type, source, options }: ImageMount,
  folder: string,
  label: string | undefined,
): ImageMount {
  const readOnly = [...new Set([...options, 'ro'])]
  if (label === undefined) return { type, source, options: readOnly }
  const isBound = options.some((option) => option === 'bind' || option === 'rbind')
  const layers = isBound ? ['ro', `lowerdir=${source}:${folder}`] : readOnly
  return { type: 'overlay', source: 'overlay', options: [...layers, `context=${label}`] }
}
