#!/usr/bin/env node
// Bundles and runs a differential test: `KUBERNETES_ORIGIN=https://… KUBERNETES_TOKEN=… node test/differential/run.mjs`,
// or `… run.mjs scheduling`.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'gorae-differential-'))
try {
  const outfile = path.join(work, 'main.mjs')
  await build({
    entryPoints: [path.join(import.meta.dirname, process.argv[2] ?? '', 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    logLevel: 'warning',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
  process.exitCode = spawnSync(process.execPath, [outfile], { stdio: 'inherit' }).status ?? 1
} finally {
  fs.rmSync(work, { recursive: true, force: true })
}
