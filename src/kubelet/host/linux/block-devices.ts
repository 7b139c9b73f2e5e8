/** The machine's block devices (https://docs.kernel.org/admin-guide/iostats.html). */

import { readFile, readlink } from 'node:fs/promises'
import path from 'node:path'

import type { DiskUse } from '../usage.ts'

/** `8:0` as `/dev/sda`; one that the kernel does not know any more stays a number. */
export async function deviceName(number: string): Promise<string> {
  const target = await readlink(`/sys/dev/block/${number}`).catch(() => undefined)
  return target === undefined ? number : `/dev/${path.basename(target)}`
}

/** What was done with the device of this number, as stat(2) tells it; `undefined`: it is none. */
export async function diskUse(device: string): Promise<DiskUse | undefined> {
  const number = numberOf(BigInt(device))
  const use = diskUseIn(await readFile('/proc/diskstats', 'utf8').catch(() => ''), number)
  return use && { device: await deviceName(number), ...use }
}

/** As the kernel packs the two numbers of a device into one. */
export function numberOf(device: bigint): string {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn)
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn)
  return `${major}:${minor}`
}

/** `   8       0 sda 12670317 884288 348145482 …` lines. */
export function diskUseIn(diskstats: string, number: string): Omit<DiskUse, 'device'> | undefined {
  const lines = diskstats.split('\n').map((line) => line.trim().split(/ +/))
  const found = lines.find(([major, minor]) => `${major}:${minor}` === number)
  if (found === undefined) return undefined
  const [
    reads = 0,
    readsMerged = 0,
    sectorsRead = 0,
    readMs = 0,
    writes = 0,
    writesMerged = 0,
    sectorsWritten = 0,
    writeMs = 0,
    inProgress = 0,
    busyMs = 0,
    weightedMs = 0,
  ] = found.slice(3).map(Number)
  return {
    reads,
    readsMerged,
    sectorsRead,
    readMs,
    writes,
    writesMerged,
    sectorsWritten,
    writeMs,
    inProgress,
    busyMs,
    weightedMs,
  }
}
