/**
 * Once before all end-to-end tests: the machine has what a cluster needs, a kubectl, and a fresh build. What is missing is installed by
 * the project's own commands, so that a fresh machine can run the tests.
 */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const PROJECT = resolve(import.meta.dirname, '../..')
const CACHE = join(PROJECT, '.cache')
/** Debian's kubectl, an old client (1.20) that must work too. */
export const OLD_KUBECTL = join(CACHE, 'kubernetes-client/usr/bin/kubectl')

export function setup(): void {
  if (process.getuid?.() !== 0) throw new Error('end-to-end tests run real containers: run them as root')
  // In a virtual machine (docs/virtual-machine.md): the machine around it was made ready, and could get what is missing here.
  if (process.env['GORAE_E2E_READY'] === '1') return
  execFileSync(process.execPath, ['tools/build.mjs', '--no-types'], { cwd: PROJECT, stdio: 'inherit' })
  execFileSync(process.execPath, ['dist/gorae.js', 'doctor', '--fix', '-y'], { cwd: PROJECT, stdio: 'inherit' })
  fetchOldKubectl()
}

/** Takes the program out of the package, so that it stands beside whatever kubectl the machine has. */
function fetchOldKubectl(): void {
  if (existsSync(OLD_KUBECTL)) return
  const target = join(CACHE, 'kubernetes-client')
  mkdirSync(target, { recursive: true })
  try {
    const download = () =>
      execFileSync('apt-get', ['download', '-q', 'kubernetes-client'], { cwd: CACHE, stdio: 'pipe' })
    try {
      download()
    } catch {
      execFileSync('apt-get', ['update', '-q'], { stdio: 'pipe' })
      download()
    }
    const [archive] = readdirSync(CACHE).filter((name) => name.startsWith('kubernetes-client_'))
    execFileSync('dpkg-deb', ['--extract', join(CACHE, archive ?? ''), target])
  } catch (error) {
    // Tests of old clients say themselves that they cannot run.
    process.stderr.write(`no Debian kubernetes-client: ${error instanceof Error ? error.message : String(error)}\n`)
  }
}

/** The newest kubectl there is: the one on the PATH, or else Debian's. */
export function kubectlProgram(): string {
  try {
    return execFileSync('sh', ['-c', 'command -v kubectl']).toString().trim()
  } catch {
    return OLD_KUBECTL
  }
}
