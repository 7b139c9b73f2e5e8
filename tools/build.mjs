#!/usr/bin/env node
// Builds dist/: the command (and both daemons) as one entry whose commands load when they are asked for, the testing
// library, and its type declarations. Native packages stay outside; everything else is in the bundle, for fast starts.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'

const root = path.resolve(import.meta.dirname, '..')
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
const testing = path.join(root, 'src/testing/index.ts')
const outdir = path.join(root, 'dist')

rmSync(outdir, { recursive: true, force: true })
await build({
  entryPoints: {
    gorae: path.join(root, 'src/main.ts'),
    ...(existsSync(testing) ? { testing } : {}),
  },
  outdir,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: false,
  legalComments: 'none',
  keepNames: false,
  // Names stay, for stacks that tell something; what only fills the file costs each start time and memory.
  minifyWhitespace: true,
  minifySyntax: true,
  external: ['lmdb'],
  define: { GORAE_VERSION: JSON.stringify(version) },
  // Packages written for CommonJS ask for Node's own modules with require().
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
})
chmodSync(path.join(outdir, 'gorae.js'), 0o755)

// A package without its declarations still runs; a fault in them fails `npm run types`, not the build of a user.
if (existsSync(testing) && !process.argv.includes('--no-types')) {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc')
  execFileSync(
    process.execPath,
    [tsc, '--project', path.join(root, 'tsconfig.build.json'), '--outDir', path.join(outdir, 'types')],
    { cwd: root, stdio: 'inherit' },
  )
}
