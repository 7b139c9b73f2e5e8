/**
 * Block devices of the node whose files Pods use: formatted when nothing is on them, looked through for faults otherwise, and
 * mounted once for each Pod (https://kubernetes.io/docs/concepts/storage/volumes/#local). The kernel has one file system for
 * all mounts of a device.
 */

import { constants } from 'node:fs'
import { mkdir, open, realpath, rmdir } from 'node:fs/promises'

import { InTurn } from '../../../base/async/in-turn.ts'
import { listMounts, mountAs, type MountPoint } from '../../../linux/mounts.ts'
import { ProgramError, runProgram } from '../../../linux/program.ts'
import type { DeviceMount } from '../host.ts'

type Mount = Omit<DeviceMount, 'uid' | 'volume'>

/** A device is made ready and mounted for one Pod after the other: it is neither formatted twice nor repaired while it is used. */
const turns = new InTurn()

/** Mounts a device at a folder, which is made; nothing to do when something is mounted there. Answers the folder. */
export async function mountDevice(folder: string, mount: Mount): Promise<string> {
  const { device, fsType } = mount
  await mkdir(folder, { recursive: true, mode: 0o750 })
  // The kernel tells no other.
  const place = await realpath(folder)
  await turns.run(device, async () => {
    const mounts = await listMounts()
    if (mounts.some(({ path }) => path === place)) return
    try {
      const standing = mounts.find(({ source }) => source === device)
      const options = mountOptions(mount, standing)
      if (standing === undefined) await prepareDevice({ device, fsType, isReadOnly: options.includes('ro') })
      await mountAs({ type: fsType, source: device, options }, place)
    } catch (error) {
      await rmdir(place).catch(() => {})
      const what = `local: failed to mount device ${device} at ${folder} (fstype: ${fsType})`
      throw new Error(`${what}, error ${textOf(error)}`, { cause: error })
    }
  })
  return folder
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Whoever mounts a device first decides whether it is written to: the kernel refuses what contradicts that. */
export function mountOptions(
  { options, readOnly }: Pick<Mount, 'options' | 'readOnly'>,
  standing?: Pick<MountPoint, 'superOptions'>,
): readonly string[] {
  const asked = [...new Set([...options, ...(readOnly ? ['ro'] : [])])].filter((option) => option !== '').toSorted()
  if (standing === undefined) return [...asked, 'defaults']
  const isSettled = (option: string) => option === 'ro' || option === 'rw'
  return [...asked.filter((option) => !isSettled(option)), 'defaults', ...standing.superOptions.filter(isSettled)]
}

/** What is asked of a machine to make a device ready. */
export interface DeviceTools {
  readonly run: (program: string, args: readonly string[]) => Promise<string>
  /** Whether anything has the device for itself: it is mounted somewhere, be it out of sight. */
  readonly isHeld: (device: string) => Promise<boolean>
}

/** Formats a device that has nothing on it, and repairs what is on any other. Throws where it is not to be mounted. */
export async function prepareDevice(
  { device, fsType, isReadOnly }: { readonly device: string; readonly fsType: string; readonly isReadOnly: boolean },
  { run, isHeld }: DeviceTools = { run: runProgram, isHeld: isHeldBySomebody },
): Promise<void> {
  if ((await formatOf(device, run)) === '') {
    if (isReadOnly)
      throw new Error(`cannot mount unformatted disk ${device} as we are manipulating it in read-only mode`)
    await run(`mkfs.${fsType}`, formatArguments(fsType, device))
  } else if (!isReadOnly && !(await isHeld(device))) await repair(device, run)
}

/** Of ext3 and ext4 nothing is kept back for root; none of these asks a question. */
export function formatArguments(fsType: string, device: string): readonly string[] {
  if (fsType === 'ext3' || fsType === 'ext4') return ['-F', '-m0', device]
  return fsType === 'xfs' ? ['-f', device] : [device]
}

const PARTITIONS = 'unknown data, probably partitions'

/** Which file system is on it; empty: nothing is. Throws when that cannot be told. */
async function formatOf(device: string, run: DeviceTools['run']): Promise<string> {
  try {
    const found = await run('blkid', ['-p', '-s', 'TYPE', '-s', 'PTTYPE', '-o', 'export', device])
    return /^PTTYPE=./m.test(found) ? PARTITIONS : (/^TYPE=(.*)$/m.exec(found)?.[1] ?? '')
  } catch (error) {
    if (error instanceof ProgramError && error.exitCode === NOTHING_FOUND) return ''
    throw new Error(`failed to get disk format of disk ${device}: ${textOf(error)}`, { cause: error })
  }
}

const NOTHING_FOUND = 2

/** Throws where faults are left. A machine that cannot look mounts what is there. */
async function repair(device: string, run: DeviceTools['run']): Promise<void> {
  try {
    await run('fsck', ['-a', device])
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error
    if (error.exitCode !== FAULTS_LEFT) return
    const said = error.stdout + error.stderr
    throw new Error(`'fsck' found errors on device ${device} but could not correct them: ${said}`, { cause: error })
  }
}

/** See https://man7.org/linux/man-pages/man8/fsck.8.html. */
const FAULTS_LEFT = 4

async function isHeldBySomebody(device: string): Promise<boolean> {
  try {
    const handle = await open(device, constants.O_RDONLY | constants.O_EXCL)
    await handle.close()
    return false
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EBUSY') return true
    throw error
  }
}

/** Makes the file system of a device that is mounted at a folder as large as the device. */
export async function growDevice(folder: string, device: string, run: DeviceTools['run'] = runProgram): Promise<void> {
  await turns.run(device, async () => {
    const format = await formatOf(device, run)
    if (format === '') return
    const [program, args] = growing(format, device, folder) ?? []
    if (program === undefined || args === undefined) {
      const what = `resize of format ${format} is not supported for device ${device} mounted at ${folder}`
      throw new Error(`ResizeFS.Resize - ${what}`)
    }
    await run(program, args).catch((error: unknown) => {
      if (!(error instanceof ProgramError)) throw error
      const { exitCode, stdout, stderr } = error
      const why = `exit status ${exitCode}. ${program} output: ${stdout}${stderr}`
      throw new Error(`resize of device ${args.at(-1)} failed: ${why}`, { cause: error })
    })
  })
}

/** What makes a file system larger, some by their device and some by where they are mounted. */
function growing(format: string, device: string, folder: string): readonly [string, readonly string[]] | undefined {
  if (format === 'ext3' || format === 'ext4') return ['resize2fs', [device]]
  if (format === 'xfs') return ['xfs_growfs', ['-d', folder]]
  return format === 'btrfs' ? ['btrfs', ['filesystem', 'resize', 'max', folder]] : undefined
}
