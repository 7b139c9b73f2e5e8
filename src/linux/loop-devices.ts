/** Block devices whose blocks are a file's (https://man7.org/linux/man-pages/man4/loop.4.html). */

import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'

import { runProgram } from './program.ts'

/** A device and the file behind it; a file that was removed has ` (deleted)` at the end of its name. */
export interface LoopDevice {
  readonly path: string
  readonly file: string
}

/** Every loop device of this machine that has a file. */
export function listLoopDevices(blocks = '/sys/block'): readonly LoopDevice[] {
  if (!existsSync(blocks)) return []
  return readdirSync(blocks)
    .filter((name) => name.startsWith('loop'))
    .flatMap((name) => {
      try {
        const file = readFileSync(`${blocks}/${name}/loop/backing_file`, 'utf8').replace(/\n$/, '')
        return [{ path: `/dev/${name}`, file }]
      } catch {
        return [] // none behind it
      }
    })
}

/** The device of `file`; made, unless there is one. */
export async function attachLoopDevice(file: string): Promise<string> {
  const real = realpathSync(file)
  const there = listLoopDevices().find((device) => device.file === real)
  if (there !== undefined) return there.path
  return (await runProgram('losetup', ['--find', '--show', '--', real])).trim()
}

/** Takes the file's device away, now or as soon as nobody has it open. None is a success. */
export async function detachLoopDevice(file: string): Promise<void> {
  await detach((other) => other === file)
}

/** Takes away the devices of all files at or below `dir`. */
export async function detachLoopDevicesUnder(dir: string): Promise<void> {
  if (!existsSync(dir)) return
  const real = realpathSync(dir)
  await detach((file) => file.startsWith(`${real}/`))
}

async function detach(isMeant: (file: string) => boolean): Promise<void> {
  for (const { path, file } of listLoopDevices()) {
    if (isMeant(file.replace(/ \(deleted\)$/, ''))) await runProgram('losetup', ['--detach', path])
  }
}
