/**
 * Makes images from programs of this machine: each program with its loader and libraries, at the paths it has here,
 * and the few files that programs expect to find. The same programs give the same image.
 */

import { createHash } from 'node:crypto'
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { basename } from 'node:path'

import { UserError } from '../base/user-error.ts'
import { filesNeededBy } from './elf.ts'
import { type ImageConfig, MEDIA, type Manifest, architecture } from './oci.ts'
import { normalizeName } from './reference.ts'
import type { ImageStore } from './store.ts'
import { type TarEntry, writeTar } from './tar.ts'

export interface MakeOptions {
  readonly name: string
  /** Programs, as paths on this machine. */
  readonly binaries: readonly string[]
  /** What a container runs when its Pod does not say. */
  readonly command?: readonly string[]
  /** Names that the program answers to, for links to it; only a busybox has any. */
  readonly appletsOf: (binary: string) => Promise<readonly string[]>
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Makes the image and names it. Returns its full name. */
export async function makeImage(store: ImageStore, options: MakeOptions): Promise<string> {
  const name = normalizeName(options.name)
  const entries = await entriesFor(options)
  const diff = createHash('sha256')
  for (const chunk of writeTar(entries)) diff.update(chunk)
  const layer = await store.put(writeTar(entries))
  const [first] = options.binaries
  const command = options.command ?? (first === undefined ? [] : [`/bin/${basename(first)}`])
  const config: ImageConfig = {
    architecture: architecture(),
    os: 'linux',
    config: { Env: [`PATH=${PATH}`], Cmd: command, WorkingDir: '/' },
    rootfs: { type: 'layers', diff_ids: [`sha256:${diff.digest('hex')}`] },
    history: [{ created_by: `gorae image make ${options.name}` }],
  }
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    config: await store.putJson(MEDIA.config, config),
    layers: [{ mediaType: MEDIA.layer, ...layer }],
  }
  await store.name(name, await store.putJson(MEDIA.manifest, manifest))
  return name
}

async function entriesFor({ binaries, appletsOf }: MakeOptions): Promise<TarEntry[]> {
  const files = new Map<string, TarEntry>()
  const add = (entry: TarEntry) => files.set(entry.path, entry)
  for (const entry of EXPECTED) add(entry)
  for (const binary of binaries) {
    checkProgram(binary)
    for (const file of filesNeededBy(binary)) {
      // Libraries keep their paths, for the loader looks there; programs are found by name in /bin.
      const path = file === binary ? `bin/${basename(binary)}` : file.slice(1)
      add({ path, type: 'file', mode: 0o755, content: readFileSync(file) })
    }
    for (const applet of await appletsOf(binary)) {
      const path = `bin/${basename(applet)}`
      if (!files.has(path)) add({ path, type: 'symlink', target: basename(binary) })
    }
  }
  for (const path of Array.from(files.keys())) {
    for (const dir of parents(path)) if (!files.has(`${dir}/`)) add({ path: `${dir}/`, type: 'directory', mode: 0o755 })
  }
  return [...files.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

function checkProgram(path: string): void {
  try {
    if (path.startsWith('/') && statSync(realpathSync(path)).isFile()) return
  } catch {
    // said below
  }
  throw new UserError(`there is no program ${path} on this machine`, 'name it by its full path, such as /bin/busybox')
}

function parents(path: string): string[] {
  const parts = path.replace(/\/$/, '').split('/')
  return parts.slice(0, -1).map((_, at) => parts.slice(0, at + 1).join('/'))
}

const text = (path: string, content: string): TarEntry => ({
  path,
  type: 'file',
  mode: 0o644,
  content: Buffer.from(content),
})

const directory = (path: string, mode = 0o755): TarEntry => ({ path, type: 'directory', mode })

const EXPECTED: readonly TarEntry[] = [
  directory('bin/'),
  directory('dev/'),
  directory('etc/'),
  directory('home/'),
  directory('proc/'),
  directory('root/', 0o700),
  directory('run/'),
  directory('sys/'),
  directory('tmp/', 0o1777),
  directory('usr/'),
  directory('var/'),
  directory('var/tmp/', 0o1777),
  text(
    'etc/passwd',
    'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n',
  ),
  text('etc/group', 'root:x:0:\ndaemon:x:1:\nnogroup:x:65534:\n'),
  text('etc/nsswitch.conf', 'hosts: files dns\n'),
]
