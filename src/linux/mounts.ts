/** Mounts of this machine: tmpfs, bind mounts, and what is mounted where (mount(8), proc_pid_mountinfo(5)). */

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** One line of mountinfo. */
export interface MountPoint {
  readonly root: string
  readonly path: string
  readonly options: readonly string[]
  readonly type: string
  readonly source: string
  readonly superOptions: readonly string[]
}

/** mountinfo writes blanks and backslashes as octal. */
const unescape = (text: string) =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

/** The text of /proc/PID/mountinfo as mounts, in the order they were made. */
export function parseMountInfo(text: string): readonly MountPoint[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [before = '', after = ''] = line.split(' - ')
      const [, , , root = '', path = '', options = ''] = before.split(' ')
      const [type = '', source = '', superOptions = ''] = after.split(' ')
      return {
        root: unescape(root),
        path: unescape(path),
        options: options.split(','),
        type,
        source: unescape(source),
        superOptions: superOptions.split(','),
      }
    })
}

/** Every mount that this process sees. */
export async function listMounts(): Promise<readonly MountPoint[]> {
  return parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8'))
}

const isWithin = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`)

/** Mounts at or below `folder`, the deepest and latest first: the order in which to take them down. */
export async function mountsUnder(folder: string): Promise<readonly string[]> {
  const mounts = await listMounts()
  return mounts
    .map(({ path }) => path)
    .filter((path) => isWithin(path, folder))
    .toReversed()
}

/** A file system in memory. `sizeBytes` absent: half of the machine's memory, the kernel's own limit. */
export async function mountTmpfs(path: string, sizeBytes?: number, mode = '0777'): Promise<void> {
  const size = sizeBytes === undefined ? '' : `,size=${sizeBytes}`
  await run('mount', ['-t', 'tmpfs', '-o', `mode=${mode}${size}`, 'tmpfs', path])
}

/** Shows `source` at `target` too. Neither path is resolved again: a link given as source is followed by the kernel. */
export async function bindMount(source: string, target: string): Promise<void> {
  await run('mount', ['--no-canonicalize', '--bind', source, target])
}

/** Takes a mount down, now or as soon as nobody uses it. Nothing mounted there is a success. */
export async function unmount(path: string): Promise<void> {
  try {
    await run('umount', ['--no-canonicalize', '--lazy', path])
  } catch (error) {
    const still = (await listMounts()).some((mount) => mount.path === path)
    if (still) throw error
  }
}

/** Takes down whatever is mounted at or below `folder`. */
export async function unmountUnder(folder: string): Promise<void> {
  for (const path of await mountsUnder(folder)) await unmount(path)
}
