/** The kubectls that are there, and waiting for what they start. */

import { type ChildProcess, execFileSync } from 'node:child_process'
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { OLD_KUBECTL, kubectlProgram } from '../setup.ts'

/** A static busybox: the image of the tests' containers, and their HTTP client. */
export const BUSYBOX = '/bin/busybox'

export interface KubectlClient {
  readonly program: string
  /** `1.33`. */
  readonly version: string
  readonly minor: number
}

/** The programs that an environment variable names, apart by colons. */
export function programsIn(variable: string): string[] {
  return (process.env[variable] ?? '').split(':').filter((program) => program !== '')
}

/**
 * The oldest and the newest kubectl of the machine, and those that `KUBECTLS` names; a folder of them beside the one on the PATH
 * counts.
 */
export function clients(): KubectlClient[] {
  const beside = dirname(realpathSync(kubectlProgram()))
  const programs = [
    OLD_KUBECTL,
    kubectlProgram(),
    ...readdirSync(beside)
      .filter((name) => /^kubectl\.\d+\.\d+$/.test(name))
      .map((name) => join(beside, name)),
  ]
  const known = programs
    .filter((program) => existsSync(program))
    .map((program) => clientOf(program))
    .toSorted((a, b) => a.minor - b.minor)
  const chosen = [known[0], known.at(-1), ...programsIn('KUBECTLS').map((program) => clientOf(program))]
  return [...new Map(chosen.filter(isDefined).map((client) => [client.version, client])).values()]
}

function clientOf(program: string): KubectlClient {
  const named = /kubectl\.(\d+)\.(\d+)$/.exec(program)
  if (named !== null) return { program, version: `${named[1]}.${named[2]}`, minor: Number(named[2]) }
  const told = execFileSync(program, ['version', '--client', '-o', 'json']).toString()
  const { major, minor } = (JSON.parse(told) as { clientVersion: { major: string; minor: string } }).clientVersion
  return { program, version: `${major}.${Number.parseInt(minor, 10)}`, minor: Number.parseInt(minor, 10) }
}

const isDefined = <T>(value: T | undefined): value is T => value !== undefined

/** What `attempt` answers once it does not throw; its last complaint if it still does after a minute. */
export async function eventually<T>(attempt: () => Promise<T>, deadlineMs = 60_000): Promise<T> {
  const end = performance.now() + deadlineMs
  for (;;) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one try after another
      return await attempt()
    } catch (error) {
      if (performance.now() > end) throw error
    }
    // oxlint-disable-next-line no-await-in-loop -- a breath between tries
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Answers when the program has printed `text`; rejects when it ends before. */
export function startedWith(child: ChildProcess, text: string): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    let said = ''
    const listen = (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes(text)) resolve(child)
    }
    child.stdout?.on('data', listen)
    child.stderr?.on('data', listen)
    child.once('close', () => reject(new Error(`it ended without "${text}":\n${said}`)))
  })
}

let lastPort = 18_000
/** A port that no test used before; the machine's network is the tests' own. */
export const port = (): number => ++lastPort
