/**
 * What a program needs beside itself: its loader and shared libraries, read from the ELF file, never by running it.
 * https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html
 */

import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What an ELF file names. */
export interface ElfNeeds {
  /** The loader's path; absent in a static program and in libraries. */
  readonly interpreter?: string
  readonly libraries: readonly string[]
  readonly searchPaths: readonly string[]
}

const PT_LOAD = 1
const PT_DYNAMIC = 2
const PT_INTERP = 3
const DT_NEEDED = 1
const DT_STRTAB = 5
const DT_RPATH = 15
const DT_RUNPATH = 29

interface Segment {
  readonly type: number
  readonly offset: number
  readonly address: number
  readonly size: number
}

/** The needs of an ELF file's bytes; undefined when they are no ELF file. 64 bits, little-endian. */
function readElf(bytes: Buffer): ElfNeeds | undefined {
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46) return undefined
  if (bytes[4] !== 2 || bytes[5] !== 1) throw new Error('only 64-bit little-endian programs can be put in an image')
  const [table, entrySize, count] = [Number(bytes.readBigUInt64LE(32)), bytes.readUInt16LE(54), bytes.readUInt16LE(56)]
  const segments = Array.from({ length: count }, (_, at): Segment => {
    const start = table + at * entrySize
    const number = (offset: number) => Number(bytes.readBigUInt64LE(start + offset))
    return { type: bytes.readUInt32LE(start), offset: number(8), address: number(16), size: number(32) }
  })
  const interp = segments.find(({ type }) => type === PT_INTERP)
  const interpreter = interp === undefined ? undefined : cString(bytes, interp.offset)
  return { ...(interpreter === undefined ? {} : { interpreter }), ...dynamic(bytes, segments) }
}

function dynamic(bytes: Buffer, segments: readonly Segment[]): Pick<ElfNeeds, 'libraries' | 'searchPaths'> {
  const section = segments.find(({ type }) => type === PT_DYNAMIC)
  if (section === undefined) return { libraries: [], searchPaths: [] }
  const tags: { readonly tag: number; readonly value: number }[] = []
  for (let at = section.offset; at + 16 <= section.offset + section.size; at += 16) {
    const tag = Number(bytes.readBigUInt64LE(at))
    if (tag === 0) break
    tags.push({ tag, value: Number(bytes.readBigUInt64LE(at + 8)) })
  }
  const address = tags.find(({ tag }) => tag === DT_STRTAB)?.value
  const home = segments.find(
    (segment) =>
      segment.type === PT_LOAD &&
      address !== undefined &&
      address >= segment.address &&
      address < segment.address + segment.size,
  )
  if (address === undefined || home === undefined) return { libraries: [], searchPaths: [] }
  const strings = address - home.address + home.offset
  const texts = (...wanted: number[]) =>
    tags.filter(({ tag }) => wanted.includes(tag)).map(({ value }) => cString(bytes, strings + value))
  return {
    libraries: texts(DT_NEEDED),
    searchPaths: texts(DT_RPATH, DT_RUNPATH).flatMap((text) => text.split(':').filter((path) => path !== '')),
  }
}

function cString(bytes: Buffer, start: number): string {
  return bytes.toString('utf8', start, bytes.indexOf(0, start))
}

/** Every file that `program` needs to start, itself first, as paths on this machine. Throws when one is missing. */
export function filesNeededBy(program: string): string[] {
  const found = new Set<string>([program])
  for (const path of found) {
    const elf = readElf(readFileSync(path))
    if (elf === undefined) continue
    if (elf.interpreter !== undefined) found.add(elf.interpreter)
    const origin = dirname(realpathSync(path))
    const folders = [...elf.searchPaths.map((dir) => dir.replace(/\$\{?ORIGIN\}?/, origin)), ...libraryFolders()]
    for (const library of elf.libraries) {
      const folder = folders.find((dir) => existsSync(join(dir, library)))
      if (folder === undefined) throw new Error(`${path} needs ${library}, which is not on this machine`)
      found.add(join(folder, library))
    }
  }
  return [...found]
}

let folders: readonly string[] | undefined

/** The loader's own list of folders, from /etc/ld.so.conf and what it includes. */
function libraryFolders(): readonly string[] {
  folders ??= [...configured('/etc/ld.so.conf'), '/lib64', '/usr/lib64', '/lib', '/usr/lib']
  return folders
}

function configured(file: string): string[] {
  const dir = join(dirname(file), 'ld.so.conf.d')
  const texts = [file, ...listConf(dir)].map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : ''))
  return texts
    .join('\n')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line.startsWith('/'))
}

function listConf(dir: string): string[] {
  return existsSync(dir)
    ? readdirSync(dir)
        .filter((name) => name.endsWith('.conf'))
        .map((name) => join(dir, name))
    : []
}
