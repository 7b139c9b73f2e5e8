/** Facts about this machine (https://kubernetes.io/docs/reference/node/node-status/). */

import { readFileSync } from 'node:fs'
import { readdir, readFile, statfs } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

import { hasAppArmor } from '../../../linux/app-armor.ts'
import { hasSeLinux } from '../../../linux/selinux.ts'
import { canonicalQuantity } from '../../../meta/quantity.ts'
import type { DnsConfig } from '../../cri/runtime.ts'
import type { MachineFacts } from '../host.ts'

const readText = (file: string) => readFile(file, 'utf8').catch(() => '')

/** What Go, and with it Kubernetes, calls the processors. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', arm: 'arm', arm64: 'arm64' }

/** `storage` is a folder on the file system that holds the kubelet's data. */
export async function machineFacts(storage: string): Promise<MachineFacts> {
  const [machineId, systemUuid, bootId, release, memory, stat, disk, pages, cpuInfo] = await Promise.all([
    readText('/etc/machine-id'),
    readText('/sys/class/dmi/id/product_uuid'),
    readText('/proc/sys/kernel/random/boot_id'),
    readText('/etc/os-release'),
    readText('/proc/meminfo'),
    readText('/proc/stat'),
    statfs(storage),
    hugepages('/sys/kernel/mm/hugepages'),
    readText('/proc/cpuinfo'),
  ])
  const processors = parseProcessors(cpuInfo) ?? (await listedProcessors('/sys/bus/cpu/devices'))
  const id = machineId.trim()
  return {
    cpus: os.availableParallelism(),
    ...(processors !== undefined && { processors }),
    memoryBytes: os.totalmem(),
    pageBytes: pageBytes(readFileSync('/proc/self/auxv')),
    swapBytes: 1024 * Number(/^SwapTotal:\s+(\d+)/m.exec(memory)?.[1] ?? 0),
    ephemeralStorageBytes: disk.blocks * disk.bsize,
    hugepages: pages,
    machineId: id,
    systemUuid: systemUuid.trim() === '' ? id : systemUuid.trim(),
    bootId: bootId.trim(),
    bootedAt: 1000 * Number(/^btime (\d+)/m.exec(stat)?.[1] ?? 0),
    kernelVersion: os.release(),
    osImage: /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(release)?.[1] ?? 'Linux',
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    appArmor: hasAppArmor(),
    seLinux: hasSeLinux(),
  }
}

/** The bytes of each size that the kernel keeps, by a folder with one folder for each: processors of ARM have many sizes. */
export async function hugepages(folder: string): Promise<Readonly<Record<string, number>>> {
  const sizes = await readdir(folder).catch(() => [])
  const entries = await Promise.all(
    sizes.map(async (name) => {
      const kibibytes = Number(/^hugepages-(\d+)kB$/.exec(name)?.[1] ?? 0)
      const count = Number((await readText(path.join(folder, name, 'nr_hugepages'))).trim())
      return [canonicalQuantity(`${kibibytes}Ki`) ?? '', count * kibibytes * 1024] as const
    }),
  )
  return Object.fromEntries(entries)
}

/** `AT_PAGESZ` of what the kernel tells a program when it starts (https://man7.org/linux/man-pages/man3/getauxval.3.html). */
export function pageBytes(vector: Buffer): number {
  for (let at = 0; at + 16 <= vector.length; at += 16)
    if (vector.readBigUInt64LE(at) === 6n) return Number(vector.readBigUInt64LE(at + 8))
  return 4096
}

/** Sockets, and cores in all of them, by the text of /proc/cpuinfo; `undefined` where it does not tell. */
export function parseProcessors(text: string): MachineFacts['processors'] {
  const sockets = new Set<string>()
  const cores = new Set<string>()
  for (const one of text.split('\n\n')) {
    const socket = /^physical id\s*: (\d+)$/m.exec(one)?.[1]
    const core = /^core id\s*: (\d+)$/m.exec(one)?.[1]
    if (socket === undefined || core === undefined) continue
    sockets.add(socket)
    cores.add(`${socket} ${core}`)
  }
  return sockets.size === 0 ? undefined : { sockets: sockets.size, cores: cores.size }
}

/** The same by a folder with one for each processor, for kernels that tell it nowhere else, such as ARM's. */
export async function listedProcessors(folder: string): Promise<MachineFacts['processors']> {
  const names = await readdir(folder).catch(() => [])
  const facts = await Promise.all(
    names.map(async (name) => {
      const read = async (file: string) => (await readText(path.join(folder, name, 'topology', file))).trim()
      return `physical id: ${await read('physical_package_id')}\ncore id: ${await read('core_id')}`
    }),
  )
  return parseProcessors(facts.join('\n\n'))
}

/** The text of a resolv.conf as its parts (resolv.conf(5)). */
export function parseResolvConf(text: string): DnsConfig {
  const config = { servers: [] as string[], searches: [] as string[], options: [] as string[] }
  for (const line of text.split('\n')) {
    const [word, ...rest] = line
      .replace(/[#;].*$/, '')
      .trim()
      .split(/\s+/)
    if (word === 'nameserver' && rest[0] !== undefined) config.servers.push(rest[0])
    if (word === 'search' || word === 'domain') config.searches = rest.filter((domain) => domain !== '.')
    if (word === 'options') config.options = rest
  }
  return config
}
