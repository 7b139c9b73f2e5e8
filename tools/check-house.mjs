#!/usr/bin/env node
// The house rules that no off-the-shelf linter knows: floors, time and chance, file sizes, opening comments,
// links of the documents. The tree in docs/ARCHITECTURE.md is the picture of FLOORS; keep them equal.
import fs from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')

/** A file imports only from lower floors or from its own room. */
export const FLOORS = {
  base: 0,
  wire: 1,
  linux: 1,
  meta: 2,
  api: 3,
  storage: 4,
  client: 4,
  server: 5,
  controllers: 5,
  scheduler: 5,
  kubelet: 5,
  images: 5,
  cli: 5,
  cluster: 6,
  testing: 7,
  'main.ts': 7,
}

/** Rooms whose folders are strangers to each other, and the folders they share. */
const STRANGERS = { controllers: ['kit'], 'scheduler/plugins': [], cli: ['print'] }

const MAX_LINES = 400

/** Time and chance come from base/; `new Date(x)` of a known instant is arithmetic, `new Date()` reads the clock. */
const AMBIENT = [
  [/\bDate\.now\(/, 'Date.now()'],
  [/\bnew Date\(\)/, 'new Date()'],
  [/(?<![.\w])set(Timeout|Interval|Immediate)\(/, 'a bare timer'],
  [/\bMath\.random\(/, 'Math.random()'],
  [/\brandomUUID\(/, 'randomUUID()'],
  [/\bperformance\.now\(/, 'performance.now()'],
]

const faults = []
const fault = (file, text) => faults.push(`${path.relative(root, file)}: ${text}`)

const walk = (dir) =>
  fs.readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const full = path.join(dir, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' || entry.name === 'generated' ? [] : walk(full)
    return [full]
  })

const roomOf = (relative) => {
  const [first] = relative.split('/')
  return first
}

function checkImports(file, relative, text) {
  const room = roomOf(relative)
  const floor = FLOORS[room]
  if (floor === undefined)
    return fault(file, `the room "${room}" is not in the tree; add it to FLOORS and to docs/ARCHITECTURE.md`)
  for (const match of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
    const target = path.relative(path.join(root, 'src'), path.resolve(path.dirname(file), match[1]))
    if (target.startsWith('..')) {
      if (!relative.endsWith('.test.ts') && !target.endsWith('package.json'))
        fault(file, `imports from outside src: ${match[1]}`)
      continue
    }
    const other = roomOf(target)
    if (other !== room && !(FLOORS[other] < floor)) {
      fault(
        file,
        `floor ${floor} (${room}) imports ${target} of floor ${FLOORS[other]}; only lower floors and the own room`,
      )
    }
    checkStrangers(file, relative, target)
  }
}

function checkStrangers(file, relative, target) {
  for (const [room, shared] of Object.entries(STRANGERS)) {
    const inside = (p) => (p.startsWith(`${room}/`) ? p.slice(room.length + 1).split('/') : undefined)
    const from = inside(relative)
    const to = inside(target)
    if (from === undefined || to === undefined || from.length < 2 || to.length < 2) continue
    if (from[0] !== to[0] && !shared.includes(to[0])) fault(file, `${from[0]} and ${to[0]} are strangers in ${room}/`)
  }
}

function checkAmbient(file, relative, text) {
  if (relative.startsWith('base/')) return
  for (const [index, line] of text.split('\n').entries()) {
    const code = line.replace(/\/\/.*$/, '').replace(/^\s*\*.*$/, '')
    for (const [pattern, name] of AMBIENT) {
      if (pattern.test(code)) fault(file, `line ${index + 1} uses ${name}; time and chance are injected (src/base)`)
    }
  }
}

function checkShape(file, relative, text) {
  const lines = text.split('\n').length
  if (lines > MAX_LINES && !relative.endsWith('.test.ts'))
    fault(file, `${lines} lines; split by concept (at most ${MAX_LINES})`)
  if (!/^(#!.*\n)?\s*\/\*\*/.test(text) && !relative.endsWith('.test.ts'))
    fault(file, 'opens without saying what it is for')
}

function checkLinks(file) {
  const text = fs.readFileSync(file, 'utf8')
  for (const match of text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)) {
    if (!fs.existsSync(path.resolve(path.dirname(file), match[1])))
      fault(file, `links to ${match[1]}, which is not there`)
  }
}

for (const file of walk(path.join(root, 'src')).filter((name) => name.endsWith('.ts'))) {
  const relative = path.relative(path.join(root, 'src'), file).split(path.sep).join('/')
  const text = fs.readFileSync(file, 'utf8')
  checkImports(file, relative, text)
  checkAmbient(file, relative, text)
  checkShape(file, relative, text)
}
const documents = walk(root).filter((name) => name.endsWith('.md'))
documents.forEach(checkLinks)

if (faults.length > 0) {
  console.error(faults.join('\n'))
  console.error(`${faults.length} house rules broken`)
  process.exit(1)
}
