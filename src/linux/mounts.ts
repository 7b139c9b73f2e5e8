/** Mounts of this machine: tmpfs, bind mounts, and what is mounted where (mount(8), proc_pid_mountinfo(5)). */

import { readFile } from 'node:fs/promises'

import { runProgram } from './program.ts'

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

/** A file system in memory. `sizeBytes` absent: half of the machine's memory, the kernel's own limit. */
export async function mountTmpfs(path: string, sizeBytes?: number, mode = '0777'): Promise<void> {
  const size = sizeBytes === undefined ? '' : `,size=${sizeBytes}`
  await runProgram('mount', ['-t', 'tmpfs', '-o', `mode=${mode}${size}`, 'tmpfs', path])
}

/** Shows `source` at `target` too. Neither path is resolved again: a link given as source is followed by the kernel. */
export async function bindMount(source: string, target: string): Promise<void> {
  await runProgram('mount', ['--no-canonicalize', '--bind', source, target])
}

/** Takes a mount down, now or as soon as nobody uses it. Nothing mounted there is a success. */
export async function unmount(path: string): Promise<void> {
  try {
    await runProgram('umount', ['--no-canonicalize', '--lazy', path])
  } catch (error) {
    const still = (await listMounts()).some((mount) => mount.path === path)
    if (still) throw error
  }
}
