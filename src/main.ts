#!/usr/bin/env node
/** The command `gorae`: ties commands to the parts that do their work, each loaded when it is needed. */

import { systemClock } from './base/clock.ts'
import { UserError } from './base/user-error.ts'
import type { CommandContext } from './cli/context.ts'
import { keepCommandWords } from './cli/image.ts'
import { createProgram } from './cli/program.ts'
import { progressUi } from './cli/print/progress.ts'
import { explain } from './cluster/machine/explain.ts'
import { operations } from './cluster/commands/operations.ts'
import { goraeHome } from './cluster/paths.ts'

/** Put in by the build. */
declare const GORAE_VERSION: string

const stop = new AbortController()

/** The first Ctrl-C ends things in order; the second ends this process. */
function onStop(name: NodeJS.Signals): void {
  if (stop.signal.aborted) process.exit(130)
  stop.abort(new UserError(`stopped by ${name}`))
}

async function confirm(question: string, otherwise: boolean): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return otherwise
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    const answer = await terminal.question(`${question} [Y/n] `, { signal: stop.signal })
    return /^(y(es)?)?$/i.test(answer.trim())
  } finally {
    terminal.close()
  }
}

async function main(): Promise<void> {
  process.on('SIGINT', onStop)
  process.on('SIGTERM', onStop)
  process.on('SIGHUP', onStop)
  const out = { isTTY: process.stderr.isTTY, write: (text: string) => void process.stderr.write(text) }
  const context: CommandContext = {
    operations,
    clock: systemClock,
    ui: progressUi(out, systemClock),
    signal: stop.signal,
    home: goraeHome(),
    version: GORAE_VERSION,
    print: (text) => void process.stdout.write(text),
    confirm,
  }
  await createProgram(context).parseAsync(keepCommandWords(process.argv.slice(2)), { from: 'user' })
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    const shown = explain(error, process.argv[2] ?? 'this')
    if (shown instanceof UserError) {
      process.stderr.write(`gorae: ${shown.message}\n`)
      if (shown.advice !== undefined) process.stderr.write(`  ${shown.advice}\n`)
    } else {
      // Ours to mend: the stack says where.
      const text =
        shown instanceof Error ? (process.env.GORAE_DEBUG === undefined ? shown.message : shown.stack) : String(shown)
      process.stderr.write(`gorae: ${text}\n`)
      if (process.env.GORAE_DEBUG === undefined)
        process.stderr.write('  this is a fault of gorae; GORAE_DEBUG=1 shows where\n')
    }
    process.exit(stop.signal.aborted ? 130 : 1)
  },
)
