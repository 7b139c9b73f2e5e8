/**
 * Block devices of the node whose files Pods use: formatted when nothing is on them, and mounted once for each Pod
 * (https://kubernetes.io/docs/concepts/storage/volumes/#local). The kernel has one file system for all mounts of a device.
 */

import { mkdir, rmdir } from 'node:fs/promises'

import { listMounts, mountAs } from '../../../linux/mounts.ts'
import { ProgramError, runProgram } from '../../../linux/program.ts'
import type { DeviceMount } from '../host.ts'

type Mount = Omit<DeviceMount, 'uid' | 'volume'>

/** Devices that are looked at and formatted right now: a second Pod waits, so that it never formats what is not blank. */
const busy = new Map<string, Promise<void>>()

/** Mounts a device at a folder, which is made; nothing to do when something is mounted there. Answers the folder. */
export async function mountDevice(folder: string, { device, fsType, options }: Mount): Promise<string> {
  if ((await listMounts()).some((mount) => mount.path === folder)) return folder
  const before = busy.get(device) ?? Promise.resolve()
  const formatted = before.catch(() => {}).then(() => formatIfBlank(device, fsType))
  busy.set(device, formatted)
  try {
    await formatted
  } finally {
    if (busy.get(device) === formatted) busy.delete(device)
  }
  await mkdir(folder, { recursive: true, mode: 0o750 })
  try {
    await mountAs({ type: fsType, source: device, options: ['defaults', ...options] }, folder)
  } catch (error) {
    await rmdir(folder).catch(() => {})
    throw error
  }
  return folder
}

async function formatIfBlank(device: string, fsType: string): Promise<void> {
  if (await isBlank(device)) await runProgram(`mkfs.${fsType}`, formatArguments(fsType, device))
}

/** Of ext3 and ext4 nothing is kept back for root, and no question is asked. */
export const formatArguments = (fsType: string, device: string): readonly string[] =>
  fsType === 'ext3' || fsType === 'ext4' ? ['-F', '-m0', device] : [device]

/** Neither a file system nor partitions are on it. Throws when that cannot be told. */
async function isBlank(device: string): Promise<boolean> {
  try {
    await runProgram('blkid', ['-p', '-o', 'export', device])
    return false
  } catch (error) {
    if (error instanceof ProgramError && error.exitCode === NOTHING_FOUND) return true
    throw error
  }
}

const NOTHING_FOUND = 2
