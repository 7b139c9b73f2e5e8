/** A network namespace for a run: its loopback is all there is, so that no server of the run can reach anything else. */

import { spawnSync } from 'node:child_process'

const MARK = 'BENCH_OWN_NETWORK'
const SCRIPT = 'ip link set lo up && exec "$0" "$@"'

/** Runs this program once more, in a network of its own, and answers true when that is done; false: this is that run. */
export function inOwnNetwork(): boolean {
  if (process.env[MARK] !== undefined) return false
  const user = process.getuid?.() === 0 ? [] : ['--map-root-user']
  const command = ['sh', '-c', SCRIPT, process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  const { status, error } = spawnSync('unshare', ['--net', ...user, ...command], {
    stdio: 'inherit',
    env: { ...process.env, [MARK]: '1' },
  })
  if (error !== undefined) throw new Error('cannot run in a network of its own: unshare is missing', { cause: error })
  if (status !== 0) process.exitCode = 1
  return true
}
