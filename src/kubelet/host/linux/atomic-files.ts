/**
 * Folders whose files change all at once: the files lie in a hidden folder, a link `..data` points to it, and every
 * name a reader uses goes through that link (https://kubernetes.io/docs/concepts/storage/volumes/#configmap).
 */

import {
  chmod,
  chown,
  lchown,
  lstat,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import path from 'node:path'

import { makeFolder } from '../../../linux/folders.ts'
import type { VolumeFile } from '../host.ts'
import { failedTo } from './file-errors.ts'

const DATA = '..data'
const DATA_NEXT = '..data_tmp'
const GROUP_READ = 0o440
const GROUP_FOLDER = 0o2550

/** Makes `folder` hold exactly `files`; a reader sees the old set or the new one. `stamp` goes into the hidden name. */
export async function writeAtomically(
  folder: string,
  files: ReadonlyMap<string, VolumeFile>,
  { fsGroup, stamp }: { readonly fsGroup: number | undefined; readonly stamp: string },
): Promise<void> {
  const old = await readlink(path.join(folder, DATA)).catch(() => undefined)
  if (old !== undefined && (await isSame(path.join(folder, old), files))) return

  const fresh = await mkdtemp(path.join(folder, `..${stamp}.`))
  try {
    await chmod(fresh, 0o755)
    for (const [name, file] of files) await writeOne(fresh, name, file, fsGroup)
    if (fsGroup !== undefined) await groupFolders(fresh, fsGroup)
  } catch (error) {
    await rm(fresh, { recursive: true, force: true }) // it is tried again, with another name
    throw error
  }

  await symlink(path.basename(fresh), path.join(folder, DATA_NEXT)).catch(async () => {
    await rm(path.join(folder, DATA_NEXT), { force: true })
    await symlink(path.basename(fresh), path.join(folder, DATA_NEXT))
  })
  await giveLink(path.join(folder, DATA_NEXT), 0, fsGroup)
  await rename(path.join(folder, DATA_NEXT), path.join(folder, DATA))

  await linkNames(folder, files, fsGroup)
  if (old !== undefined) await rm(path.join(folder, old), { recursive: true, force: true })
}

async function writeOne(root: string, name: string, file: VolumeFile, fsGroup: number | undefined): Promise<void> {
  const target = path.join(root, name)
  const parent = path.dirname(target)
  if (parent !== root) await makeFolder(parent, 0o755).catch(failedTo('mkdir', `${parent}/`))
  await writeFile(target, file.data).catch(failedTo('open', target))
  if (file.uid !== undefined || fsGroup !== undefined) await chown(target, file.uid ?? 0, fsGroup ?? 0)
  // After chown, which clears bits, and free of the process's umask.
  await chmod(target, fsGroup === undefined ? file.mode : file.mode | GROUP_READ)
}

async function groupFolders(root: string, group: number): Promise<void> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => path.join(entry.parentPath, entry.name))
  for (const folder of [root, ...folders]) {
    await chown(folder, 0, group)
    await chmod(folder, GROUP_FOLDER | 0o755)
  }
}

/** Every top-level name becomes a link through `..data`, of the same owner; names that are gone lose theirs. */
async function linkNames(folder: string, files: ReadonlyMap<string, VolumeFile>, fsGroup?: number): Promise<void> {
  const names = new Map([...files].map(([name, { uid = 0 }]) => [name.split('/')[0] ?? name, uid]))
  for (const entry of await readdir(folder)) {
    if (!entry.startsWith('..') && !names.has(entry))
      await rm(path.join(folder, entry), { recursive: true, force: true })
  }
  for (const [name, uid] of names) {
    const link = path.join(folder, name)
    const there = await lstat(link).catch(() => undefined)
    if (there === undefined) await symlink(path.join(DATA, name), link)
    await giveLink(link, uid, fsGroup)
  }
}

/** Only who may everything can give a link away; nobody else needs to. */
async function giveLink(link: string, uid: number, group = 0): Promise<void> {
  await lchown(link, uid, group).catch(() => {})
}

async function isSame(root: string, files: ReadonlyMap<string, VolumeFile>): Promise<boolean> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => undefined)
  const present = entries?.filter((entry) => entry.isFile()) ?? []
  if (entries === undefined || present.length !== files.size) return false
  for (const entry of present) {
    const file = path.join(entry.parentPath, entry.name)
    const wanted = files.get(path.relative(root, file))
    if (wanted === undefined || !(await readFile(file)).equals(wanted.data)) return false
  }
  return true
}
