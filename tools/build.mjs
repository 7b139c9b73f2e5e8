#!/usr/bin/env node
// Builds dist/: the command, whose parts load when they are asked for; the programs of the background processes, one
// file each, for fast starts; the testing library, and its type declarations. Native packages stay outside.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'

const root = path.resolve(import.meta.dirname, '..')
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
const source = (file) => path.join(root, 'src', file)
const outdir = path.join(root, 'dist')

const common = {
  bundle: true,
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
  logLevel: 'warning',
}

/**
 * For the programs: lmdb's own text goes into the file, and with it into the kept code. Its native part stays where it is
 * installed, and its own loader finds there the one that fits this machine. It never decodes MessagePack for us.
 */
const lmdbInside = {
  name: 'lmdb inside',
  setup(bundle) {
    const installed = createRequire(import.meta.url)
    bundle.onResolve({ filter: /^lmdb$/ }, () => ({ path: installed.resolve('lmdb') }))
    bundle.onResolve({ filter: /^(node-gyp-build-optional-packages|msgpackr-extract)$/ }, ({ path: name, namespace }) =>
      namespace === 'file' ? { path: name, namespace: 'native' } : { path: name, external: true },
    )
    bundle.onLoad({ filter: /./, namespace: 'native' }, ({ path: name }) => ({
      contents:
        name === 'msgpackr-extract'
          ? 'module.exports = undefined'
          : `const file = require.resolve('lmdb')
             const load = require('node:module').createRequire(file)('${name}')
             module.exports = () => load(require('node:path').resolve(file, '../..'))`,
    }))
  },
}

rmSync(outdir, { recursive: true, force: true })
await Promise.all([
  build({
    ...common,
    entryPoints: { gorae: source('main.ts'), testing: source('testing/index.ts') },
    outdir,
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
    format: 'esm',
    // Packages written for CommonJS ask for Node's own modules with require().
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  }),
  build({
    ...common,
    entryPoints: { daemon: source('cluster/daemons/main.ts'), yaml: source('wire/yaml/worker-program.ts') },
    outdir,
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
  }),
  // Each is one function, which src/cluster/daemons/launch.ts calls.
  build({
    ...common,
    entryPoints: { server: source('cluster/daemons/server.ts'), node: source('cluster/daemons/node.ts') },
    external: [],
    plugins: [lmdbInside],
    logOverride: { 'require-resolve-not-external': 'silent' }, // it is looked for when the program runs
    outdir: path.join(outdir, 'daemons'),
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    define: { ...common.define, 'import.meta.url': '__url' },
    banner: {
      js: '(function (exports, require, module, __filename, __dirname) { const __url = require("node:url").pathToFileURL(__filename).href;',
    },
    footer: { js: '})' },
  }),
])
chmodSync(path.join(outdir, 'gorae.js'), 0o755)
for (const name of ['server', 'node']) {
  const text = readFileSync(path.join(outdir, 'daemons', `${name}.cjs`))
  if (text.some((byte) => byte > 127))
    throw new Error(`the program ${name} is not plain ASCII; the launcher needs that`)
}
if (!process.argv.includes('--no-code')) await keepCode()

// A package without its declarations still runs; a fault in them fails `npm run types`, not the build of a user.
if (!process.argv.includes('--no-types')) {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc')
  execFileSync(
    process.execPath,
    [tsc, '--project', path.join(root, 'tsconfig.build.json'), '--outDir', path.join(outdir, 'types')],
    { cwd: root, stdio: 'inherit' },
  )
}

/** Starts a simulated cluster once: its processes keep their compiled code beside their programs, for all later starts. */
async function keepCode() {
  const home = mkdtempSync(path.join(tmpdir(), 'gorae-build-'))
  const gorae = (...args) =>
    execFileSync(process.execPath, [path.join(outdir, 'gorae.js'), ...args], {
      env: { ...process.env, GORAE_HOME: home, HOME: home },
      stdio: 'pipe',
      timeout: 60_000,
    })
  try {
    gorae('up', '--runtime', 'simulated', '--no-merge-kubeconfig', '--port', String(await freePort()))
  } catch (error) {
    console.error(`The first start will be slower, for a trial start failed: ${error.message}`)
  } finally {
    gorae('down', '--all')
    rmSync(home, { recursive: true, force: true })
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}
