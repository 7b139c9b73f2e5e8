/**
 * Where volumes of CSI drivers lie on this machine: the same paths below the kubelet's folder, and the same notes, as
 * with any kubelet (https://github.com/kubernetes/design-proposals-archive/blob/main/storage/container-storage-interface.md).
 */

import { lstat, open, readdir, readFile, rename, rm, rmdir, symlink, unlink } from 'node:fs/promises'
import path from 'node:path'

import { stagingFolder } from '../../../api/core/v1/persistentvolume/csi-names.ts'
import { makeFolder } from '../../../linux/folders.ts'
import { listMounts, unmountUnder } from '../../../linux/mounts.ts'
import type { CsiFiles, HeldVolume, PublishedVolume } from '../csi-files.ts'
import { safeName } from './pod-files.ts'

const NOTE = 'vol_data.json'
const PLUGIN = 'kubernetes.io~csi'
const MODE = 0o750

/** `root` is the kubelet's own folder, with `pods` and `plugins` in it. */
export function linuxCsiFiles(root: string): CsiFiles {
  const pods = path.join(root, 'pods')
  const drivers = path.join(root, 'plugins', 'kubernetes.io', 'csi')
  const devices = path.join(drivers, 'volumeDevices')
  const ofPod = (uid: string, kind: 'volumes' | 'volumeDevices') => path.join(pods, safeName(uid), kind, PLUGIN)
  const folderOf = ({ uid, name }: PublishedVolume) => path.join(ofPod(uid, 'volumes'), safeStep(name))
  const linkOf = ({ uid, name }: PublishedVolume) => path.join(ofPod(uid, 'volumeDevices'), safeStep(name))
  const publishFolder = ({ name }: HeldVolume) => path.join(devices, 'publish', safeStep(name))
  const deviceFolder = ({ name }: HeldVolume) => path.join(devices, safeStep(name))
  const stageFolder = ({ driver, volumeHandle }: HeldVolume) =>
    path.join(drivers, safeStep(driver), stagingFolder(volumeHandle))

  const files: CsiFiles = {
    async published(uid) {
      const uids = uid === undefined ? (await namesIn(pods)).map((name) => decodeURIComponent(name)) : [uid]
      return (await Promise.all(uids.map(publishedOf))).flat()
    },
    async staged() {
      const found: HeldVolume[] = []
      for (const driver of await namesIn(drivers)) {
        if (driver === 'volumeDevices') continue
        for (const volume of await namesIn(path.join(drivers, driver)))
          found.push(...held(await readNote(path.join(drivers, driver, volume)), false))
      }
      for (const name of await namesIn(path.join(devices, 'staging')))
        found.push(...held(await readNote(path.join(devices, name, 'data')), true))
      return found
    },
    targetPath: (volume) =>
      volume.isBlock ? path.join(publishFolder(volume), safeName(volume.uid)) : path.join(folderOf(volume), 'mount'),
    stagingPath: (volume) =>
      volume.isBlock
        ? path.join(devices, 'staging', safeStep(volume.name))
        : path.join(stageFolder(volume), 'globalmount'),
    mapPaths: (volume) => ({
      global: path.join(deviceFolder(volume), 'dev'),
      ofPod: path.dirname(linkOf(volume)),
    }),
    async notePublished(volume) {
      const { name, driver, volumeHandle, isBlock, isInline } = volume
      const note = { specVolID: name, volumeHandle, driverName: driver }
      if (!isBlock) {
        const volumeLifecycleMode = isInline ? 'Ephemeral' : 'Persistent'
        return writeNote(folderOf(volume), { ...note, volumeLifecycleMode })
      }
      await writeNote(path.join(deviceFolder(volume), 'data'), note)
      await makeFolder(publishFolder(volume), MODE)
      await makeFolder(path.dirname(linkOf(volume)), MODE)
      await symlink(files.targetPath(volume), linkOf(volume)).catch(unless('EEXIST'))
    },
    async noteStaged(volume) {
      const { name, driver, volumeHandle, isBlock } = volume
      const folder = isBlock ? path.join(deviceFolder(volume), 'data') : stageFolder(volume)
      await writeNote(folder, { specVolID: name, volumeHandle, driverName: driver })
      await makeFolder(files.stagingPath(volume), MODE)
    },
    async forgetPublished(volume) {
      await removeTarget(files.targetPath(volume))
      if (volume.isBlock) await unlink(linkOf(volume)).catch(unless('ENOENT'))
      else await removeNoted(folderOf(volume))
    },
    async forgetStaged(volume) {
      await removeTarget(files.stagingPath(volume))
      if (!volume.isBlock) return removeNoted(stageFolder(volume))
      await rmdir(publishFolder(volume)).catch(unless('ENOENT'))
      await rm(deviceFolder(volume), { recursive: true, force: true })
    },
    releaseSubPaths: (uid) => unmountUnder(path.join(pods, safeName(uid), 'volume-subpaths')),
  }

  const publishedOf = async (uid: string): Promise<readonly PublishedVolume[]> => {
    const found: PublishedVolume[] = []
    for (const name of await namesIn(ofPod(uid, 'volumes'))) {
      const note = await readNote(path.join(ofPod(uid, 'volumes'), name))
      const isInline = note?.['volumeLifecycleMode'] === 'Ephemeral'
      found.push(...held(note, false).map((volume) => ({ ...volume, uid, isInline })))
    }
    for (const name of await namesIn(ofPod(uid, 'volumeDevices'))) {
      const note = await readNote(path.join(devices, name, 'data'))
      found.push(...held(note, true).map((volume) => ({ ...volume, uid, isInline: false })))
    }
    return found
  }
  return files
}

/** Names of volumes and drivers are DNS names; anything else would be another place. */
function safeStep(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a volume`)
  return name
}

type Note = Readonly<Record<string, unknown>>

function held(note: Note | undefined, isBlock: boolean): readonly HeldVolume[] {
  const { specVolID: name = '', driverName: driver, volumeHandle } = note ?? {}
  if (typeof name !== 'string' || typeof driver !== 'string' || typeof volumeHandle !== 'string') return []
  return [{ name, driver, volumeHandle, isBlock }]
}

/** `undefined`: there is none. One that cannot be read is none: it was being written when the machine stopped. */
async function readNote(folder: string): Promise<Note | undefined> {
  try {
    const note: unknown = JSON.parse(await readFile(path.join(folder, NOTE), 'utf8'))
    return typeof note === 'object' && note !== null ? (note as Note) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    return unless('ENOENT', 'ENOTDIR')(error)
  }
}

async function writeNote(folder: string, note: Note): Promise<void> {
  await makeFolder(folder, MODE)
  const fresh = path.join(folder, `.${NOTE}`)
  const handle = await open(fresh, 'w', 0o600)
  try {
    await handle.writeFile(`${JSON.stringify(note)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(fresh, path.join(folder, NOTE))
}

/** The folder with its note, and nothing else: whatever else is in it is somebody's. */
async function removeNoted(folder: string): Promise<void> {
  await unlink(path.join(folder, NOTE)).catch(unless('ENOENT'))
  await rmdir(folder).catch(unless('ENOENT'))
}

/** An empty folder or a file that a driver should have taken away. What is mounted there is its data. */
async function removeTarget(target: string): Promise<void> {
  if ((await listMounts()).some((mount) => mount.path === target)) throw new Error(`${target} is still mounted`)
  const there = await lstat(target).catch(() => undefined)
  if (there === undefined) return
  await (there.isDirectory() ? rmdir(target) : unlink(target))
}

const namesIn = (folder: string): Promise<readonly string[]> =>
  readdir(folder).catch((error: unknown) => {
    unless('ENOENT', 'ENOTDIR')(error)
    return []
  })

/** For `catch`: that it failed in one of these ways is as good as success. */
const unless =
  (...codes: readonly string[]) =>
  (error: unknown): undefined => {
    if (error instanceof Error && 'code' in error && codes.includes(String(error.code))) return undefined
    throw error
  }
