/** A network namespace with a name for a run with a real cluster, whose nodes' networks hang on it. Needs root on Linux. */

import { execFileSync, spawn } from 'node:child_process'

const MARK = 'GORAE_BENCH_NETNS'

/** Runs `measure` in a network namespace of its own: this very program again, there. Says so where that is not possible. */
export async function inOwnNamespace(name: string, measure: () => Promise<void>): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    process.stderr.write(`${name}: needs root on Linux; left out\n`)
    return
  }
  if (process.env[MARK] !== undefined) return measure()
  const namespace = `gorae-bench-${process.pid}`
  execFileSync('ip', ['netns', 'add', namespace])
  try {
    execFileSync('ip', ['-n', namespace, 'link', 'set', 'lo', 'up'])
    const args = [`--net=/run/netns/${namespace}`, process.execPath, ...process.execArgv, ...process.argv.slice(1)]
    const again = spawn('nsenter', args, { stdio: 'inherit', env: { ...process.env, [MARK]: namespace } })
    process.exitCode = await new Promise<number>((done) => again.once('exit', (code) => done(code ?? 1)))
  } finally {
    execFileSync('ip', ['netns', 'del', namespace])
  }
}
