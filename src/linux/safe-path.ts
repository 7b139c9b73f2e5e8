/**
 * Opening paths that somebody else may be changing. Each step is opened by the descriptor of the one before and never
 * through a symbolic link, so that no link put there in between leads elsewhere (path_resolution(7), openat(2)).
 */

import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, realpath, stat } from 'node:fs/promises'
import path from 'node:path'

/** Names a place without reading it; not among Node's constants. */
const O_PATH = 0o10000000
const STEP = O_PATH | constants.O_NOFOLLOW
const S_IFMT = 0o170000
const S_IFLNK = 0o120000
/** Who may read, write and enter, who may remove, and whose group new files have. */
const MODES = 0o3777

/** The path by which the kernel finds an open descriptor of this process, whatever became of its name. */
export const descriptorPath = (handle: FileHandle): string => `/proc/${process.pid}/fd/${handle.fd}`

/**
 * Opens `relative` below `base`. Links inside `base` are followed as long as they stay inside. The caller closes the
 * handle. Throws when the path leaves `base`, or changes while it is being opened.
 */
export async function openInside(base: string, relative: string): Promise<FileHandle> {
  const root = await realpath(base)
  const target = await realpath(path.join(root, relative))
  const within = path.relative(root, target)
  if (within === '..' || within.startsWith('../') || path.isAbsolute(within)) {
    throw new Error(`the path ${JSON.stringify(relative)} leads out of its volume`)
  }
  return walk(root, within === '' ? [] : within.split('/'))
}

/**
 * Makes the folders of `relative` below `base` that are missing, without following a link out of it. They are as open
 * as `base` is.
 */
export async function makeFoldersInside(base: string, relative: string): Promise<void> {
  const root = await realpath(base)
  const mode = (await stat(root)).mode & MODES
  const steps = relative.split('/').filter((step) => step !== '' && step !== '.')
  for (let depth = 1; depth <= steps.length; depth++) {
    const sofar = steps.slice(0, depth).join('/')
    if (await exists(path.join(root, sofar))) continue
    const parent = await openInside(root, steps.slice(0, depth - 1).join('/'))
    try {
      await makeFolder(`${descriptorPath(parent)}/${steps[depth - 1] ?? ''}`, mode)
    } finally {
      await parent.close()
    }
  }
}

/** What is there by now is left as it is. The mode is set on what was made, and free of the process's umask. */
async function makeFolder(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return
    throw error
  }
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    await handle.chmod(mode)
  } finally {
    await handle.close()
  }
}

async function walk(root: string, steps: readonly string[]): Promise<FileHandle> {
  let handle = await open(root, STEP)
  try {
    for (const step of steps) {
      const next = await open(`${descriptorPath(handle)}/${step}`, STEP)
      await handle.close()
      handle = next
      if (((await handle.stat()).mode & S_IFMT) === S_IFLNK) {
        throw new Error(`the path component ${JSON.stringify(step)} became a symbolic link`)
      }
    }
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

const exists = (file: string) =>
  realpath(file).then(
    () => true,
    () => false,
  )
