/** `gorae logs`: what the server or a node wrote. */

import { createReadStream, existsSync, statSync, watch } from 'node:fs'
import { finished } from 'node:stream/promises'
import type { Command } from 'commander'

import { UserError } from '../base/user-error.ts'
import type { CommandContext } from './context.ts'

export function logsCommand(program: Command, context: CommandContext): void {
  program
    .command('logs')
    .description('print the log of the server or of a node')
    .argument('[part]', 'server or a node', 'server')
    .option('--name <name>', 'the cluster', 'default')
    .option('-f, --follow', 'go on printing as it grows')
    .action(async (part: string, flags: { name: string; follow?: true }) => {
      const file = await context.operations.logFile(context.home, flags.name, part)
      if (!existsSync(file)) throw new UserError(`there is no log ${file} yet`)
      let end = await printFrom(file, 0)
      if (flags.follow !== true) return
      await new Promise<void>((resolve) => {
        let reading = Promise.resolve()
        const watcher = watch(file, () => {
          reading = reading.then(async () => {
            end = await printFrom(file, statSync(file).size < end ? 0 : end)
          })
        })
        context.signal.addEventListener('abort', () => resolve(watcher.close()), { once: true })
      })
    })
}

/** Copies what the file has after `start` to standard output. Returns where it ended. */
async function printFrom(file: string, start: number): Promise<number> {
  const source = createReadStream(file, { start })
  source.on('data', (chunk) => process.stdout.write(chunk))
  await finished(source)
  return start + source.bytesRead
}
