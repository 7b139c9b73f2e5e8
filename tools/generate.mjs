/**
 * Writes `src/api/generated/` from the facts in `tools/facts/`. `--check` writes none of it and fails when what is there
 * differs. Descriptions come from the typings of the dev dependency @kubernetes/client-node and are not kept with the
 * sources: their file is written wherever it is missing or old.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readFacts } from './generate/read-facts.mjs'
import { typeFiles } from './generate/types.mjs'
import { factsFile } from './generate/schema-facts.mjs'
import { columnsFile, resourcesFile } from './generate/resources.mjs'
import { descriptionsFile } from './generate/descriptions.mjs'

const root = join(import.meta.dirname, '..')
const target = join(root, 'src/api/generated')
const facts = readFacts(join(root, 'tools/facts'))

const files = new Map([
  ...typeFiles(facts, readFileSync(join(root, 'src/meta/types.ts'), 'utf8')),
  ['facts.ts', factsFile(facts)],
  ['resources.ts', resourcesFile(facts)],
  ['columns.ts', columnsFile(facts)],
])
const descriptions = descriptionsFile(facts, join(root, 'node_modules/@kubernetes/client-node/dist/gen/models'))
const DESCRIPTIONS = 'descriptions.ts'

mkdirSync(target, { recursive: true })
writeIfOther(DESCRIPTIONS, descriptions)
utimesSync(join(target, DESCRIPTIONS), new Date(), new Date())

if (process.argv.includes('--check')) {
  const stale = [...files].filter(([name, text]) => readOrEmpty(join(target, name)) !== text).map(([name]) => name)
  const extra = readdirSync(target).filter((name) => name !== DESCRIPTIONS && !files.has(name))
  for (const name of stale) console.error(`src/api/generated/${name} differs from the facts: run npm run generate`)
  for (const name of extra) console.error(`src/api/generated/${name} is not generated: move it elsewhere`)
  process.exitCode = stale.length + extra.length > 0 ? 1 : 0
} else {
  for (const name of readdirSync(target)) if (name !== DESCRIPTIONS && !files.has(name)) rmSync(join(target, name))
  for (const [name, text] of files) writeIfOther(name, text)
}

function writeIfOther(name, text) {
  if (readOrEmpty(join(target, name)) !== text) writeFileSync(join(target, name), text)
}

function readOrEmpty(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
