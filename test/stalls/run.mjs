#!/usr/bin/env node
// Bundles and runs the search for stalls: `node test/stalls/run.mjs`. README.md says what it may be told.
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'gorae-stalls-'))
try {
  const outfile = path.join(work, 'main.mjs')
  await build({
    entryPoints: [path.join(import.meta.dirname, 'main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    logLevel: 'warning',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    plugins: [
      {
        name: 'lmdb',
        setup(bundle) {
          bundle.onResolve({ filter: /^lmdb$/ }, ({ path: id }) => ({ path: import.meta.resolve(id), external: true }))
        },
      },
    ],
  })
  process.exitCode = spawnSync(process.execPath, [outfile], { stdio: 'inherit' }).status ?? 1
} finally {
  fs.rmSync(work, { recursive: true, force: true })
}
