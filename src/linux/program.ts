/** Runs a program of the machine and hands back what it said. No shell is ever between: arguments are data. */

import { spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A program that could not be started or ended badly. The message quotes what it said. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError'
  readonly program: string
  readonly exitCode: number | null
  readonly stderr: string
  readonly stdout: string
  constructor(program: string, args: readonly string[], exitCode: number | null, stderr: string, stdout = '') {
    super(`${[program, ...args].join(' ')} failed (exit code ${exitCode ?? 'none'}): ${stderr.trim()}`)
    this.program = program
    this.exitCode = exitCode
    this.stderr = stderr
    this.stdout = stdout
  }
}

export interface RunOptions {
  /** Written to the program's standard input. */
  readonly input?: string
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  readonly signal?: AbortSignal
}

/** What the program wrote to its standard output. Throws `ProgramError` when it fails. */
export function runProgram(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const path = findProgram(program)
    if (path === undefined) {
      reject(new ProgramError(program, args, null, `${program} is not installed`))
      return
    }
    const { input, ...rest } = options
    const child = spawn(path, args, { ...rest, stdio: ['pipe', 'pipe', 'pipe'] })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.stdin.on('error', () => {}) // a program may end without reading its input
    child.stdin.end(input ?? '')
    child.once('error', (error) => {
      const aborted = options.signal?.aborted === true
      reject(aborted ? options.signal.reason : new ProgramError(program, args, null, error.message))
    })
    child.once('close', (code) => {
      const [said, complaint] = [out, err].map((chunks) => Buffer.concat(chunks).toString('utf8')) as [string, string]
      if (code === 0) resolve(said)
      else reject(new ProgramError(program, args, code, complaint, said))
    })
  })
}

/** Where administrators' programs live even when the PATH of the moment leaves them out. */
const MORE_PATHS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin']

/** The full path of a program, or undefined when the machine has none of that name. */
export function findProgram(name: string, more: readonly string[] = []): string | undefined {
  if (name.includes('/')) return isExecutable(name) ? name : undefined
  for (const dir of [...(process.env.PATH ?? '').split(delimiter), ...MORE_PATHS, ...more]) {
    const path = join(dir, name)
    if (dir !== '' && isExecutable(path)) return path
  }
  return undefined
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
