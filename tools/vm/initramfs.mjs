// What the kernel of a virtual machine starts from: busybox, the first modules and the script that makes the machine.
import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** What is needed before the machine's own modules are in sight. Those that a kernel has built in are no files. */
const FIRST = ['virtio_pci', 'virtio_blk', '9pnet_virtio', '9p', 'crc32c_generic', 'ext4', 'overlay']

/** Where the machine's files are, as the script wants to know it. */
const FOLDERS = ['bin', 'dev', 'disk', 'machine', 'proc', 'root', 'sys']

/**
 * The archive's bytes. `busybox` is the machine's own; `settings` are variables of the script; `folder` is empty, for what goes
 * into the archive.
 */
export function initramfs(folder, busybox, modules, settings) {
  for (const name of FOLDERS) mkdirSync(path.join(folder, name), { recursive: true })
  copyFileSync(busybox, path.join(folder, 'bin/busybox'))
  symlinkSync('busybox', path.join(folder, 'bin/sh'))
  copyFileSync(path.join(import.meta.dirname, 'init.sh'), path.join(folder, 'init'))

  const files = filesOf(modules)
  const first = FIRST.filter((name) => files.has(name))
  const version = path.basename(modules)
  const to = path.join(folder, 'lib/modules', version)
  mkdirSync(to, { recursive: true })
  for (const file of first.flatMap((name) => files.get(name))) {
    mkdirSync(path.dirname(path.join(to, file)), { recursive: true })
    copyFileSync(path.join(modules, file), path.join(to, file))
  }
  execFileSync('busybox', ['depmod', '-b', folder, version])

  const lines = Object.entries({ ...settings, FIRST_MODULES: first.join(' ') })
  writeFileSync(path.join(folder, 'settings'), lines.map(([name, value]) => `${name}='${value}'\n`).join(''))
  const names = execFileSync('find', ['.'], { cwd: folder })
  const archive = { cwd: folder, input: names, maxBuffer: 2 ** 28, stdio: 'pipe' }
  return execFileSync('busybox', ['cpio', '-o', '-H', 'newc'], archive)
}

/** Each module's file with those that it needs (modules.dep(5)), by the module's name. */
function filesOf(modules) {
  const index = path.join(modules, 'modules.dep')
  if (!existsSync(index)) throw new Error(`${index} is missing: run depmod, e.g. depmod -b FOLDER VERSION`)
  const lines = readFileSync(index, 'utf8').split('\n')
  return new Map(
    lines.map((line) => {
      const [file = '', needs = ''] = line.split(':')
      const name = path.basename(file).split('.ko', 1)[0].replaceAll('-', '_')
      return [name, [file, ...needs.split(' ').filter((other) => other !== '')]]
    }),
  )
}
