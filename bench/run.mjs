#!/usr/bin/env node
// Runs the benchmarks: `npm run bench [NAME…]`. Each `bench/*.bench.ts` is bundled, run in a process of its own, prints
// one JSON line per figure, and gets a row each in the table and a file in bench/results/.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'

const root = path.resolve(import.meta.dirname, '..')
const results = path.join(root, 'bench/results')
const wanted = process.argv.slice(2)
const LIMIT_MS = 1_200_000
/**
 * Who asks a server collects no garbage of its whole heap while it does: all its clients would wait for that, several
 * milliseconds each time, and the time would look like the server's. (The server's process has flags of its own.)
 */
const FLAGS = { api: ['--initial-old-space-size=1024'] }

const names = fs
  .readdirSync(path.join(root, 'bench'))
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length))
  .filter((name) => wanted.length === 0 || wanted.includes(name))
if (names.length === 0) {
  console.error(`no benchmark is called ${wanted.join(', ')}`)
  process.exit(1)
}

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'gorae-bench-'))
const rows = []
let failed = false
try {
  for (const name of names) {
    const figures = await run(name)
    rows.push(...figures)
    // A closer look at some of it is no record.
    if (Object.keys(process.env).some((name) => name.startsWith('GORAE_BENCH_'))) continue
    fs.mkdirSync(results, { recursive: true })
    const machine = { node: process.version, cpus: os.cpus().length, cpu: os.cpus()[0]?.model ?? '' }
    const file = path.join(results, `${name}.json`)
    fs.writeFileSync(
      file,
      `${JSON.stringify({ name, measured: new Date().toISOString(), machine, figures }, null, 2)}\n`,
    )
  }
} finally {
  fs.rmSync(work, { recursive: true, force: true })
}
printTable(rows)
process.exit(failed ? 1 : 0)

/** A figure: `{ what, value, unit, goal?, goalIs?, server? }`; `goalIs` is `atMost` or `atLeast`. */
async function run(name) {
  const outfile = path.join(work, `${name}.mjs`)
  await build({
    entryPoints: [path.join(root, 'bench', `${name}.bench.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    logLevel: 'warning',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    plugins: [
      {
        name: 'native packages stay where they are installed',
        setup: (bundle) =>
          bundle.onResolve({ filter: /^lmdb$/ }, ({ path: id }) => ({ path: import.meta.resolve(id), external: true })),
      },
    ],
  })
  const flags = ['--expose-gc', ...(FLAGS[name] ?? [])]
  const child = spawn(process.execPath, [...flags, outfile], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text))
  const code = await new Promise((resolve) => child.on('close', resolve))
  clearTimeout(timer)
  if (code !== 0) {
    failed = true
    console.error(`the benchmark ${name} failed (${code ?? 'killed'})`)
  }
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => ({ bench: name, ...JSON.parse(line) }))
}

/** One row a figure. Where other servers were measured as well: what they took, and how many times ours that is. */
function printTable(figures) {
  const servers = [...new Set(figures.flatMap(({ server }) => server ?? []))]
  const head = ['bench', 'what', 'value', 'goal', '', ...servers.flatMap((server) => [server, 'ratio'])]
  const body = figures
    .filter(({ server }) => server === undefined)
    .map(({ bench, what, value, unit, goal, goalIs }) => [
      bench,
      what,
      `${round(value)} ${unit}`,
      goal === undefined ? '' : `${goalIs === 'atLeast' ? '≥' : '≤'} ${round(goal)} ${unit}`,
      goal === undefined ? '' : (goalIs === 'atLeast' ? value >= goal : value <= goal) ? 'reached' : 'missed',
      ...servers.flatMap((server) => {
        const other = figures.find((figure) => figure.server === server && figure.what === what)
        return other === undefined ? ['', ''] : [`${round(other.value)} ${unit}`, `× ${round(other.value / value)}`]
      }),
    ])
  // A server that was measured alone has its figures shown as they are.
  if (body.length === 0 && servers.length > 0)
    return printTable(figures.map((figure) => ({ ...figure, server: undefined })))
  const widths = head.map((_, column) => Math.max(...[head, ...body].map((row) => row[column].length)))
  for (const row of [head, ...body])
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
}

function round(value) {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : Number(value.toPrecision(3)).toString()
}
