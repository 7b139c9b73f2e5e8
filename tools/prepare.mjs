#!/usr/bin/env node
// Before `npm start` and `npm test`: installs the packages and builds, each only when something changed since. A fresh clone gets
// both; a second run costs nothing, with or without a network.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const at = (name) => path.join(root, name)

/** When the newest file at or below was changed last; -1: there is none. */
function changed(file) {
  if (!existsSync(file)) return -1
  const stat = statSync(file)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(file).map((name) => changed(path.join(file, name))))
}

/** Runs a program; where it fails, says so, and what can be done, and ends. */
function run(program, args, advice = '') {
  const { status, error } = spawnSync(program, args, { cwd: root, stdio: 'inherit' })
  if (status === 0) return
  const why = error === undefined ? `ended with ${status}` : `could not run: ${error.message}`
  console.error(`${path.basename(program)} ${args[0]} ${why}${advice}`)
  process.exit(status ?? 1)
}

// npm writes this file at the end of every installation.
if (
  changed(at('node_modules/.package-lock.json')) <
  Math.max(changed(at('package.json')), changed(at('package-lock.json')))
) {
  console.error('Installing the npm packages…')
  const quietly = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline']
  run(
    'npm',
    ['install', ...quietly],
    '; it needs the npm registry (npm config get registry): see that it can be reached',
  )
}
if (changed(at('src/api/generated/descriptions.ts')) < changed(at('node_modules/.package-lock.json'))) {
  run(process.execPath, [at('tools/generate.mjs')])
}
if (process.argv.includes('--build')) {
  const sources = ['src', 'tools/build.mjs', 'package.json', 'package-lock.json'].map((name) => changed(at(name)))
  if (changed(at('dist/gorae.js')) < Math.max(...sources)) {
    console.error('Building…')
    run(process.execPath, [at('tools/build.mjs'), '--no-types'])
  }
}
