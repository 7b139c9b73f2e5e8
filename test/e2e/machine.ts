/**
 * A machine for one test: a network namespace without a way out, and folders of its own. Whatever the test does, the
 * machine is taken down with everything on it, and tells what was left.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { PROJECT, kubectlProgram } from './setup.ts'

export interface Answer {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** The command may fail; otherwise a failure is thrown with all it said. */
  readonly mayFail?: boolean
  readonly timeoutMs?: number
}

export interface Machine {
  readonly namespace: string
  readonly folder: string
  readonly home: string
  gorae(args: readonly string[], options?: RunOptions): Promise<Answer>
  kubectl(args: readonly string[], options?: RunOptions): Promise<Answer>
  /** Any program, in the machine's network. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<Answer>
  /** The same, without waiting. */
  spawn(program: string, args: readonly string[], options?: RunOptions): ChildProcess
  /** Everything of this machine that is on the real one: empty after `gorae down`. */
  leftovers(): Promise<string[]>
  close(): Promise<void>
}

export interface MachineOptions {
  /** Where gorae.js is; this project's build unless told otherwise. */
  readonly program?: string
}

export async function openMachine(options: MachineOptions = {}): Promise<Machine> {
  const namespace = `gorae-test-${randomBytes(3).toString('hex')}`
  const folder = mkdtempSync('/tmp/gorae-e2e-')
  const home = join(folder, 'state')
  const program = options.program ?? join(PROJECT, 'dist/gorae.js')
  execFileSync('ip', ['netns', 'add', namespace])
  execFileSync('ip', ['-n', namespace, 'link', 'set', 'lo', 'up'])
  const before = abandonedSockets()
  // Where a containerd that is not told otherwise listens for plugins of the whole machine.
  const traces = new Set(['/run/nri'].filter((path) => !existsSync(path)))

  const env = (more: RunOptions['env']) => {
    const { KUBECONFIG: _, ...rest } = process.env
    return { ...rest, HOME: folder, GORAE_HOME: home, GORAE_DEBUG: '1', ...more }
  }
  const start = (name: string, args: readonly string[], { env: more }: RunOptions = {}) =>
    spawn('nsenter', [`--net=/run/netns/${namespace}`, name, ...args], {
      env: env(more),
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  const run = (name: string, args: readonly string[], runOptions: RunOptions = {}) =>
    finish(start(name, args, runOptions), [name, ...args].join(' '), runOptions)

  const machine: Machine = {
    namespace,
    folder,
    home,
    run,
    spawn: start,
    gorae(args, runOptions) {
      if (args[0] === 'down' || args[0] === 'stop') for (const trace of sharedTraces(home)) traces.add(trace)
      return run(process.execPath, [program, ...args], runOptions)
    },
    kubectl: (args, runOptions) => run(kubectlProgram(), args, runOptions),
    leftovers: async () => [
      ...inside(namespace, home),
      ...outside(home),
      ...[...traces].filter((path) => existsSync(path)),
      ...(await stayingSockets(before)),
    ],
    async close() {
      try {
        await machine.gorae(['down', '--all'], { mayFail: true })
      } finally {
        execFileSync('ip', ['netns', 'delete', namespace])
        rmSync(folder, { recursive: true, force: true })
      }
    },
  }
  return machine
}

function finish(
  child: ChildProcess,
  title: string,
  { input, mayFail, timeoutMs = 90_000 }: RunOptions,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => err.push(chunk))
    child.stdin?.on('error', () => {})
    child.stdin?.end(input ?? '')
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(timer)
      const answer = { code, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') }
      if (code === 0 || mayFail === true) resolve(answer)
      else reject(new Error(`${title} ended with ${code}\n${answer.stdout}\n${answer.stderr}`))
    })
  })
}

/** What belongs to this machine by its folders or its network. */
function inside(namespace: string, home: string): string[] {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')
      return command.includes(home) && Number(pid) !== process.pid ? [`process ${pid} ${command}`] : []
    })
  const mounts = read('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => line.includes(home))
    .map((line) => `mount ${line}`)
  const ip = (...args: string[]) => execFileSync('ip', ['-n', namespace, ...args]).toString()
  const links = ip('-o', 'link')
    .split('\n')
    .filter((line) => line !== '' && !/: lo:/.test(line))
    .map((line) => `link ${line}`)
  const routes = ip('route')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => `route ${line}`)
  return [...processes, ...mounts, ...links, ...routes]
}

/** What clusters of this home have in folders that they share with all others of the real machine. */
function outside(home: string): string[] {
  const mark = createHash('sha256').update(home).digest('hex').slice(0, 6)
  const list = (dir: string) =>
    (existsSync(dir) ? readdirSync(dir) : []).filter((name) => name.includes(mark)).map((name) => `${dir}/${name}`)
  return ['/run/netns', '/run/gorae', '/var/lib/cni/results', ...cgroups()].flatMap(list)
}

/** Nothing in their names tells whose they are; those that are served are another machine's. */
const SHIM_SOCKETS = '/run/containerd/s'
/** Another machine whose shims were killed takes their sockets away by itself, within this time. */
const TIDY_WITHIN_MS = 30_000

/** The sockets that no shim serves. */
function abandonedSockets(): ReadonlySet<string> {
  const all = existsSync(SHIM_SOCKETS) ? readdirSync(SHIM_SOCKETS).map((name) => `${SHIM_SOCKETS}/${name}`) : []
  const served = listening()
  return new Set(all.filter((path) => !served.has(path)))
}

/** Those that were not there before, and that nobody takes away. */
async function stayingSockets(before: ReadonlySet<string>): Promise<string[]> {
  const deadline = performance.now() + TIDY_WITHIN_MS
  let staying = [...abandonedSockets()].filter((path) => !before.has(path))
  while (staying.length > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    const now = abandonedSockets()
    staying = staying.filter((path) => now.has(path))
  }
  return staying
}

/** The sockets that shims serve, wherever they run: each network knows of its own. */
function listening(): ReadonlySet<string> {
  const shims = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && read(`/proc/${name}/cmdline`).includes('containerd-shim'),
  )
  const lines = shims.flatMap((pid) => read(`/proc/${pid}/net/unix`).split('\n'))
  return new Set(lines.map((line) => line.slice(line.indexOf('/'))).filter((path) => path.startsWith(SHIM_SOCKETS)))
}

/** What the runtime keeps for this home's containers in folders it shares with every other runtime of the machine. */
function sharedTraces(home: string): string[] {
  const clusters = existsSync(home) ? readdirSync(home) : []
  return clusters.flatMap((cluster) => {
    const nodes = join(home, cluster, 'nodes')
    return (existsSync(nodes) ? readdirSync(nodes) : []).flatMap((node) => {
      const state = /^state = "(.*)"$/m.exec(read(join(nodes, node, 'containerd.toml')))?.[1] ?? ''
      const tasks = join(state, 'io.containerd.runtime.v2.task/k8s.io')
      const ids = existsSync(tasks) ? readdirSync(tasks) : []
      return ids.flatMap((id) => [
        read(join(tasks, id, 'address')).replace(/^unix:\/\//, ''),
        `/var/lib/cni/results/cni-loopback-${id}-lo`,
      ])
    })
  })
}

/** The folders that hold clusters' control groups. */
function cgroups(): string[] {
  const root = '/sys/fs/cgroup'
  const hierarchies = existsSync(join(root, 'cgroup.controllers'))
    ? [root]
    : readdirSync(root).map((name) => join(root, name))
  return hierarchies.map((dir) => join(dir, 'gorae'))
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
