/** `gorae down` and `gorae stop`: take clusters down, for good or until the next `up`. */

import type { Command } from 'commander'

import { UserError } from '../base/user-error.ts'
import type { CommandContext } from './context.ts'

export function downCommand(program: Command, context: CommandContext): void {
  program
    .command('down')
    .description('take a cluster down and remove all of it')
    .option('--name <name>', 'the cluster', 'default')
    .option('--all', 'every cluster of this $GORAE_HOME')
    .action((flags: { name: string; all?: true }) => takeDown(context, flags, false))
  program
    .command('stop')
    .description('stop a cluster and keep its objects; "gorae up" brings it back')
    .option('--name <name>', 'the cluster', 'default')
    .option('--all', 'every cluster of this $GORAE_HOME')
    .action((flags: { name: string; all?: true }) => takeDown(context, flags, true))
}

async function takeDown(context: CommandContext, flags: { name: string; all?: true }, keep: boolean): Promise<void> {
  const { operations, home, ui, signal } = context
  const names = flags.all === true ? await operations.clusters(home) : [flags.name]
  if (names.length === 0) ui.note('There is no cluster.')
  const failures: unknown[] = []
  for (const name of names) {
    const title = keep ? `Stopping the cluster "${name}"` : `Taking down the cluster "${name}"`
    try {
      if (await operations.exists(home, name))
        await ui.step(title, () => operations.down(home, name, { keep }, ui, signal))
      else ui.note(`There is no cluster "${name}".`)
    } catch (error) {
      failures.push(error) // one that cannot be taken down must not keep the others
      if (error instanceof UserError && names.length > 1) ui.note(error.message)
    }
  }
  await operations.tidy(home).catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw failures[0]
}
