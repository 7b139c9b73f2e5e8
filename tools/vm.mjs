#!/usr/bin/env node
// Runs a command in a virtual machine: with control groups of version 2, swap, huge pages or AppArmor where the machine itself has
// none. It sees this machine's files; what it writes goes to a disk of its own that is thrown away. It has no network.
// docs/virtual-machine.md says more.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'

import { initramfs } from './vm/initramfs.mjs'

const USAGE = `node tools/vm.mjs --kernel FILE --modules FOLDER [options] -- COMMAND…
  --kernel FILE      a Linux kernel for qemu (boot/vmlinuz-VERSION of a distribution's package), or a user-mode Linux
  --modules FOLDER   its modules (lib/modules/VERSION)
  --append TEXT      further words for the kernel, e.g. 'hugepages=64' or 'apparmor=1 security=apparmor'
  --memory MIB       4096
  --cpus NUMBER      2
  --disk GIB         20
  --swap MIB         a swap device; none unless told
  --accel NAME       how qemu runs it: kvm:tcg, which is the first of the two that there is
  --root FOLDER      the files of another machine in place of this one's, e.g. of another processor's; beside them the project
  --over FOLDER      files laid over this machine's, such as packages it lacks; may be given more than once
  --systemd          runs the command as a service of systemd, with logind, in place of alone
  --share FOLDER     where the command may leave files, which it finds as $VM_SHARE`

const project = path.resolve(import.meta.dirname, '..')
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kernel: { type: 'string' },
    modules: { type: 'string' },
    append: { type: 'string', default: '' },
    memory: { type: 'string', default: '4096' },
    cpus: { type: 'string', default: '2' },
    disk: { type: 'string', default: '20' },
    swap: { type: 'string', default: '0' },
    accel: { type: 'string', default: 'kvm:tcg' },
    root: { type: 'string', default: '/' },
    over: { type: 'string', multiple: true, default: [] },
    systemd: { type: 'boolean', default: false },
    share: { type: 'string' },
  },
})
if (values.kernel === undefined || values.modules === undefined || positionals.length === 0) {
  console.error(USAGE)
  process.exit(2)
}

/** The machines that qemu can be. */
const X64 = { program: 'qemu-system-x86_64', type: 'pc', processor: 'max', words: ['console=ttyS0', 'no_timer_check'] }
// Not `max`: of what qemu 7.2 emulates then, programs died.
const ARM64 = {
  program: 'qemu-system-aarch64',
  type: 'virt',
  processor: 'cortex-a72',
  words: ['console=ttyAMA0'],
}

const folder = mkdtempSync(path.join(tmpdir(), 'gorae-vm-'))
try {
  process.exitCode = await run()
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Boots, and answers what the command ended with. */
async function run() {
  const share = path.resolve(values.share ?? path.join(folder, 'share'))
  const code = path.join(share, 'code')
  mkdirSync(share, { recursive: true })
  rmSync(code, { force: true })
  writeFileSync(path.join(share, 'command.sh'), commandScript())
  const [program, ...args] = programOf(machine(share))
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill('SIGKILL'))
  await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve))
  if (existsSync(code)) return Number(readFileSync(code, 'utf8'))
  console.error('The virtual machine ended before the command did.')
  return 1
}

/** The parts of the virtual machine, as files. */
function machine(share) {
  const modules = path.resolve(values.modules)
  const over = values.over.map((one) => path.resolve(one)).join(' ')
  const first = path.join(folder, 'first')
  const ram = path.join(folder, 'initramfs')
  const root = path.resolve(values.root)
  const places = { ROOT: root, KERNEL_MODULES: modules, OVER: over, PROJECT: project, SHARE: share }
  writeFileSync(
    ram,
    initramfs(first, path.join(root, 'bin/busybox'), modules, { ...places, SYSTEMD: values.systemd ? 'yes' : '' }),
  )
  const disk = sparse('disk', Number(values.disk) * 1024)
  execFileSync('mkfs.ext4', ['-q', '-F', disk])
  if (values.swap === '0') return { ram, share, disks: [disk] }
  const swap = sparse('swap', Number(values.swap))
  execFileSync('busybox', ['mkswap', swap], { stdio: 'pipe' })
  return { ram, share, disks: [disk, swap] }
}

/** A file of which nothing is there but what is written. */
function sparse(name, mebibytes) {
  const file = path.join(folder, name)
  execFileSync('truncate', ['-s', `${mebibytes}M`, file])
  return file
}

/** The command with this shell's folder and environment. */
function commandScript() {
  const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`
  const kept = Object.entries(process.env).filter(([name]) => /^[A-Za-z_]\w*$/.test(name) && name !== 'TERM')
  return [
    ...kept.map(([name, value]) => `export ${name}=${quoted(value)}`),
    `cd ${quoted(process.cwd())}`,
    `exec ${positionals.map(quoted).join(' ')}`,
    '',
  ].join('\n')
}

/** The program with its arguments: a user-mode Linux is one itself. */
function programOf(parts) {
  const kernel = readFileSync(values.kernel)
  if (kernel.toString('latin1', 0, 4) === '\x7FELF') return userMode(parts)
  return emulated(parts, kernel.toString('latin1', 56, 60) === 'ARMd' ? ARM64 : X64)
}

/** What the kernel is told. */
function words() {
  return ['quiet', 'panic=-1', 'psi=1', ...values.append.split(' ').filter((word) => word !== '')]
}

function userMode({ ram, disks }) {
  const devices = disks.map((file, number) => `ubd${'ab'[number]}=${file}`)
  const console = ['con=null', 'con0=fd:0,fd:1', 'console=tty0']
  return [
    values.kernel,
    `mem=${values.memory}M`,
    `initrd=${ram}`,
    `uml_dir=${folder}`,
    ...console,
    ...devices,
    ...words(),
  ]
}

function emulated({ ram, share, disks }, { program, type, processor, words: own }) {
  const machine = [
    '-machine',
    `${type},accel=${values.accel}`,
    '-cpu',
    processor,
    '-smp',
    values.cpus,
    '-m',
    values.memory,
  ]
  const kernel = ['-kernel', values.kernel, '-initrd', ram, '-append', [...own, ...words()].join(' ')]
  const few = ['-nodefaults', '-no-reboot', '-display', 'none', '-serial', 'stdio', '-nic', 'none']
  const drives = disks.flatMap((file) => ['-drive', `file=${file},if=virtio,format=raw,cache=unsafe`])
  const all = 'local,path=/,mount_tag=machine,security_model=none,readonly=on,multidevs=remap'
  const shared = `local,path=${share},mount_tag=share,security_model=none`
  return [program, ...machine, ...kernel, ...few, ...drives, '-virtfs', all, '-virtfs', shared]
}
