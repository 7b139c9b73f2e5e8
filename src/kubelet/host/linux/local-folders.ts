/**
 * PersistentVolumes on this machine's disk: folders, and files that serve as block devices
 * (https://kubernetes.io/docs/concepts/storage/volumes/#local).
 */

import { chmod, lstat, mkdir, open, readdir, rm, symlink } from 'node:fs/promises'
import path from 'node:path'

import { attachLoopDevice, detachLoopDevice } from '../../../linux/loop-devices.ts'
import { listMounts } from '../../../linux/mounts.ts'
import type { LocalFolders } from '../host.ts'
import { growDevice, mountDevice } from './device-folders.ts'

/** In a Pod's folder: a link to each device that it has. */
const DEVICES = path.join('volumeDevices', 'kubernetes.io~local-volume')

/** In a Pod's folder: where block devices of the node are mounted. Whoever removes the folder unmounts them. */
const MOUNTS = path.join('volumes', 'kubernetes.io~local-volume')

export interface LocalPlaces {
  /** Below it lie the volumes. */
  readonly local: string
  /** Below it lie the Pods' folders. */
  readonly pods: string
}

/** Names of volumes are DNS names; anything else would be another place. */
function placeOf(root: string, volume: string): string {
  if (!/^[a-z0-9][a-z0-9.-]*$/.test(volume)) throw new Error(`${JSON.stringify(volume)} is no name of a volume`)
  return path.join(root, volume)
}

const podFolderOf = (pods: string, uid: string) => path.join(pods, encodeURIComponent(uid).replaceAll('.', '%2E'))

export function localFolders({ local: root, pods }: LocalPlaces): LocalFolders {
  const mountPlace = (uid: string, volume: string) => placeOf(path.join(podFolderOf(pods, uid), MOUNTS), volume)
  return {
    root,
    async make(volume) {
      const folder = placeOf(root, volume)
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
    async makeDevice({ uid, volume, sizeBytes }) {
      const podFolder = podFolderOf(pods, uid)
      const file = placeOf(root, volume)
      await mkdir(root, { recursive: true, mode: 0o711 })
      await makeFile(file, sizeBytes)
      // Before the device: whoever finds the link takes the device away with it.
      const link = path.join(podFolder, DEVICES, volume)
      await mkdir(path.dirname(link), { recursive: true, mode: 0o750 })
      await symlink(file, link).catch(unlessThere)
      return attachLoopDevice(file)
    },
    mountDevice: ({ uid, volume, ...mount }) => mountDevice(mountPlace(uid, volume), mount),
    growDevice: ({ uid, volume, device }) => growDevice(mountPlace(uid, volume), device),
    async remove(volume) {
      const place = placeOf(root, volume)
      const mounted = (await listMounts()).find((mount) => mount.path === place || mount.path.startsWith(`${place}/`))
      if (mounted !== undefined) throw new Error(`something is still mounted at ${mounted.path}`)
      await detachLoopDevice(place)
      await rm(place, { recursive: true, force: true })
    },
  }
}

/** Takes away the devices that only the Pod of that folder has. Its links to them go with the folder. */
export async function releaseDevices({ local, pods }: LocalPlaces, podFolder: string): Promise<void> {
  const own = await devicesOf(podFolder)
  if (own.length === 0) return
  const others = (await readdir(pods)).map((name) => path.join(pods, name)).filter((folder) => folder !== podFolder)
  const inUse = new Set((await Promise.all(others.map(devicesOf))).flat())
  for (const volume of own.filter((name) => !inUse.has(name))) await detachLoopDevice(placeOf(local, volume))
}

const devicesOf = (podFolder: string) => readdir(path.join(podFolder, DEVICES)).catch((): string[] => [])

/** A file of that size without blocks: they come as they are written. A larger one stays as it is. */
async function makeFile(file: string, sizeBytes: number): Promise<void> {
  const there = await lstat(file).catch(() => undefined)
  if (there !== undefined && !there.isFile()) throw new Error(`${file} is not a file`)
  const handle = await open(file, 'a', 0o600)
  try {
    if ((there?.size ?? 0) < sizeBytes) await handle.truncate(sizeBytes)
  } finally {
    await handle.close()
  }
}

function unlessThere(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
}
