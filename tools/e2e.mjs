#!/usr/bin/env node
// Runs the end-to-end tests, or those named. Real containers on a busy machine meet chances that no test should lose to: files
// that fail run once more, and those that then pass are named as unsteady. Each of these is a fault to be mended, in the
// test or in the product; it does not hide those that fail for a reason.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const vitest = path.join(path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')

/** Runs the files, and answers those of them that failed; throws what stopped the run itself. */
function run(files, folder) {
  const report = path.join(folder, 'report.json')
  rmSync(report, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const args = [vitest, 'run', '--config', 'vitest.e2e.config.ts', ...reporters, ...files]
  const { status, signal } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (signal !== null) process.exit(1)
  if (status === 0) return []
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
  const failed = testResults.filter((result) => result.status === 'failed').map(({ name }) => path.relative(root, name))
  if (failed.length === 0) process.exit(status)
  return failed
}

const folder = mkdtempSync(path.join(tmpdir(), 'gorae-e2e-'))
try {
  const failed = run(process.argv.slice(2), folder)
  if (failed.length > 0) {
    console.log(`Failed, and run once more:\n${failed.map((file) => `  ${file}\n`).join('')}`)
    const again = run(failed, folder)
    const unsteady = failed.filter((file) => !again.includes(file))
    if (unsteady.length > 0) console.log(`Unsteady, to be mended:\n${unsteady.map((file) => `  ${file}\n`).join('')}`)
    process.exitCode = again.length > 0 ? 1 : 0
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
