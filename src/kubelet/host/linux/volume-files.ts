/** Volumes on this machine (https://kubernetes.io/docs/concepts/storage/volumes/). */

import type { Stats } from 'node:fs'
import { chmod, chown, lchown, lstat, mkdir, open, opendir, readdir, rmdir, stat, unlink } from 'node:fs/promises'
import path from 'node:path'

import { makeFolder } from '../../../linux/folders.ts'
import { type Clock, toTime } from '../../../base/clock.ts'
import { bindMount, listMounts, mountHugePages, mountTmpfs, unmount } from '../../../linux/mounts.ts'
import { descriptorPath, makeFoldersInside, openInside } from '../../../linux/safe-path.ts'
import type { DiskUse } from '../../usage/pod-use.ts'
import type { EmptyDirOptions, SubPathRequest, VolumeFiles } from '../host.ts'
import type { WellKnownPaths } from '../well-known-paths.ts'
import { failedTo } from './file-errors.ts'
import { writeAtomically } from './atomic-files.ts'
import { imageFolders } from './image-folders.ts'
import { localFolders } from './local-folders.ts'
import { type HostFolders, safeName } from './pod-files.ts'

/** Volumes of these kinds hold what must not reach a disk. */
const IN_MEMORY = new Set(['secret', 'projected', 'downward-api'])

export function linuxVolumeFiles(folders: HostFolders, paths: WellKnownPaths, clock: Clock): VolumeFiles {
  const folderOf = (uid: string, plugin: string, volume: string) =>
    path.join(
      IN_MEMORY.has(plugin) ? folders.memory : folders.pods,
      safeName(uid),
      'volumes',
      `kubernetes.io~${plugin}`,
      safeName(volume),
    )

  return {
    async emptyDir(uid, volume, options) {
      const folder = folderOf(uid, 'empty-dir', volume)
      await makeFolder(folder, 0o755)
      await prepareEmptyDir(folder, options)
      return folder
    },
    emptyDirUse: (uid, volume) => diskUse(folderOf(uid, 'empty-dir', volume)),
    use: diskUse,
    async writeFiles({ uid, plugin, volume }, files, fsGroup) {
      const folder = folderOf(uid, plugin, volume)
      await makeFolder(folder, 0o755)
      const stamp = toTime(clock.now()).replaceAll(/[-:TZ]/g, '_')
      await writeAtomically(folder, files, { fsGroup, stamp })
      await openToAll(folder, fsGroup, { isSticky: IN_MEMORY.has(plugin) })
      return folder
    },
    hostPath: (target, type) => checkHostPath(paths.onNode(target), type, target),
    setGroup,
    subPath: (request) => mountSubPath(folders, request),
    readFile: readInside,
    local: localFolders(folders),
    ...imageFolders(folders),
  }
}

/** What the files below a folder take of the disk: blocks, each file once. Links are not followed. */
async function diskUse(folder: string): Promise<DiskUse> {
  const seen = new Set<number>()
  let blocks = 0
  for await (const { parentPath, name } of await opendir(folder, { recursive: true })) {
    const stats = await lstat(path.join(parentPath, name)).catch(() => undefined)
    if (stats === undefined || (stats.nlink > 1 && !stats.isDirectory() && seen.has(stats.ino))) continue
    seen.add(stats.ino)
    blocks += stats.blocks
  }
  return { bytes: blocks * 512, inodes: seen.size + 1 }
}

async function prepareEmptyDir(folder: string, options: EmptyDirOptions): Promise<void> {
  const { fsGroup } = options
  if (options.medium !== 'disk' && !(await listMounts()).some((mount) => mount.path === folder)) {
    if (options.medium === 'memory') await mountTmpfs(folder, options.sizeBytes)
    else await mountHugePages(folder, options.pageSize)
  }
  await openToAll(folder, fsGroup, { isSticky: options.medium === 'memory' })
}

/** In memory it is as in any /tmp: everybody may make files, and removes only their own. */
async function openToAll(folder: string, fsGroup: number | undefined, { isSticky }: { readonly isSticky: boolean }) {
  if (fsGroup !== undefined) await chown(folder, 0, fsGroup)
  await chmod(folder, (fsGroup === undefined ? 0o777 : 0o2777) | (isSticky ? 0o1000 : 0))
}

const CHECKS: Readonly<Record<string, readonly [is: (stats: Stats) => boolean, what: string]>> = {
  Directory: [(stats) => stats.isDirectory(), 'directory'],
  DirectoryOrCreate: [(stats) => stats.isDirectory(), 'directory'],
  File: [(stats) => stats.isFile(), 'file'],
  FileOrCreate: [(stats) => stats.isFile(), 'file'],
  Socket: [(stats) => stats.isSocket(), 'socket file'],
  CharDevice: [(stats) => stats.isCharacterDevice(), 'character device'],
  BlockDevice: [(stats) => stats.isBlockDevice(), 'block device'],
}

/**
 * https://kubernetes.io/docs/concepts/storage/volumes/#hostpath-volume-types: `asked` is what the user calls `target`.
 */
async function checkHostPath(target: string, type: string, asked = target): Promise<string> {
  const check = CHECKS[type]
  if (check === undefined) return target
  const there = await stat(target).catch(() => undefined)
  if (there === undefined && type === 'DirectoryOrCreate') {
    await makeFolder(target, 0o755)
    return target
  }
  if (there === undefined && type === 'FileOrCreate') {
    const made = await open(target, 'a', 0o644).catch(failedTo('open', target))
    await made.close()
    return target
  }
  const [is, what] = check
  if (there === undefined || !is(there)) throw new Error(`hostPath type check failed: ${asked} is not a ${what}`)
  return target
}

/** A Pod can put anything there: only a file is read, and never more than was asked for. */
async function readInside(volumePath: string, file: string, limit: number): Promise<Uint8Array | undefined> {
  let place
  try {
    place = await openInside(volumePath, file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  try {
    const stats = await place.stat()
    if (!stats.isFile()) throw new Error(`${JSON.stringify(file)} is not a file`)
    const handle = await open(descriptorPath(place), 'r')
    try {
      const buffer = Buffer.alloc(limit + 1)
      const { bytesRead } = await handle.read(buffer, 0, limit + 1, 0)
      if (bytesRead > limit) throw new Error(`${JSON.stringify(file)} has more than ${limit} bytes`)
      return buffer.subarray(0, bytesRead)
    } finally {
      await handle.close()
    }
  } finally {
    await place.close()
  }
}

/** https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#configure-volume-permission-and-ownership-change-policy-for-pods */
async function setGroup(root: string, group: number, policy: 'Always' | 'OnRootMismatch'): Promise<void> {
  const { gid, mode } = await stat(root)
  if (policy === 'OnRootMismatch' && gid === group && (mode & 0o2770) === 0o2770) return
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    const file = path.join(entry.parentPath, entry.name)
    if (entry.isSymbolicLink()) await lchown(file, (await lstat(file)).uid, group)
    else await give(file, group, entry.isDirectory())
  }
  await give(root, group, true)
}

async function give(file: string, group: number, isFolder: boolean): Promise<void> {
  const { uid, mode } = await stat(file)
  await chown(file, uid, group)
  await chmod(file, (mode & 0o7777) | (isFolder ? 0o2770 : 0o660))
}

/** Removes a place to mount on, and nothing that is mounted there. */
async function removeEmpty(place: string): Promise<void> {
  const there = await lstat(place).catch(() => undefined)
  if (there?.isDirectory() === true) await rmdir(place)
  else if (there !== undefined) await unlink(place)
}

/**
 * Binds what `subPath` names to a place of the kubelet's own, by descriptor: the container mounts that place, so that
 * whatever is put into the volume later, the container gets what was checked here.
 */
async function mountSubPath(folders: HostFolders, request: SubPathRequest): Promise<string> {
  const { uid, container, index, volumePath, subPath } = request
  if (subPath.split('/').includes('..') || path.isAbsolute(subPath)) {
    throw new Error(`subPath ${JSON.stringify(subPath)} must be a relative path without ".."`)
  }
  if (!request.readOnly) await makeFoldersInside(volumePath, subPath)
  const place = path.join(folders.pods, safeName(uid), 'volume-subpaths', safeName(container), `${index}`)
  const source = await openInside(volumePath, subPath)
  try {
    const isFolder = (await source.stat()).isDirectory()
    await unmount(place)
    await removeEmpty(place)
    await makeFolder(path.dirname(place), 0o750)
    if (isFolder) await mkdir(place)
    else await (await open(place, 'w')).close()
    await bindMount(descriptorPath(source), place)
  } finally {
    await source.close()
  }
  return place
}
