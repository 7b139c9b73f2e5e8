/**
 * What a background process runs first: it loads the server's or the node's program together with the code that V8
 * made of it in an earlier run, which saves half of a start. https://nodejs.org/docs/latest-v20.x/api/vm.html#scriptcreatecacheddata
 *
 * The build puts this file and the programs side by side; docs/decisions/code-cache.md says why it is done this way.
 */

import { createHash } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Script } from 'node:vm'

/** What a program gets: its arguments, and what to call when it has started. */
export type Program = (args: readonly string[], onStarted: () => void) => Promise<void>

/** V8 does not look for damage in its code; a digest in front of it does. */
const DIGEST = 'sha1'
const DIGEST_BYTES = 20

/** The code kept beside a program; undefined when there is none, or a damaged one. */
export function readCode(file: string): Buffer | undefined {
  let kept: Buffer
  try {
    kept = readFileSync(file)
  } catch {
    return undefined
  }
  const code = kept.subarray(DIGEST_BYTES)
  return digestOf(code).equals(kept.subarray(0, DIGEST_BYTES)) ? code : undefined
}

/** Keeps code for the next start. A folder that cannot be written costs the next start its time, and nothing else. */
export function keepCode(file: string, code: Buffer): void {
  const draft = `${file}.${process.pid}`
  try {
    writeFileSync(draft, Buffer.concat([digestOf(code), code]), { mode: 0o600 })
    renameSync(draft, file)
  } catch {
    rmSync(draft, { force: true })
  }
}

const digestOf = (code: Buffer): Buffer => createHash(DIGEST).update(code).digest()

/** Code fits one program, one release of Node and one kind of processor; V8 itself refuses what was made with other flags. */
const codeFile = (program: string): string => `${program}.${process.version}-${process.arch}.code`

type Load = (
  exports: object,
  require: NodeJS.Require,
  module: { exports: { readonly program?: Program } },
  filename: string,
  dirname: string,
) => void

/** Loads a program, which stands in `folder` as a function in a file, and runs it. */
export async function launch(folder: string, name: string, args: readonly string[]): Promise<void> {
  const filename = join(folder, `${name}.cjs`)
  const code = readCode(codeFile(filename))
  // The build sees to it that programs are plain ASCII; so the text takes one byte a character.
  const source = readFileSync(filename, 'latin1')
  const script = new Script(source, { filename, ...(code === undefined ? {} : { cachedData: code }) })
  const module: { exports: { readonly program?: Program } } = { exports: {} }
  const load = script.runInThisContext() as Load
  load(module.exports, createRequire(filename), module, filename, folder)
  const isFresh = code !== undefined && script.cachedDataRejected !== true
  // Only now it is known which of its functions a start needs.
  const onStarted = () => {
    if (!isFresh) keepCode(codeFile(filename), script.createCachedData())
  }
  const { program } = module.exports
  if (program === undefined) throw new Error(`${filename} holds no program`)
  await program(args, onStarted)
}
